"""Staged records into the tables, in the caller's one write transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from wg.graph import events
from wg.graph.database import Database
from wg.graph.interchange import checking, staging
from wg.graph.interchange.lines import Problems
from wg.graph.interchange.record import Record, Taken
from wg.graph.messages import AGENTS
from wg.graph.task import SATISFYING

_MET = ", ".join(f"'{status}'" for status in SATISFYING)
# a task's messages have just been stored one after the other
_NTH = "(SELECT min(seq) FROM main.messages WHERE messages.task = :base + keys.number) + {} - 1"
_IMPORTED = '{"imported":true}'


def _insert(into: str, select: str, table: str, order: str = "") -> str:
    return f"INSERT INTO {into} SELECT {select} FROM {table} JOIN staged_keys AS keys USING (line) {order}"


_KEY = ":base + keys.number"
_WRITES = (
    _insert(
        f"tasks (key, {', '.join(staging.OF_TASK)}, unmet, note)",
        f"{_KEY}, {', '.join(staging.OF_TASK)}, 0, ''",
        "staged",
        "ORDER BY number",
    ),
    _insert(
        f"bodies (task, {', '.join(staging.OF_BODY.values())})",
        f"{_KEY}, {', '.join(staging.OF_BODY.values())}",
        "staged",
        "ORDER BY number",
    ),
    _insert(
        "edges (task, dependency, implied)",
        f"{_KEY}, (SELECT key FROM main.tasks WHERE tasks.id = staged_after.id), 0",
        "staged_after",
    ),
    _insert(
        "loops (tail, head, max_iterations, guard, delay, iteration, converged)",
        f"{_KEY}, (SELECT key FROM main.tasks WHERE id = head), max_iterations, guard, delay, iteration, converged",
        "staged_loops",
    ),
    _insert(
        "loop_members (task, loop)",
        f"{_KEY}, (SELECT :base + number FROM staged_keys WHERE line = loop)",
        "staged_members",
    ),
    _insert("labels (task, kind, value)", f"{_KEY}, kind, value", "staged_labels"),
    _insert(
        "messages (task, at, sender, body)",
        f"{_KEY}, at, sender, body",
        "staged_messages",
        "ORDER BY staged_messages.rowid",
    ),
    _insert("cursors (task, reader, seq)", f"{_KEY}, reader, {_NTH.format('staged_readers.number')}", "staged_readers"),
    _insert(
        "waits (task, position, kind, subject, value, any_of)",
        f"{_KEY}, position, kind, subject, CASE WHEN kind <> 'message' THEN value WHEN value = '0' THEN '0'"
        f" ELSE CAST({_NTH.format('CAST(value AS INTEGER)')} AS TEXT) END, any_of",
        "staged_waits",
    ),
    # whoever depends on a task inside of a loop, from outside, waits for its end
    """INSERT OR IGNORE INTO edges (task, dependency, implied) SELECT edges.task, inside.loop, 1 FROM edges
        JOIN loop_members AS inside ON inside.task = edges.dependency AND inside.task <> inside.loop
        WHERE edges.task > :base AND edges.implied = 0 AND NOT EXISTS
        (SELECT 1 FROM loop_members AS own WHERE own.task = edges.task AND own.loop = inside.loop)""",
    f"""UPDATE tasks SET unmet = (SELECT count(*) FROM edges JOIN tasks AS other ON other.key = edges.dependency
        WHERE edges.task = tasks.key AND other.status NOT IN ({_MET}))
        WHERE key > :base AND EXISTS (SELECT 1 FROM edges WHERE edges.task = tasks.key)""",
    f"""UPDATE tasks SET unread = (SELECT count(*) FROM messages WHERE messages.task = tasks.key AND messages.seq >
        coalesce((SELECT seq FROM cursors WHERE cursors.task = tasks.key AND reader = '{AGENTS}'), 0))
        WHERE key > :base AND EXISTS (SELECT 1 FROM messages WHERE messages.task = tasks.key)""",
    _insert(
        "events (at, task, type, actor, message, data)",
        f":now, {_KEY}, '{events.ADDED}', :actor, '', '{_IMPORTED}'",
        "staged",
        "ORDER BY number",
    ),
    _insert(
        "events (at, task, type, actor, message, data)",
        f"at, {_KEY}, '{events.LOG}', actor, message, ''",
        "staged_log",
        "ORDER BY staged_log.rowid",
    ),
)


def take_in(
    database: Database,
    records: Iterable[Record],
    problems: Problems,
    *,
    skip_existing: bool,
    dry_run: bool,
    now: float,
    actor: str,
) -> Taken:
    """Store the records, all or none. Raises Refused, and nothing has changed, where they do not fit."""
    connection = database.connection
    try:
        with database.reading():
            staging.stage(connection, records)
            staging.number(connection, without_present=skip_existing)
            if not connection.execute("SELECT 1 FROM staged LIMIT 1").fetchone() and not problems.found:
                problems.add(1, "the file holds no task")
            checking.require_sound(connection, problems)
            skipped = checking.present(connection) if skip_existing else []
            if not skip_existing:
                checking.refuse_present(connection, problems)
            tasks: int = connection.execute("SELECT count(*) FROM staged_keys").fetchone()[0]
        if not dry_run:
            with database.writing():
                _write(connection, problems, now, actor)
        return Taken(tasks, skipped)
    finally:
        staging.clear(connection)


def _write(connection: sqlite3.Connection, problems: Problems, now: float, actor: str) -> None:
    checking.refuse_present(connection, problems)  # once more: others may have added some in the meantime
    base = connection.execute("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'tasks'), 0)").fetchone()
    for statement in _WRITES:
        connection.execute(statement, {"base": base[0], "now": now, "actor": actor})
