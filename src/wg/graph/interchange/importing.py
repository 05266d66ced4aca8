"""A file of tasks into a store: ours, or the original's `graph.jsonl`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from wg.graph.interchange import form, original
from wg.graph.interchange.lines import Problems, objects
from wg.graph.interchange.record import Record
from wg.graph.interchange.report import ORIGINAL, OURS, Report
from wg.graph.protocol import TaskStore
from wg.records import NamedTuple


class Wanted(NamedTuple):
    """How a file is to be imported."""

    skip_existing: bool = False  # tasks that are there already are left alone, instead of refusing the file
    dry_run: bool = False  # only find out what would be done
    with_system: bool = False  # the original's own tasks (`.assign-x`), too
    root: str = ""  # the project's directory: paths in the original's file start from there


def bring_in(store: TaskStore, file: BinaryIO, name: str, wanted: Wanted, now: float, actor: str) -> Report:
    """Import `file`, which can be read twice, all of it or nothing; `name` is what people call it.

    Raises Refused with every line that cannot be imported.
    """
    problems = Problems(name)
    is_original = _is_original(file)
    report = Report(ORIGINAL if is_original else OURS)
    file.seek(0)
    if is_original:
        found = original.records(file, problems, report, with_system=wanted.with_system, root=wanted.root, now=now)
    else:
        found = _counted(form.records(file, problems), report)
    taken = store.take_in(
        found, problems, skip_existing=wanted.skip_existing, dry_run=wanted.dry_run, now=now, actor=actor
    )
    report.tasks, report.skipped = taken
    return report


def _is_original(file: BinaryIO) -> bool:
    """Whether the first line that is an object is one of the original's: those have a kind."""
    first = next(objects(file, Problems(""), comments=True), None)
    return first is not None and "kind" in first[1]


def _counted(records: Iterator[Record], report: Report) -> Iterator[Record]:
    for record in records:
        report.status(record.task.status, record.task.status, paused=False)
        yield record
