"""A task's own check command, and what it has said already."""

from __future__ import annotations

import threading

from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.commands import Command, run_command
from wg.graph.attempt import Attempt
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple

_AT_ONCE = 4


class Checked(NamedTuple):
    """How a check ended."""

    passed: bool
    why: str  # why it did not pass, or ""


class Checks:
    """Runs checks, a few at a time, and never twice for an attempt on the same files."""

    def __init__(self, project: Project, cancelled: threading.Event) -> None:
        self._project = project
        self._cancelled = cancelled
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._known: dict[tuple[int, str], Checked] = {}

    def known(self, attempt: Attempt, tree: str) -> Checked | None:
        """What the check has said of that tree (of git; "" for a directory), or None."""
        return self._known.get((attempt.fence, tree))

    def run(self, attempt: Attempt, task: Task, directory: str, tree: str) -> Checked | None:
        """Run the task's check in `directory`, which holds `tree`; None if it was cancelled. Raises WgError."""
        log = AttemptFiles(self._project, attempt.fence).check
        command = Command(("/bin/sh", "-c", task.check), directory, log, attempt.timeout)
        with self._slots:
            why = run_command(command, attempt, self._project, self._cancelled)
        if why is None:
            return None
        how, colon, said = why.partition(": ")
        checked = Checked(not why, f"the check {how}: {task.check}{colon}{said}" if why else "")
        self._known[attempt.fence, tree] = checked
        return checked
