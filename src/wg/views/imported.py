"""What an import did, for people."""

from __future__ import annotations

from collections.abc import Iterator

from wg.graph.interchange.report import KINDS, OURS, Mapped, Report
from wg.text import printable

SHOWN = 20  # notes of one kind, and ids


def lines(report: Report, name: str, *, dry_run: bool) -> Iterator[str]:
    """The report, with at most SHOWN notes of each kind."""
    done = "Would import" if dry_run else "Imported"
    of = "" if report.form == OURS else ", a graph of the original"
    yield f"{done} {_tasks(report.tasks)} from {printable(name)}{of}"
    if report.skipped:
        yield f"left alone, being there already: {_some(report.skipped)}"
    if report.form == OURS:
        return
    yield from _table("status", [(_status(each), _tasks(each.tasks)) for each in report.statuses()])
    fields = [(each.field, f"mapped {each.mapped}, kept in extra {each.kept}") for each in report.fields()]
    yield from _table("field", fields)
    for kind in KINDS:
        notes = report.of_kind(kind)
        if notes:
            yield f"{kind}: {len(notes)}"
        for note in notes[:SHOWN]:
            yield f"  line {note.line}: {printable(note.task)}: {printable(note.text)}"
        if len(notes) > SHOWN:
            yield f"  … and {len(notes) - SHOWN} more: --json lists all"


def _status(mapped: Mapped) -> str:
    return f"{mapped.before} -> {mapped.after}{' (paused)' if mapped.paused else ''}"


def _table(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f"{title}:"
    width = max((len(printable(first)) for first, _ in rows), default=0)
    for first, second in rows:
        yield f"  {printable(first):<{width}}  {second}"


def _tasks(number: int) -> str:
    return "1 task" if number == 1 else f"{number} tasks"


def _some(names: list[str]) -> str:
    more = f" … and {len(names) - SHOWN} more: --json lists all" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
