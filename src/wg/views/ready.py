"""The list of what can be started."""

from __future__ import annotations

from wg.graph.task import Summary, Task
from wg.text import printable
from wg.views.line import more


def ready_lines(ready: list[Task], waiting: list[Summary], counts: dict[str, int]) -> list[str]:
    """`ready` and `waiting` may be the first of many; `counts` says of how many."""
    lines = ["Ready tasks:"] if ready else ["No tasks ready"]
    lines += [_line(task.id, task.title, task.note and f"not started: {task.note}") for task in ready]
    lines += more(len(ready), counts["ready"])
    if waiting:
        lines += ["Waiting for something else:"]
        lines += [_line(task.id, task.title, task.reason) for task in waiting]
        lines += more(len(waiting), counts["waiting"])
    return lines


def _line(task_id: str, title: str, remark: str) -> str:
    line = f"  {task_id} - {printable(title)}"
    return f"{line} ({printable(remark)})" if remark else line
