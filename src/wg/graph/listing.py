"""Lists of tasks, in SQL: filtered, sorted, and cut to a page. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph import rows
from wg.graph.task import STATUSES, Filter, Order, Summary

_LABELED = "key IN (SELECT task FROM labels WHERE kind = ? AND value = ?)"
_PLACES = " ".join(f"WHEN '{status}' THEN {place}" for place, status in enumerate(STATUSES))
# what each of task.SORTS sorts by; the key, which is the order of creation, decides between those that are alike
_COLUMNS = {
    "created": "",
    "priority": "-priority",  # the highest first, as it starts
    "id": "id",
    "status": f"CASE status {_PLACES} END",  # along a task's way
    "title": "title COLLATE NOCASE",
    "started": "started_at",
    "completed": "completed_at",
}


def summaries(connection: sqlite3.Connection, only: Filter, limit: int, order: Order) -> list[Summary]:
    """Tasks that the filter lets through, in this order; `limit` of them after `order.offset`."""
    if only.title:
        _search_for(connection, only.title)
    where, values = _where(only)
    sorting = _sorting(order)
    # the page is chosen by what is sorted by alone, in an index where there is one: only its tasks are read in full
    page = f"SELECT key FROM tasks{where} ORDER BY {sorting} LIMIT ? OFFSET ?"
    found = connection.execute(
        f"{rows.SUMMARY} WHERE key IN ({page}) ORDER BY {sorting}", (*values, limit, order.offset)
    )
    return [rows.summary(row) for row in found]


def ids(connection: sqlite3.Connection, prefix: str, limit: int) -> list[str]:
    """The ids that begin with `prefix`, sorted."""
    found = connection.execute(
        "SELECT id FROM tasks WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", (prefix, prefix + "\U0010ffff", limit)
    )
    return [row[0] for row in found]


def _where(only: Filter) -> tuple[str, list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []

    def ask(condition: str, *bound: str | int) -> None:
        conditions.append(condition)
        values.extend(bound)

    if only.statuses:
        ask(f"status IN ({', '.join('?' * len(only.statuses))})", *only.statuses)
    for kind, labels in (("tag", only.tags), ("skill", only.skills)):
        for label in labels:
            ask(_LABELED, kind, label)
    if only.priority is not None:
        ask("priority = ?", only.priority)
    if only.claimed_by:
        ask("claimed_by = ?", only.claimed_by)
    if only.title:
        ask("is_sought(title)")
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _search_for(connection: sqlite3.Connection, text: str) -> None:
    """Let `is_sought` say whether a title contains `text`, in either case: SQLite's own lower() knows ASCII alone.

    One function for both is faster than instr() of what a function has returned: that had to become UTF-8 again.
    """
    sought = text.casefold()
    connection.create_function("is_sought", 1, lambda title: sought in title.casefold(), deterministic=True)


def _sorting(order: Order) -> str:
    column = _COLUMNS[order.by]
    direction = "DESC" if order.reverse else "ASC"
    # what has no time yet is neither first nor last in time: it comes behind the rest, whichever way
    return f"{column} {direction} NULLS LAST, key" if column else f"key {direction}"
