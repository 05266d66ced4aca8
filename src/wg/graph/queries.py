"""Reads that views need, in SQL: parts of the graph, and the history from some point on."""

from __future__ import annotations

import sqlite3

from wg.graph import needs, rows
from wg.graph.loops import all_of_them
from wg.graph.relations import Awaited, Blocked, Edge, Event, Graph, Miscounted
from wg.graph.task import SATISFYING, Summary

_MET = ", ".join(f"'{status}'" for status in SATISFYING)
_ALL = "WITH found (key) AS (SELECT key FROM tasks)"
_DOWNSTREAM = """WITH RECURSIVE found (key) AS (
    VALUES (?) UNION
    SELECT edges.task FROM found JOIN edges ON edges.dependency = found.key)"""
# what is not open does not wait for its dependencies, so the search ends there; what waits may wait for a task
_CAUSES = f"""WITH RECURSIVE found (key) AS (
    VALUES (?) UNION
    SELECT edges.dependency FROM found
    JOIN tasks AS waiting ON waiting.key = found.key AND waiting.status = 'open'
    JOIN edges ON edges.task = found.key
    JOIN tasks AS other ON other.key = edges.dependency AND other.status NOT IN ({_MET}) UNION
    SELECT other.key FROM found JOIN {needs.AWAITED} AND waits.task = found.key)"""
_AWAITED = f"""SELECT (SELECT id FROM tasks WHERE key = waits.task), other.id, waits.value
    FROM {needs.AWAITED} AND waits.task IN (SELECT key FROM found)"""
_BLOCKERS = f"""SELECT tasks.id, tasks.status, tasks.title, implied
    FROM edges JOIN tasks ON tasks.key = edges.dependency
    WHERE edges.task = (SELECT key FROM tasks WHERE id = ?) AND tasks.status NOT IN ({_MET})
    ORDER BY tasks.key"""
_MISCOUNTED = f"""SELECT id, counted, unmet FROM (
    SELECT key, id, unmet AS counted, (
        SELECT count(*) FROM edges JOIN tasks AS other ON other.key = edges.dependency
        WHERE edges.task = tasks.key AND other.status NOT IN ({_MET})) AS unmet
    FROM tasks)
    WHERE counted <> unmet ORDER BY key"""
_UNATTENDED = """SELECT id FROM tasks
    WHERE status = 'in-progress' AND claimed_by = ''
    AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.task = tasks.key AND state <> 'settled')
    ORDER BY key"""
_EVENTS = """SELECT seq, at, type, tasks.id, attempt, actor, message, data
    FROM events LEFT JOIN tasks ON tasks.key = events.task"""


def whole(connection: sqlite3.Connection) -> Graph:
    """Every task."""
    return _graph(connection, _ALL)


def downstream(connection: sqlite3.Connection, key: int) -> Graph:
    """The task and all that depends on it, however far."""
    return _graph(connection, _DOWNSTREAM, key)


def causes(connection: sqlite3.Connection, key: int) -> Graph:
    """The task and, if it is open, the unmet dependencies that it waits for, however far."""
    return _graph(connection, _CAUSES, key, waits=True)


def blocked(connection: sqlite3.Connection, limit: int) -> list[Blocked]:
    """Open tasks with unmet dependencies, in order of creation."""
    connection.execute("BEGIN")  # one state for all statements
    try:
        found = connection.execute(
            f"{rows.SUMMARY} WHERE status = 'open' AND paused IN (0, 1) AND unmet > 0 ORDER BY key LIMIT ?", (limit,)
        ).fetchall()
        tasks = [rows.summary(row) for row in found]
        return [
            Blocked(task, [rows.neighbour(row) for row in connection.execute(_BLOCKERS, (task.id,))]) for task in tasks
        ]
    finally:
        connection.execute("COMMIT")


def miscounted(connection: sqlite3.Connection) -> list[Miscounted]:
    """Tasks whose count of unmet dependencies is off."""
    return [Miscounted(*row) for row in connection.execute(_MISCOUNTED)]


def unattended(connection: sqlite3.Connection) -> list[str]:
    """Ids of tasks in progress that nobody works on."""
    return [row[0] for row in connection.execute(_UNATTENDED)]


def delayed(connection: sqlite3.Connection, now: float, limit: int) -> list[Summary]:
    """Tasks that only wait for their time, the next one first."""
    found = connection.execute(
        f"{rows.SUMMARY} WHERE status = 'open' AND paused = 0 AND unmet = 0 AND (not_before > ?1 OR resting_until > ?1)"
        " ORDER BY max(ifnull(not_before, 0), resting_until), key LIMIT ?2",
        (now, limit),
    )
    return [rows.summary(row) for row in found]


def events_after(connection: sqlite3.Connection, seq: int, task: int | None, limit: int) -> list[Event]:
    """Events with a higher number than `seq`, oldest first; of one task (a key), or of all."""
    where, parameters = ("", (seq, limit)) if task is None else ("events.task = ? AND", (task, seq, limit))
    found = connection.execute(f"{_EVENTS} WHERE {where} seq > ? ORDER BY seq LIMIT ?", parameters)
    return [Event(*row) for row in found]


def last_event(connection: sqlite3.Connection) -> int:
    """The number of the newest event, 0 if there is none."""
    seq: int = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    return seq


def _graph(connection: sqlite3.Connection, found: str, *parameters: int, waits: bool = False) -> Graph:
    """With `waits` also the implied edges, and the conditions by which tasks wait for others."""
    connection.execute("BEGIN")  # one state for all statements
    try:
        tasks = connection.execute(
            f"{found} {rows.SUMMARY} WHERE key IN (SELECT key FROM found) ORDER BY key", parameters
        ).fetchall()
        edges = connection.execute(
            f"{found} SELECT task.id, dependency.id FROM edges"
            " JOIN tasks AS task ON task.key = edges.task JOIN tasks AS dependency ON dependency.key = edges.dependency"
            # the + keeps the planner from looking up every pair of found tasks
            " WHERE edges.task IN (SELECT key FROM found) AND +edges.dependency IN (SELECT key FROM found)"
            f"{'' if waits else ' AND implied = 0'} ORDER BY edges.task, edges.dependency",
            parameters,
        ).fetchall()
        awaited = connection.execute(f"{found} {_AWAITED}", parameters).fetchall() if waits else []
        loops = all_of_them(connection)
    finally:
        connection.execute("COMMIT")
    names = {row[0] for row in tasks} if loops else set()
    return Graph(
        [rows.summary(row) for row in tasks],
        [Edge(*row) for row in edges],
        tuple(loop for loop in loops if loop.tail in names and loop.head in names),
        tuple(Awaited(*row) for row in awaited),
    )
