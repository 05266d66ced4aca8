"""Attempts whose process is gone: proven dead, ended to the last process, and only then free (decision 5)."""

from __future__ import annotations

import os

from wg import processes
from wg.dispatch import places
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
    if not processes.end(lambda: processes.marked(attempt.fence, project.dir), processes.LEFTOVER_STEPS):
        left = ", ".join(str(process.pid) for process in processes.marked(attempt.fence, project.dir))
        raise WgError(
            f"processes of attempt {attempt.fence} do not end: {left}",
            "end them by hand, or restart the machine",
        )
    files = AttemptFiles(project, attempt.fence)
    written = files.read_outcome()  # only now: whatever it says, nothing of the attempt may run on
    if written is not None:
        return written
    if attempt.supervisor is not None:
        return without_run("lost", "its supervisor was killed", now)
    if os.path.exists(files.supervisor):
        return without_run("not-started", _last_words(files) or "its supervisor ended before it began", now)
    return without_run("interrupted", "it was never started: its dispatcher was gone before", now)


def without_run(failure: str, message: str, now: float) -> Outcome:
    """The outcome of an attempt that did not run, or not to an end that anybody saw."""
    return Outcome(None, False, failure, message, "", Usage(), now)


def finished_worktrees(project: Project, store: Store) -> list[Attempt]:
    """Attempts whose worktree is of no more use, and still there because a dispatcher was killed in between.

    A failed attempt's is not among them: a person may want to look at it.
    """
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
        if attempt.state == "settled" and _is_useless(attempt, store.task(attempt.task_id).status):
            found.append(attempt)
    return found


def remove_worktree(project: Project, attempt: Attempt) -> None:
    """Remove the attempt's worktree if all in it is saved. WgError says why not."""
    if attempt.route.executor != "shell":
        remove(project.root, project.dir, attempt.workplace or places.planned_place(project, attempt))


def _is_useless(attempt: Attempt, status: str) -> bool:
    failure = attempt.outcome.failure_class if attempt.outcome else ""
    return status == "done" or failure in ("interrupted", "not-started", "lost", "killed")


def _last_words(files: AttemptFiles) -> str:
    with open(files.supervisor, encoding="utf-8", errors="replace") as file:
        return last_line(file.read(65536))
