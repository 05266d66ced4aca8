"""What an ended attempt comes to: the agent's claim, its process, its work, the check, the merge (decisions 4, 8).

It runs git and the user's check, and touches no store: it may be killed at any point and run again.
"""

from __future__ import annotations

import threading

from wg.dispatch.check import end_check, run_check
from wg.dispatch.jobs import Jobs
from wg.graph import lifecycle
from wg.graph.attempt import Attempt, Outcome, Settlement, Workplace
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees import git
from wg.worktrees.leftovers import Leftovers, commit_leftovers
from wg.worktrees.merge import Merge, has_work, merge
from wg.worktrees.workplace import working_directory

# attempts in a row that never started or were lost; then it is the task, or the machine, and a person is told
REPEATS = 3
_COUNTED = ("not-started", "lost")
# ended by a person, or its dispatcher was gone before it began: no fault of the task, however often
_UNCOUNTED = ("killed", "interrupted")
_CHECKS_AT_ONCE = 4


class Hold(NamedTuple):
    """The work is there, and something that a person or time must clear stands in the way."""

    reason: str


Judgement = Settlement | Hold | None


class Judge:
    """Judges ended attempts, in any thread."""

    def __init__(self, project: Project, jobs: Jobs) -> None:
        self._project = project
        self._jobs = jobs
        self._cancelled = jobs.cancelled
        self._checking = threading.BoundedSemaphore(_CHECKS_AT_ONCE)
        self._merging = threading.Lock()  # one merge at a time: each moves the base that the next starts from
        self._checked: dict[int, str] = {}  # by fence the commit that its check has passed on

    def judge(self, attempt: Attempt, task: Task, earlier: list[Attempt]) -> Judgement:
        """What becomes of `task`; None if the dispatcher is stopping. `earlier` are its attempts before this one.

        Raises WgError where git fails: then nothing is decided, and it is tried again.
        """
        outcome = attempt.outcome
        assert outcome is not None, "only an ended attempt is judged"
        if attempt.claim == "fail":
            return _failed(attempt.claim_reason or "the agent says that it failed")
        if outcome.failure_class in _COUNTED:
            return _repeat(outcome, earlier)
        if outcome.failure_class in _UNCOUNTED:
            return Settlement(lifecycle.REQUEUED, "", outcome.message)
        if not outcome.succeeded:
            return _failed(outcome.message)
        place = attempt.workplace
        assert place is not None, "what has run was prepared"
        if task.check:
            end_check(attempt, self._project)
        if place.branch:
            return self._judge_branch(attempt, task, place)
        return self._checked_or(attempt, task, place, Settlement(lifecycle.SUCCEEDED, "", _without_branch(task)))

    def _judge_branch(self, attempt: Attempt, task: Task, place: Workplace) -> Judgement:
        leftovers = commit_leftovers(self._project.root, place, task.title)
        if leftovers.held:
            return Hold(_held(place, leftovers))
        if task.needs_work and not has_work(self._project.root, place):
            return _failed("the agent ended without error, but left no work: no commit and no changed file")
        blocked = self._checked_or(attempt, task, place, None)
        if blocked is not None or self._cancelled.is_set():
            return blocked
        with self._merging:
            merged = merge(self._project.root, place, task.title, attempt.fence, task.id)
        if merged.state == "merged":
            return Settlement(lifecycle.SUCCEEDED, "", f"merged into {place.base_branch} as {merged.commit[:12]}")
        if merged.state == "nothing":
            return Settlement(lifecycle.SUCCEEDED, "", "done; there was nothing to merge")
        return Hold(_not_merged(place, merged))

    def _checked_or(
        self, attempt: Attempt, task: Task, place: Workplace, passed: Settlement | None
    ) -> Settlement | None:
        """`passed` if the task's check passes or it has none, else the failure; None if cancelled."""
        if not task.check:
            return passed
        tip = git.branch_tip(place.directory, place.branch) if place.branch else None
        if tip and self._checked.get(attempt.fence) == tip:
            return passed
        where = working_directory(self._project.root, place)
        with self._jobs.aside(), self._checking:
            checked = run_check(task.check, attempt, where, self._project, self._cancelled)
        if checked is None:
            return None
        if not checked.passed:
            return _failed(checked.why)
        if tip:
            self._checked[attempt.fence] = tip
        return passed


def _failed(reason: str) -> Settlement:
    return Settlement(lifecycle.FAILED, reason, reason)


def _repeat(outcome: Outcome, earlier: list[Attempt]) -> Settlement:
    """Not the task's fault, so it is not charged (F1); but not for ever (F9)."""
    in_a_row = 1
    for attempt in reversed(earlier):
        failure = attempt.outcome.failure_class if attempt.outcome else ""
        if failure in _COUNTED:
            in_a_row += 1
        elif failure not in _UNCOUNTED:
            break
    if in_a_row >= REPEATS:
        return _failed(f"{in_a_row} attempts in a row never started or were lost; the last one: {outcome.message}")
    return Settlement(lifecycle.REQUEUED, "", outcome.message)


def _without_branch(task: Task) -> str:
    if task.exec:
        return "the command succeeded"
    return "the agent ended without error; without git there is nothing to compare its work with"


def _held(place: Workplace, leftovers: Leftovers) -> str:
    listed = ", ".join(f"{path} ({why})" for path, why in leftovers.held)
    return f"not committed in {place.directory}: {listed}; commit, ignore or remove it there, and the work goes on"


def _not_merged(place: Workplace, merged: Merge) -> str:
    paths = f": {', '.join(merged.paths)}" if merged.paths else ""
    if merged.state == "conflict":
        return f"{merged.reason}{paths}; merge {place.branch} into {place.base_branch} by hand, and the work goes on"
    return f"the merge waits: {merged.reason}{paths}"
