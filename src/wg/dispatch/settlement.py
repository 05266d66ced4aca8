"""What an ended attempt comes to: the agent's claim, its process, its work, the check, the merge (decisions 4, 8).

It runs git and the user's check, and touches no store: it may be killed at any point and run again.
"""

from __future__ import annotations

from wg.dispatch.check import Checks
from wg.dispatch.commands import end_commands
from wg.dispatch.evidence import lasting_artifact, transient_artifact
from wg.dispatch.hold import Hold
from wg.dispatch.jobs import Jobs
from wg.dispatch.limits import Record
from wg.dispatch.merging import Merger, MergeRules, merge_rules, unresolved
from wg.dispatch.places import with_present_base
from wg.dispatch.saving import held, save
from wg.executors import failures
from wg.graph import lifecycle
from wg.graph.attempt import FAIL, Attempt, Kill, Settlement, Workplace
from wg.graph.lifecycle import APPROVAL
from wg.graph.task import DIRECTORY, Task
from wg.locations import Project
from wg.worktrees import git
from wg.worktrees.leftovers import Leftovers, commit_leftovers, remove_traces
from wg.worktrees.merge import has_work
from wg.worktrees.workplace import is_merged, restore, working_directory

# attempts in a row that never started or were lost; then it is the task, or the machine, and a person is told
REPEATS = 3
_COUNTED = ("not-started", "lost")
# ended by a person, or its dispatcher was gone before it began: no fault of the task, however often
_UNCOUNTED = ("killed", "interrupted")

Judgement = Settlement | Hold | None


class Judge:
    """Judges ended attempts, in any thread."""

    def __init__(self, project: Project, jobs: Jobs) -> None:
        self._project = project
        self._jobs = jobs
        self._cancelled = jobs.cancelled
        self._checks = Checks(project, jobs.cancelled)
        self._merger = Merger(project, jobs, self._checks)

    def judge(self, record: Record, rules: MergeRules | None = None) -> Judgement:
        """What becomes of the task of an ended attempt; None if the dispatcher is stopping.

        Raises WgError where git fails: then nothing is decided, and it is tried again.
        """
        record = self._with_present_base(record)
        attempt, task = record.attempt, record.task
        unsuccessful = _judge_end(record)
        if unsuccessful is not None:
            return save(self._project, attempt, task, unsuccessful)
        place = attempt.workplace
        assert place is not None, "what has run was prepared"
        if attempt.claim == "wait":
            return self._park(attempt, task, place)
        if task.unread and not task.exec:
            return save(self._project, attempt, task, _unheard(task))
        if task.check:
            end_commands(attempt, self._project)
        if place.branch and not place.read_only:
            return self._judge_branch(record, place, rules or merge_rules(None))
        blocked = self._check(record, place)
        if blocked is not None or self._cancelled.is_set():
            return blocked
        return _unapproved(attempt, task, place) or Settlement(lifecycle.SUCCEEDED, "", _without_branch(task, place))

    def _with_present_base(self, record: Record) -> Record:
        place = record.attempt.workplace
        if place is None:
            return record
        return record._replace(attempt=record.attempt._replace(workplace=with_present_base(self._project, place)))

    def _park(self, attempt: Attempt, task: Task, place: Workplace) -> Judgement:
        """What was done so far stays on the branch, until what the agent waits for has come."""
        leftovers = self._commit_leftovers(attempt, task, place)
        if leftovers.needs_person and not leftovers.conflicts:
            return held(place, leftovers)
        return Settlement(lifecycle.PARKED, attempt.claim_reason, f"waits {attempt.claim_reason}")

    def _commit_leftovers(self, attempt: Attempt, task: Task, place: Workplace) -> Leftovers:
        """Where the worktree has gone since the last look, its branch has all that was seen there, and it goes on."""
        seen = bool(attempt.hold) or (has_work(self._project.root, place) and is_merged(self._project.root, place))
        if seen and place.branch and not place.read_only:
            restore(self._project.root, self._project.dir, place)
        return commit_leftovers(self._project.root, place, task.title)

    def _judge_branch(self, record: Record, place: Workplace, rules: MergeRules) -> Judgement:
        attempt, task = record.attempt, record.task
        leftovers = self._commit_leftovers(attempt, task, place)
        if leftovers.conflicts:
            return unresolved(task, place, leftovers, rules)
        if leftovers.needs_person:
            return held(place, leftovers)
        if lacking := self._lacking(record, place):
            return record.failed(failures.NO_EVIDENCE, lacking)
        blocked = self._check(record, place)
        if blocked is not None or self._cancelled.is_set():
            return blocked
        if unapproved := _unapproved(attempt, task, place):
            return unapproved
        return self._merger.merge(attempt, task, place, rules)

    def _lacking(self, record: Record, place: Workplace) -> str:
        """Why the work is not there; "" if it is: as commits, or as a declared artifact elsewhere."""
        if not record.task.needs_work or has_work(self._project.root, place):
            return ""
        if lasting_artifact(self._project.root, record.attempt, place, record.artifacts):
            return ""
        reason = "the agent ended without error, but left no work: no commit and no changed file"
        gone = transient_artifact(place, record.artifacts)
        return f"{reason}; git ignores {gone}, and it goes with the worktree" if gone else reason

    def _check(self, record: Record, place: Workplace) -> Settlement | None:
        """The failure if the task's check does not pass; None if it passes, or was cancelled."""
        attempt, task = record.attempt, record.task
        if not task.check:
            return None
        tree = ""
        if place.branch and not place.read_only:
            tree = git.run(place.directory, "rev-parse", f"refs/heads/{place.branch}^{{tree}}").text
        checked = self._checks.known(attempt, tree)
        if checked is None:
            where = working_directory(self._project.root, place)
            with self._jobs.aside():
                checked = self._checks.run(attempt, task, where, tree)
            if checked is not None and checked.passed:
                remove_traces(self._project.root, place)
        return None if checked is None or checked.passed else record.failed(failures.CHECK_FAILED, checked.why)


def _judge_end(record: Record) -> Settlement | None:
    """What becomes of the task of an attempt that did not succeed; None if it did."""
    attempt, outcome = record.attempt, record.attempt.outcome
    assert outcome is not None, "only an ended attempt is judged"
    if attempt.kill is not None:
        return killed(attempt.kill)
    if attempt.claim == "fail":
        reason = attempt.claim_reason or "the agent says that it failed"
        return Settlement(lifecycle.FAILED, reason, reason)
    if outcome.failure_class in (failures.NOT_STARTED, failures.LOST):
        return record.came_to_nothing(outcome.failure_class, outcome.message)
    if outcome.failure_class in failures.UNCHARGED:
        return Settlement(lifecycle.REQUEUED, "", outcome.message)
    if not outcome.succeeded:
        return record.failed(outcome.failure_class, outcome.message)
    return None


def _unheard(task: Task) -> Settlement:
    """What was written to an agent at work is not lost with it: the next one goes on with that in its prompt."""
    messages = "a message has" if task.unread == 1 else f"{task.unread} messages have"
    return Settlement(lifecycle.REQUEUED, "", f"{messages} come that its agent had not read")


def _unapproved(attempt: Attempt, task: Task, place: Workplace) -> Hold | None:
    if not task.approval or attempt.approved:
        return None
    where = f"; its work is on {place.branch}" if place.branch else ""
    return Hold(f"until a person says wg approve {task.id} or wg reject {task.id}{where}", APPROVAL)


def killed(wish: Kill) -> Settlement:
    """What a person has asked for holds however the attempt came to its end: also if it was quicker and succeeded."""
    said = f"killed by {wish.by}{': ' if wish.reason else ''}{wish.reason}"
    return Settlement(lifecycle.FAILED if wish.then == FAIL else lifecycle.REQUEUED, said, said)


def _without_branch(task: Task, place: Workplace) -> str:
    if task.exec:
        return "the command succeeded"
    if place.read_only:
        return "the agent ended without error; it was to change nothing, and nothing is taken"
    if task.workplace == DIRECTORY:
        return "the agent ended without error; it worked in the project directory, so nothing is merged"
    return "the agent ended without error; without git there is nothing to compare its work with"
