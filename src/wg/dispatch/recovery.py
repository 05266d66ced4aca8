"""Attempts whose process is gone: proven dead, ended to the last process, and only then free (decision 5)."""

from __future__ import annotations

import os

from wg import processes
from wg.dispatch.attempt_files import AttemptFiles
from wg.errors import NotFoundError, WgError
from wg.executors.events import last_line
from wg.graph.attempt import Attempt, Outcome, Usage
from wg.graph.store import Store
from wg.locations import Project
from wg.worktrees.workplace import remove


def ended_outcome(project: Project, attempt: Attempt, now: float) -> Outcome | None:
    """How an attempt ended whose supervisor is dead, or was never heard of; None while one may still be on its way.

    Ends every process that carries the attempt's mark, so it may take some seconds. Raises WgError if one of them
    will not die: then the attempt is not over, and no second one may start (fault F4).
    """
    launching = attempt.supervisor is None and now < attempt.launch_deadline
    if launching and processes.marked(attempt.fence, project.dir):
        return None  # a dispatcher that was killed had just started its supervisor
    written = AttemptFiles(project, attempt.fence).read_outcome()
    if written is not None:
        return written
    if not processes.end(lambda: processes.marked(attempt.fence, project.dir), processes.LEFTOVER_STEPS):
        left = ", ".join(str(process.pid) for process in processes.marked(attempt.fence, project.dir))
        raise WgError(
            f"processes of attempt {attempt.fence} do not end: {left}",
            "end them by hand, or restart the machine",
        )
    if attempt.supervisor is None:
        return not_started(_last_words(project, attempt.fence) or "it was never started", now)
    return Outcome(None, False, "lost", "its supervisor was killed", "", Usage(), now)


def not_started(message: str, now: float) -> Outcome:
    """The outcome of an attempt that never ran."""
    return Outcome(None, False, "not-started", message, "", Usage(), now)


def finished_worktrees(project: Project, store: Store) -> list[Attempt]:
    """Attempts whose task is done and whose worktree is still there, because a dispatcher was killed in between."""
    directory = os.path.join(project.dir, "worktrees")
    found = []
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
        number = name.removeprefix("agent-")
        if not number.isdecimal():
            continue
        try:
            attempt = store.attempt(int(number))
        except NotFoundError:
            continue
        if attempt.state == "settled" and store.task(attempt.task_id).status == "done":
            found.append(attempt)
    return found


def remove_worktree(project: Project, attempt: Attempt) -> None:
    """Remove the attempt's worktree if all in it is saved. WgError says why not."""
    if attempt.workplace is not None and attempt.workplace.branch:
        remove(project.root, project.dir, attempt.workplace)


def _last_words(project: Project, fence: int) -> str:
    try:
        with open(AttemptFiles(project, fence).supervisor, encoding="utf-8", errors="replace") as file:
            return last_line(file.read(65536))
    except OSError:
        return ""
