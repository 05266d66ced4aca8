"""Attempts whose process is gone: proven dead, ended to the last process, and only then free (decision 5)."""

from __future__ import annotations

import os

from wg import processes
from wg.dispatch.attempt_files import AttemptFiles
from wg.errors import WgError
from wg.executors import failures
from wg.executors.events import last_line
from wg.graph.attempt import Attempt, Outcome, Usage
from wg.locations import Project


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
        return without_run(failures.LOST, "its supervisor was killed", now)
    if os.path.exists(files.supervisor):
        return without_run(failures.NOT_STARTED, _last_words(files) or "its supervisor ended before it began", now)
    return without_run(failures.INTERRUPTED, "it was never started: its dispatcher was gone before", now)


def without_run(failure: str, message: str, now: float) -> Outcome:
    """The outcome of an attempt that did not run, or not to an end that anybody saw."""
    return Outcome(None, False, failure, message, "", Usage(), now)


def _last_words(files: AttemptFiles) -> str:
    with open(files.supervisor, encoding="utf-8", errors="replace") as file:
        return last_line(file.read(65536))
