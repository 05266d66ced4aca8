"""The list of tasks that wait for other tasks."""

from __future__ import annotations

from wg.graph.relations import Blocked
from wg.text import printable
from wg.views.line import more

_NAMED = 10  # of one task's dependencies


def blocked_lines(blocked: list[Blocked], count: int) -> list[str]:
    """`blocked` may be the first of `count`."""
    if not blocked:
        return ["No tasks blocked"]
    lines = ["Blocked tasks:"]
    for task, by in blocked:
        named = ", ".join(f"{each.id} ({each.status})" for each in by[:_NAMED])
        rest = f" and {len(by) - _NAMED} more" if len(by) > _NAMED else ""
        lines += [f"  {task.id} - {printable(task.title)}", f"    waits for {named}{rest}"]
    return lines + more(len(blocked), count)
