"""The merge queue: one merge at a time, each checked before the base branch moves (DESIGN.md, decision 7).

What does not fit together with the base goes back to an agent, a few times; then it waits for a person.
"""

from __future__ import annotations

import os
import threading

from wg.config.load import Config
from wg.config.schema import KEYS
from wg.dispatch.check import Checked, Checks
from wg.dispatch.hold import Hold
from wg.dispatch.jobs import Jobs
from wg.dispatch.setup import set_up
from wg.graph import lifecycle
from wg.graph.attempt import Attempt, Settlement, Workplace
from wg.graph.store import Store
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.text import parse_duration
from wg.worktrees import git
from wg.worktrees.leftovers import Leftovers
from wg.worktrees.merge import Merge, merge
from wg.worktrees.scratch import scratch_checkout
from wg.worktrees.workplace import working_directory


class MergeRules(NamedTuple):
    """What the config says about merging."""

    rounds: int  # how often work may go back to an agent because it does not fit together with the base
    setup_timeout: float  # seconds that .wg/worktree-setup may take


def merge_rules(config: Config | None) -> MergeRules:
    """The rules of the config in force; its defaults, where none was ever read."""
    if config is None:
        rounds, timeout = KEYS["dispatcher.conflict_rounds"].default, KEYS["dispatcher.worktree_setup_timeout"].default
        assert isinstance(rounds, int) and isinstance(timeout, str)
        return MergeRules(rounds, parse_duration(timeout))
    return MergeRules(config.number("dispatcher.conflict_rounds"), config.seconds("dispatcher.worktree_setup_timeout"))


class Merger:
    """Merges, in any thread."""

    def __init__(self, project: Project, jobs: Jobs, checks: Checks) -> None:
        self._project = project
        self._jobs = jobs
        self._checks = checks
        self._queue = threading.Lock()  # each merge moves the base that the next one starts from

    def merge(self, attempt: Attempt, task: Task, place: Workplace, rules: MergeRules) -> Settlement | Hold | None:
        """Bring the attempt's branch into its base branch; None if the dispatcher is stopping. Raises WgError."""
        trial = _Trial(self._project, self._jobs, self._checks, attempt, task, place, rules)
        # the queue is waited for aside: a check in it may take long, and holds up nothing else
        with self._jobs.aside(), self._queue:
            if self._jobs.cancelled.is_set():
                return None
            merged = merge(
                self._project.root, place, task.title, attempt.fence, task.id, attempt.route.model, trial.accepts
            )
        if merged.state == "merged":
            return Settlement(lifecycle.SUCCEEDED, "", f"merged into {place.base_branch} as {merged.commit[:12]}")
        if merged.state == "nothing":
            return Settlement(lifecycle.SUCCEEDED, "", "done; there was nothing to merge")
        if merged.state == "conflict":
            return _conflict(task, place, merged, rules)
        if merged.state == "unfit" and trial.was_given_up:
            return None
        if merged.state == "unfit":
            return _unfit(task, place, merged, trial.checked, rules)
        return Hold(f"the merge waits: {merged.reason}{_listed(merged.paths)}", "merge")


class _Trial:
    """Runs the task's check on a merge, in a worktree of its own, where the base has changed anything."""

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        checks: Checks,
        attempt: Attempt,
        task: Task,
        place: Workplace,
        rules: MergeRules,
    ) -> None:
        self.checked: Checked | None = None  # None: no check was needed, or it was cancelled
        self.was_given_up = False  # by a person, while the check ran
        self._project = project
        self._jobs = jobs
        self._checks = checks
        self._attempt = attempt
        self._task = task
        self._place = place
        self._rules = rules

    def accepts(self, commit: str) -> bool:
        """Whether the base branch may move to `commit`."""
        if not self._task.check:
            return True
        tree = git.run(self._project.root, "rev-parse", f"{commit}^{{tree}}").text
        self.checked = self._checks.known(self._attempt, tree)
        if self.checked is None:
            self.checked = self._check(commit, tree)
            self.was_given_up = not self._is_wanted()
        return self.checked is not None and self.checked.passed and not self.was_given_up

    def _is_wanted(self) -> bool:
        """A check may take long, and a person may have given the attempt up meanwhile. Jobs have no store of theirs."""
        with Store.open(self._project.database) as store:
            return store.attempt(self._attempt.fence).state != "settled"

    def _check(self, commit: str, tree: str) -> Checked | None:
        project, attempt, cancelled = self._project, self._attempt, self._jobs.cancelled
        with scratch_checkout(project.root, project.dir, attempt.fence, commit) as path:
            set_up(project, attempt, path, self._rules.setup_timeout, cancelled)
            where = working_directory(project.root, self._place._replace(directory=path))
            os.makedirs(where, exist_ok=True)  # git makes no directory in which it tracks nothing
            return self._checks.run(attempt, self._task, where, tree)


def unresolved(task: Task, place: Workplace, leftovers: Leftovers, rules: MergeRules) -> Settlement | Hold:
    """The agent was to resolve conflicts, and has not decided all of them."""
    paths = ", ".join(leftovers.conflicts)
    if task.conflicts >= rules.rounds:
        return Hold(
            f"conflicts with {place.base_branch} are not resolved: {paths}; in {place.directory}, edit those with "
            f"conflict markers until none are left, {_WITHOUT_MARKERS}; then the work goes on",
            "merge",
        )
    verdict = f"conflicts with {place.base_branch} are not resolved: {paths}. {_HOW_TO_RESOLVE}"
    return Settlement(lifecycle.REQUEUED, "", verdict, merging=place.merging)


_WITHOUT_MARKERS = (
    "say with git add or git rm what should be of those without (deleted on one side, or binary), and move or remove "
    "what git has named PATH~COMMIT or PATH~HEAD"
)
_HOW_TO_RESOLVE = (
    "Edit these files so that both sides' intentions are kept and no conflict markers (<<<<<<< and >>>>>>>) are left. "
    "Where one has none (it was deleted on one side, or is binary), it is as one side has it, not decided until you "
    "change it, remove it, or say with git add or git rm what should be. What git has named PATH~COMMIT or PATH~HEAD "
    "had no place: move or remove it. wg commits the merge."
)


def _conflict(task: Task, place: Workplace, merged: Merge, rules: MergeRules) -> Settlement | Hold:
    base, paths = place.base_branch, _listed(merged.paths)
    if task.conflicts >= rules.rounds:
        return Hold(f"{merged.reason}{paths}; merge {place.branch} into {base} by hand, and the work goes on", "merge")
    verdict = (
        f"the work is there and conflicts with what has come to {base} meanwhile{paths}. "
        f"wg has merged {base} into the worktree. {_HOW_TO_RESOLVE}"
    )
    return Settlement(lifecycle.REQUEUED, "", verdict, merging=merged.base)


def _unfit(
    task: Task, place: Workplace, merged: Merge, checked: Checked | None, rules: MergeRules
) -> Settlement | Hold | None:
    if checked is None:
        return None  # cancelled
    base = place.base_branch
    why = f"the work is there, and its check fails only together with what has come to {base} meanwhile: {checked.why}"
    if task.conflicts >= rules.rounds:
        return Hold(f"{why}; mend {place.branch} or {base} by hand, and the work goes on", "merge")
    verdict = f"{why}. wg has merged {base} into the worktree: make the check pass there."
    return Settlement(lifecycle.REQUEUED, "", verdict, merging=merged.base)


def _listed(paths: tuple[str, ...]) -> str:
    return f": {', '.join(paths)}" if paths else ""
