"""Follows attempts that are under way to their end, and settles them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

from wg import processes
from wg.dispatch import finished, places, recovery
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.context import Context
from wg.dispatch.hold import Hold
from wg.dispatch.jobs import Then
from wg.dispatch.launcher import Launcher, attempt_key
from wg.dispatch.limits import Record, limits_of
from wg.dispatch.merging import merge_rules
from wg.dispatch.pauses import Pauses
from wg.dispatch.settlement import Judge, Judgement, killed
from wg.errors import WgError
from wg.graph import lifecycle
from wg.graph.attempt import Attempt, Outcome, Settlement


class Watcher:
    """Level-triggered: what is to be done with an attempt follows from its state alone."""

    def __init__(self, context: Context, launcher: Launcher, pauses: Pauses) -> None:
        self._context = context
        self._launcher = launcher
        self._pauses = pauses
        self._judge = Judge(context.project, context.jobs)

    def run(self) -> None:
        """Look at every attempt that is not settled. Trouble with one does not keep the others from it."""
        for attempt in self._context.store.attempts(("claimed", "running", "ended")):
            try:
                self._look_at(attempt)
            except (WgError, OSError) as error:
                self._context.log.error(attempt_key(attempt), error)

    def _look_at(self, attempt: Attempt) -> None:
        if attempt.state == "ended":
            self._settle(attempt)
        elif attempt.state == "running" or not self._launcher.is_launching(attempt):
            self._watch(attempt)

    def remove_finished_worktrees(self) -> None:
        """What a dispatcher that was killed did not come to remove."""
        project, store = self._context.project, self._context.store
        for attempt in finished.scratch_attempts(project, store):
            self._start(attempt_key(attempt), partial(finished.clear_scratch, project, attempt))

        def work() -> Then:
            names = places.agents_with_places(project)
            return lambda: self._clear(partial(finished.all_finished, project, store, names))

        self._context.jobs.start("worktrees", work)

    def _watch(self, attempt: Attempt) -> None:
        """Take in how it ended, where the store was not told; recover it, where its process is gone."""
        context = self._context
        if attempt.supervisor is not None and processes.is_alive(attempt.supervisor):
            if attempt.kill is not None:  # whoever asked for it may have been killed before it was signalled
                processes.send(attempt.supervisor, signal.SIGTERM)
            written = AttemptFiles(context.project, attempt.fence).read_outcome()
            if written is not None:
                self._end(attempt, written)
            return

        def work() -> Then:
            outcome = recovery.ended_outcome(context.project, attempt, context.now())
            return lambda: self._end(attempt, outcome)

        context.jobs.start(attempt_key(attempt), work)

    def _end(self, attempt: Attempt, outcome: Outcome | None) -> None:
        context = self._context
        if outcome is None:
            context.jobs.rest(attempt_key(attempt))
        elif context.store.attempt(attempt.fence).state in ("claimed", "running"):
            context.store.end(attempt.fence, outcome, context.now())

    def _settle(self, attempt: Attempt) -> None:
        context = self._context
        self._pauses.take_in(attempt)  # before the task is free again, and before anything else is started
        task = context.store.task(attempt.task_id)
        earlier = [one for one in context.store.attempts_of(task.id) if one.fence < attempt.fence]
        in_force = context.follower.in_force
        config = in_force.config if in_force else None
        artifacts = tuple(context.store.labels(task.id)["artifact"])
        record = Record(task, attempt, earlier, limits_of(config), context.now(), artifacts)
        rules = merge_rules(config)

        def work() -> Then:
            try:
                judgement = self._judge.judge(record, rules)
            except (WgError, OSError) as error:  # git, or the check, cannot be run: a person must see it
                judgement = Hold(str(error))
            return lambda: self._apply(attempt, judgement)

        context.jobs.start(attempt_key(attempt), work)

    def _apply(self, attempt: Attempt, judgement: Judgement) -> None:
        context = self._context
        wish = context.store.attempt(attempt.fence).kill
        if wish is not None and not _is_done(judgement):
            judgement = killed(wish)  # it came while the work was judged
        if judgement is None:
            return
        if isinstance(judgement, Hold):
            if judgement.reason != context.store.task(attempt.task_id).reason:
                context.log.write(f"{attempt.task_id} waits: {judgement.reason}")
            context.store.hold(attempt.fence, judgement.reason, context.now(), judgement.kind)
            context.jobs.rest(attempt_key(attempt))
            return
        if context.store.settle(attempt.fence, judgement, context.now()):
            context.log.write(f"attempt {attempt.fence} of {attempt.task_id} {judgement.event}: {judgement.verdict}")
        else:
            context.log.write(
                f"attempt {attempt.fence} of {attempt.task_id} was given up meanwhile: {judgement.verdict}"
            )

        self._clear(partial(finished.finished_of, context.project, context.store, attempt.task_id))

    def _clear(self, find: Callable[[], list[finished.Finished]]) -> None:
        try:
            found = find()
        except WgError as error:  # project.toml cannot be read, say: nothing is lost by leaving them
            self._context.log.error("worktrees", error)
            return
        for each in found:
            self._start(f"worktree {each.place.directory}", partial(finished.clear, self._context.project, each))

    def _start(self, key: str, remove: Callable[[], None]) -> None:
        context = self._context

        def work() -> Then:
            try:
                remove()
            except WgError as error:
                message = error.message
                return lambda: context.log.write(message)
            return lambda: None

        context.jobs.start(key, work)


def _is_done(judgement: Judgement) -> bool:
    return isinstance(judgement, Settlement) and judgement.event == lifecycle.SUCCEEDED
