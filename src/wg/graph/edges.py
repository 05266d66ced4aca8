"""Dependencies between tasks in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph.task import Neighbour


def dependencies(connection: sqlite3.Connection, key: int) -> list[Neighbour]:
    """What the task depends on."""
    return _neighbours(connection, "edges.dependency = tasks.key WHERE edges.task = ?", key)


def dependents(connection: sqlite3.Connection, key: int) -> list[Neighbour]:
    """What depends on the task."""
    return _neighbours(connection, "edges.task = tasks.key WHERE edges.dependency = ?", key)


def downstream(connection: sqlite3.Connection, key: int, statuses: tuple[str, ...]) -> list[int]:
    """The task itself, then what depends on it, directly or through others, as far as it has one of `statuses`."""
    marks = ", ".join("?" * len(statuses))
    found = connection.execute(
        "WITH RECURSIVE below (key) AS (VALUES (?) UNION SELECT tasks.key FROM below"
        " JOIN edges ON edges.dependency = below.key JOIN tasks ON tasks.key = edges.task"
        f" WHERE tasks.status IN ({marks})) SELECT key FROM below",
        (key, *statuses),
    )
    return [row[0] for row in found]


def dependents_of_any(connection: sqlite3.Connection, keys: list[int], statuses: tuple[str, ...]) -> list[str]:
    """The ids of what depends directly on any of `keys` and has one of `statuses`."""
    found = {each.id for key in keys for each in dependents(connection, key) if each.status in statuses}
    return sorted(found)


def _neighbours(connection: sqlite3.Connection, join: str, key: int) -> list[Neighbour]:
    found = connection.execute(
        f"SELECT tasks.id, tasks.status, tasks.title FROM edges JOIN tasks ON {join} ORDER BY tasks.key",
        (key,),
    )
    return [Neighbour(*row) for row in found]
