"""One task in one line: the same marks in every list and drawing."""

from __future__ import annotations

import time

from wg.graph.task import Loop, Summary
from wg.text import duration, printable

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
    if remark:
        line += f" ({printable(remark)})"
    return f"{line} [{task.unread} unread]" if task.unread else line


def log_line(at: float, actor: str, message: str) -> str:
    """An entry of a log, or a message; lines after its first are set in: none can be forged."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
    text = printable(message, multiline=True).replace("\n", "\n    ")
    return f"{moment} {text} [{printable(actor)}]"


def loop_line(loop: Loop) -> str:
    """A loop, as people read it: where it leads back to, and how often."""
    runs = f"run {loop.iteration}" + (f" of at most {loop.max_iterations}" if loop.max_iterations else " without end")
    remarks = [f"while {loop.guard}"] if loop.guard else []
    remarks += [f"{duration(loop.delay)} apart"] if loop.delay else []
    remarks += ["converged: the last one"] if loop.converged else []
    return f"{loop.tail} back to {loop.head}: {', '.join([runs, *remarks])}"


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
