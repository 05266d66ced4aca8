"""Runs a command of the user's for an attempt (check, setup of a worktree), with a time limit on all that it starts."""

from __future__ import annotations

import os
import subprocess
import threading

from wg import processes
from wg.dispatch.environment import own_program, scrubbed
from wg.errors import WgError
from wg.executors.events import last_line
from wg.files import open_private
from wg.graph.attempt import Attempt
from wg.locations import Project
from wg.patience import Patience
from wg.records import NamedTuple
from wg.text import duration

_LOOK_SECONDS = 0.1
_TAIL_BYTES = 4096


class Command(NamedTuple):
    """What is run, where, and for how long at most."""

    argv: tuple[str, ...]
    directory: str
    log: str  # the file for all that it prints
    timeout: float  # seconds


def run_command(command: Command, attempt: Attempt, project: Project, cancelled: threading.Event) -> str | None:
    """Run it to its end, and end all that it has started. "" if it went well, else why not; None if it was cancelled.

    Its processes carry the attempt's mark, so that they are found after a dispatcher was killed. WgError if they
    do not end; OSError if it cannot be started.
    """
    os.makedirs(os.path.dirname(command.log), mode=0o700, exist_ok=True)
    process = _start(command, attempt, project)
    stopped = _wait(process, command.timeout, cancelled)
    end_commands(attempt, project)
    code = process.wait()
    if stopped == "cancelled":
        return None
    if stopped:
        return f"did not end within {duration(command.timeout)}"
    if code == 0:
        return ""
    said = _tail(command.log)
    return f"failed with exit code {code}" + (f": {said}" if said else "")


def end_commands(attempt: Attempt, project: Project) -> None:
    """End what is left of the attempt's commands, also of those that a killed dispatcher had started.

    They are found by the attempt's mark. Raises WgError if they do not end: a worktree never has two writers.
    """

    def left() -> list[processes.Process]:
        return processes.marked(attempt.fence, project.dir)

    if not processes.end(left, processes.LEFTOVER_STEPS):
        pids = ", ".join(str(process.pid) for process in left())
        raise WgError(
            f"processes of attempt {attempt.fence} of {attempt.task_id} do not end: {pids}", "end them by hand"
        )


def _start(command: Command, attempt: Attempt, project: Project) -> subprocess.Popen[bytes]:
    marks = {
        "WG_DIR": project.dir,
        "WG_BIN": own_program(),
        "WG_TASK_ID": attempt.task_id,
        "WG_ATTEMPT": str(attempt.fence),
    }
    with open_private(command.log, "wb") as out:
        return subprocess.Popen(
            command.argv,
            cwd=command.directory,
            env={**scrubbed(os.environ), **marks},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], timeout: float, cancelled: threading.Event) -> str:
    """ "" if it ended by itself, else why it is to be ended."""
    patience = Patience(timeout)  # its time limit goes on only while the machine runs (fault F6)
    while True:
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        else:
            return ""
        if cancelled.is_set():
            return "cancelled"
        if patience.is_over():
            return "timeout"


def _tail(path: str) -> str:
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
        return last_line(file.read().decode("utf-8", "replace"))
