"""One tick in the foreground, for finding out why something is or is not started."""

from __future__ import annotations

import time
from collections.abc import Callable

from wg.dispatch.context import Context, context_of
from wg.dispatch.daemon import CLOSE_SECONDS, dispatchers_lock
from wg.dispatch.follow import STILL_SECONDS
from wg.dispatch.launcher import Launcher
from wg.dispatch.log import Told
from wg.dispatch.orphans import await_git
from wg.dispatch.pauses import Pauses
from wg.dispatch.report import report
from wg.dispatch.watcher import Watcher
from wg.graph.store import Store
from wg.locations import Project

_WAIT_SECONDS = 1.0  # at a time, for jobs


def tick(project: Project, tell: Callable[[str], None]) -> None:
    """Settle and start what a dispatcher would now, and `tell` each decision in a line. Agents that run go on.

    It waits for what it has begun itself: checks, merges, worktrees. Raises BusyError where a dispatcher runs.
    """
    with dispatchers_lock(project), Store.open(project.database) as store:
        await_git(project)
        context = context_of(project, store, Told(tell))
        pauses = Pauses(context)
        launcher = Launcher(context, pauses)
        try:
            launcher.look_at_repository()
            time.sleep(STILL_SECONDS)  # a file that is just being written is not to be read yet
            _finish(context)
            context.follower.current()
            Watcher(context, launcher, pauses).run()
            launcher.start_ready()
            _finish(context)
        finally:
            context.jobs.close(CLOSE_SECONDS)
        for line in _standing(context, launcher):
            tell(line)


def _finish(context: Context) -> None:
    """Await every job, and those that they lead to."""
    while context.jobs.are_under_way():
        context.jobs.finish(_WAIT_SECONDS)


def _standing(context: Context, launcher: Launcher) -> list[str]:
    """How things stand after it, and why what is ready was not started."""
    found = report(context.store, context.now())
    lines = [f"{task} waits: {reason}" for task, reason in found.waiting]
    if found.paused is not None:
        lines.append(f"nothing new is started: paused by {found.paused.by}")
    if launcher.serial_reason:
        lines.append(f"agents run one at a time in the project directory: {launcher.serial_reason}")
    counts = found.counts
    return [*lines, f"{len(found.running)} running, {counts['ready']} ready, {counts['blocked']} blocked"]
