"""The list of what can be started."""

from __future__ import annotations

import time

from wg.graph.task import Summary, Task
from wg.text import printable
from wg.views.line import MORE


def ready_lines(ready: list[Task], delayed: list[Summary], waiting: list[Summary], limit: int) -> list[str]:
    """At most `limit` of each (a negative limit: all of them)."""
    lines = ["Ready tasks:"] if ready else ["No tasks ready"]
    lines += _cut_off([_line(task.id, task.title, task.note and f"not started: {task.note}") for task in ready], limit)
    if delayed:
        lines += ["Waiting for their time:"]
        lines += _cut_off([_line(task.id, task.title, _start(task)) for task in delayed], limit)
    if waiting:
        lines += ["Waiting for something else:"]
        lines += _cut_off([_line(task.id, task.title, task.reason) for task in waiting], limit)
    return lines


def _start(task: Summary) -> str:
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(task.starts_at))
    if task.resting_until >= task.starts_at:
        return f"tried again at {moment}: {task.reason}"
    return f"not before {moment}"


def _cut_off(lines: list[str], limit: int) -> list[str]:
    return lines if limit < 0 or len(lines) <= limit else [*lines[:limit], MORE]


def _line(task_id: str, title: str, remark: str) -> str:
    line = f"  {task_id} - {printable(title)}"
    return f"{line} ({printable(remark)})" if remark else line
