"""What a task may wait for, as people write it: `task:ID=done`, `timer:5m`, `message`, `human`, `file:PATH`."""

from __future__ import annotations

import os
import time

from wg.errors import UsageError
from wg.graph.task import STATUSES, Condition
from wg.text import parse_duration

FORMS = "task:ID=STATUS, timer:TIME, message, human or file:PATH"


def parse(text: str, now: float, root: str) -> Condition:
    """The condition that `text` names, beginning `now`. `root` is the project's, where a file is looked for.

    Raises UsageError saying how to write it.
    """
    kind, _, rest = text.partition(":")
    if kind in ("message", "human") and not rest:
        return Condition(kind, "", "")
    if kind == "timer" and rest:
        return Condition("timer", "", repr(_moment(rest, now)))
    if kind == "file" and rest:
        return of_file(rest, root)
    if kind == "task" and rest:
        return Condition("task", *parse_status(rest))
    raise UsageError(f"{text!r} is nothing that can be waited for", f"write {FORMS}")


def parse_status(text: str) -> tuple[str, str]:
    """The task and the status of `ID=STATUS`, or of `ID`, which means done. Raises UsageError."""
    task_id, equals, status = text.partition("=")
    status = status if equals else "done"
    if not task_id or status not in STATUSES:
        raise UsageError(f"{text!r} is not of the form ID=STATUS", f"a status is one of {', '.join(STATUSES)}")
    return task_id, status


def of_file(path: str, root: str) -> Condition:
    """That the file changes from now on. The path is kept as it is given: a project may be moved, or copied."""
    path = os.path.normpath(path)
    return Condition("file", path, file_state(path, root))


def file_state(path: str, root: str) -> str:
    """What changes when the file does: its time and size; "" while there is none. A path may start from `root`."""
    try:
        found = os.stat(os.path.join(root, path))
    except (OSError, ValueError):
        return ""
    return f"{found.st_mtime_ns}-{found.st_size}"


def describe(condition: Condition) -> str:
    """The condition in words."""
    if condition.kind == "task":
        return f"{condition.subject} is {condition.value}"
    if condition.kind == "timer":
        moment = time.localtime(float(condition.value))
        return f"it is {time.strftime('%Y-%m-%d %H:%M:%S', moment)}"
    if condition.kind == "file":
        return f"the file {condition.subject} {'changes' if condition.value else 'is there'}"
    return {"message": "a message comes", "human": "a person says wg approve or wg reject"}[condition.kind]


def describe_all(conditions: tuple[Condition, ...], *, any_of: bool) -> str:
    """All of them, as the reason for which a task waits."""
    return f"until {(' or ' if any_of else ' and ').join(describe(each) for each in conditions)}"


def _moment(text: str, now: float) -> float:
    """Seconds since the epoch, of a time span from `now`, or of a date and time."""
    try:
        return now + parse_duration(text)
    except ValueError:
        pass
    from datetime import datetime  # only where a date is given

    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"timer:{text} is neither a time span nor a time", "as in timer:30m or timer:2026-05-01T08:30"
        ) from None
