"""The causes of a task's not running, in words."""

from __future__ import annotations

from wg.graph.task import Summary
from wg.text import printable
from wg.views.causes import OVER, RUNNING, Cause
from wg.views.line import more

_BEGINNING, _END = 4, 4  # of a long chain


def why_lines(task: Summary, causes: list[Cause], limit: int) -> list[str]:
    """At most `limit` causes (a negative limit: all of them)."""
    shown = causes[:limit] if limit >= 0 else causes
    lines = [_heading(task, causes)]
    for cause in shown:
        lines.append(f"  {_chain(cause.chain)}: {printable(cause.text)}")
        if cause.remedy:
            lines.append(f"      {cause.remedy}")
    return lines + more(len(shown), len(causes))


def _heading(task: Summary, causes: list[Cause]) -> str:
    head = f"{task.id} - {printable(task.title)}"
    if len(causes[0].chain) == 1 and causes[0].kind in (OVER, RUNNING):
        return f"{head} ({task.status})"
    return f"{head} is not running, for {'this cause' if len(causes) == 1 else f'{len(causes)} causes'}:"


def _chain(ids: list[str]) -> str:
    left_out = len(ids) - _BEGINNING - _END
    if left_out > 1:
        ids = [*ids[:_BEGINNING], f"… {left_out} more …", *ids[-_END:]]
    return " -> ".join(ids)
