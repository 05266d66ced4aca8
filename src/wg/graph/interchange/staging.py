"""Records on the way into the database: in temporary tables, so that the file is read before anybody has to wait.

A record is known by its line. `staged_keys` numbers those that are to be stored, in order of creation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from operator import attrgetter

from wg.graph.interchange.record import Record

# the columns of `tasks` and `bodies` that an import sets, by the names of their fields in Task
OF_TASK = (
    *("id", "title", "status", "paused", "reason", "claimed_by", "superseded_by", "priority"),
    *("model", "tier", "executor", "needs_work", "approval", "timeout", "max_attempts", "context", "workplace"),
    *("created_at", "started_at", "completed_at", "not_before", "failures", "rejections"),
)
OF_BODY = {
    "description": "description",
    "exec": "exec",
    "check": "check_command",
    "visibility": "visibility",
    "extra": "extra",
}
_TABLES = {
    "staged": ("line INTEGER PRIMARY KEY", *OF_TASK, *OF_BODY.values()),
    "staged_after": ("line", "id"),
    "staged_loops": ("line", "head", "max_iterations", "guard", "delay", "iteration", "converged"),
    "staged_waits": ("line", "position", "kind", "subject", "value", "any_of"),
    "staged_labels": ("line", "kind", "value"),
    "staged_log": ("line", "at", "actor", "message"),
    "staged_messages": ("line", "at", "sender", "body"),
    "staged_readers": ("line", "reader", "number"),
    "staged_members": ("line", "loop"),  # both are lines: a task, and the last one of the loop that it is part of
}
_fields = attrgetter(*OF_TASK, *OF_BODY)


def stage(connection: sqlite3.Connection, records: Iterable[Record]) -> None:
    """Put the records into the temporary tables. No lock of the database is held meanwhile."""
    for name, columns in _TABLES.items():
        connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(columns)})")
    connection.execute("BEGIN")
    insert = {name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(c))})" for name, c in _TABLES.items()}
    for record in records:
        _put(connection, insert, record)
    connection.execute("CREATE INDEX temp.staged_by_id ON staged (id)")
    connection.execute("COMMIT")


def number(connection: sqlite3.Connection, *, without_present: bool) -> None:
    """Number what is to be stored: all, or what the database does not hold already."""
    only = " WHERE id NOT IN (SELECT id FROM main.tasks)" if without_present else ""
    connection.execute("CREATE TEMP TABLE staged_keys (line INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE)")
    connection.execute(
        f"INSERT INTO staged_keys SELECT line, row_number() OVER (ORDER BY created_at, id) FROM staged{only}"
    )


def clear(connection: sqlite3.Connection) -> None:
    """Drop the temporary tables, whatever has become of the import."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    for name in (*_TABLES, "staged_keys"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _put(connection: sqlite3.Connection, insert: dict[str, str], record: Record) -> None:
    line = record.line
    connection.execute(insert["staged"], (line, *_fields(record.task)))
    if record.loop:
        connection.execute(insert["staged_loops"], (line, *record.loop))
    several: dict[str, list[tuple[object, ...]]] = {
        "staged_after": [(line, each) for each in record.after],
        "staged_waits": [(line, at, *each, record.any_of) for at, each in enumerate(record.waits)],
        "staged_labels": [(line, *each) for each in record.labels],
        "staged_log": [(line, *each) for each in record.log],
        "staged_messages": [(line, *each) for each in record.messages],
        "staged_readers": [(line, *each) for each in record.readers],
    }
    for name, rows in several.items():
        for row in rows:
            connection.execute(insert[name], row)
