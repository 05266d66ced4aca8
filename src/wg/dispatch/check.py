"""Runs a task's own check command, with a time limit on all that it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time

from wg import processes
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.environment import own_program, scrubbed
from wg.errors import WgError
from wg.executors.events import last_line
from wg.files import open_private
from wg.graph.attempt import Attempt
from wg.locations import Project
from wg.records import NamedTuple
from wg.text import duration

_LOOK_SECONDS = 0.1
_TAIL_BYTES = 4096


class Checked(NamedTuple):
    """How a check ended."""

    passed: bool
    why: str  # why it did not pass, or ""


def run_check(
    command: str, attempt: Attempt, directory: str, project: Project, cancelled: threading.Event
) -> Checked | None:
    """Run `command` by /bin/sh in `directory`; None if it was cancelled. Raises WgError if it cannot be ended."""
    path = AttemptFiles(project, attempt.fence).check
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    process = _start(command, attempt, directory, project, path)
    stopped = _wait(process, attempt.timeout, cancelled)
    end_check(attempt, project)
    code = process.wait()
    if stopped == "cancelled":
        return None
    if stopped:
        return Checked(False, f"the check did not end within {duration(attempt.timeout)}: {command}")
    if code != 0:
        said = _tail(path)
        return Checked(False, f"the check failed with exit code {code}: {command}" + (f": {said}" if said else ""))
    return Checked(True, "")


def end_check(attempt: Attempt, project: Project) -> None:
    """End what is left of the attempt's check, also of one that a killed dispatcher had started.

    It is found by the attempt's mark. Raises WgError if it does not end: a worktree never has two writers.
    """

    def left() -> list[processes.Process]:
        return processes.marked(attempt.fence, project.dir)

    if not processes.end(left, processes.LEFTOVER_STEPS):
        pids = ", ".join(str(process.pid) for process in left())
        raise WgError(f"processes of the check of {attempt.task_id} do not end: {pids}", "end them by hand")


def _start(command: str, attempt: Attempt, directory: str, project: Project, log: str) -> subprocess.Popen[bytes]:
    marks = {
        "WG_DIR": project.dir,
        "WG_BIN": own_program(),
        "WG_TASK_ID": attempt.task_id,
        "WG_ATTEMPT": str(attempt.fence),
    }
    with open_private(log, "wb") as out:
        return subprocess.Popen(
            ("/bin/sh", "-c", command),
            cwd=directory,
            env={**scrubbed(os.environ), **marks},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], timeout: float, cancelled: threading.Event) -> str:
    """ "" if it ended by itself, else why it is to be ended."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        else:
            return ""
        if cancelled.is_set():
            return "cancelled"
        if time.monotonic() >= deadline:
            return "timeout"


def _tail(path: str) -> str:
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
        return last_line(file.read().decode("utf-8", "replace"))
