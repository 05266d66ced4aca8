"""Dependencies between tasks in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph.task import Neighbour

_LINKS = """SELECT task.id, edges.dependency, dependency.id, dependency.status
    FROM edges JOIN tasks AS task ON task.key = edges.task
    LEFT JOIN tasks AS dependency ON dependency.key = edges.dependency
    WHERE edges.task = ? ORDER BY edges.dependency"""


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


def problems(connection: sqlite3.Connection, keys: list[int], among: list[int]) -> list[str]:
    """Why the tasks `keys` could not run as they are linked: a sentence each; with the cycle `among` these, if any."""
    found = []
    for key in keys:
        for task_id, number, dependency, status in connection.execute(_LINKS, (key,)):
            if status is None:
                found.append(f"{task_id} depends on task number {number}, which does not exist")
            elif status == "abandoned":
                found.append(f"{task_id} depends on {dependency}, which is abandoned")
    circle = _cycle(connection, among)
    if circle:
        found.append(f"these depend on each other: {' -> '.join(circle)}")
    return found


def _cycle(connection: sqlite3.Connection, keys: list[int]) -> list[str]:
    """The ids of a cycle among `keys`, each depending on the next, with the first again at the end; else empty."""
    import graphlib  # only for `wg publish`

    inside = set(keys)
    waits = {key: [row[1] for row in connection.execute(_LINKS, (key,)) if row[1] in inside] for key in keys}
    try:
        graphlib.TopologicalSorter(waits).prepare()
    except graphlib.CycleError as error:
        name = "SELECT id FROM tasks WHERE key = ?"
        return [connection.execute(name, (key,)).fetchone()[0] for key in reversed(error.args[1])]
    return []


def _neighbours(connection: sqlite3.Connection, join: str, key: int) -> list[Neighbour]:
    found = connection.execute(
        f"SELECT tasks.id, tasks.status, tasks.title FROM edges JOIN tasks ON {join} ORDER BY tasks.key",
        (key,),
    )
    return [Neighbour(*row) for row in found]
