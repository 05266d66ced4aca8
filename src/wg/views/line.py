"""One task in one line: the same marks in every list and drawing."""

from __future__ import annotations

from wg.graph.task import Summary
from wg.text import printable

BLOCKED = "!"
MORE = "  … and more: --limit 0 shows all"
_MARKS = {
    "open": " ",
    "in-progress": "~",
    "waiting": "W",
    "pending-eval": "E",
    "done": "x",
    "failed": "F",
    "abandoned": "A",
}


def task_line(task: Summary) -> str:
    """`[x] id - title`, and behind it what is remarkable."""
    line = f"[{mark(task)}] {task.id} - {printable(task.title)}"
    if task.paused:
        line += " [PAUSED]"
    remark = f"blocked by {task.unmet}" if _is_blocked(task) else task.reason or task.note
    if task.claimed_by:
        remark = f"claimed by {task.claimed_by}"
    return f"{line} ({printable(remark)})" if remark else line


def mark(task: Summary) -> str:
    """The letter between the brackets."""
    return BLOCKED if _is_blocked(task) else _MARKS[task.status]


def _is_blocked(task: Summary) -> bool:
    return task.status == "open" and task.unmet > 0


def more(shown: int, all_of_them: int) -> list[str]:
    """The last line of a list that is cut off, and how to see the rest."""
    return [f"  … and {all_of_them - shown} more: --limit 0 shows all"] if shown < all_of_them else []


def one_more(limit: int) -> int:
    """How many to read of a list to see whether `limit` cuts it off: to count all costs more, the more there are."""
    return limit + 1 if limit >= 0 else limit
