"""Dependencies between tasks in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import NotFoundError, WgError
from wg.graph import events, loops, needs, rows, tasks
from wg.graph.task import SATISFYING, Neighbour

_LINKS = """SELECT task.id, edges.dependency, dependency.id, dependency.status
    FROM edges JOIN tasks AS task ON task.key = edges.task
    LEFT JOIN tasks AS dependency ON dependency.key = edges.dependency
    WHERE edges.task = ? AND implied = 0 ORDER BY edges.dependency"""

_DEPENDENCIES = "SELECT task, dependency FROM edges WHERE task = :key AND implied = 0"


def dependencies(connection: sqlite3.Connection, key: int) -> list[Neighbour]:
    """What the task depends on."""
    return _neighbours(connection, "edges.dependency = tasks.key WHERE edges.task = ?", key)


def dependents(connection: sqlite3.Connection, key: int) -> list[Neighbour]:
    """What depends on the task."""
    return _neighbours(connection, "edges.task = tasks.key WHERE edges.dependency = ?", key)


def add(connection: sqlite3.Connection, key: int, dependency: int, now: float, actor: str) -> None:
    """Let the task depend on another. WgError for what has been started, and for a cycle, whose path it names."""
    task, other = tasks.get(connection, key), tasks.get(connection, dependency)
    if task.status not in ("open", "failed"):
        raise WgError(
            f"{task.id} is {task.status}: only an open or failed task can be given a dependency",
            f"wg show {task.id} says how it stands",
        )
    if exists(connection, key, dependency):
        raise WgError(f"{task.id} depends on {other.id} already", f"wg show {task.id} lists what it depends on")
    path = needs.way(connection, dependency, {key}, _DEPENDENCIES)
    if path:
        raise WgError(
            f"this would make a cycle: {needs.names(connection, [key, *path])}",
            f"each would wait for the next. To run them again and again: wg dep add {task.id} {other.id} "
            "--max-iterations N",
        )
    # it may be there as an implied one
    connection.execute("INSERT INTO edges (task, dependency) VALUES (?, ?) ON CONFLICT DO NOTHING", (key, dependency))
    if connection.execute("SELECT changes()").fetchone()[0]:
        _count(connection, key, other.status, 1)
    connection.execute("UPDATE edges SET implied = 0 WHERE task = ? AND dependency = ?", (key, dependency))
    loops.edge_added(connection, key, dependency)
    if key in loops.above(connection, dependency):
        raise WgError(
            f"{task.id} would wait for itself: what depends on the inside of a loop waits for the loop's end",
            f"wg show {other.id} lists what it depends on",
        )
    if needs.is_awaiting(connection):
        needs.require_no_circle(connection, [key], dependency)
    _record(connection, events.LINKED, key, other.id, now, actor)


def remove(connection: sqlite3.Connection, key: int, dependency: int, now: float, actor: str) -> None:
    """Let the task no longer depend on another. NotFoundError if it does not."""
    task, other = tasks.get(connection, key), tasks.get(connection, dependency)
    if not exists(connection, key, dependency):
        raise NotFoundError(f"{task.id} does not depend on {other.id}", f"wg show {task.id} lists what it depends on")
    connection.execute("DELETE FROM edges WHERE task = ? AND dependency = ?", (key, dependency))
    _count(connection, key, other.status, -1)
    loops.edge_removed(connection, key, dependency)
    _record(connection, events.UNLINKED, key, other.id, now, actor)


def exists(connection: sqlite3.Connection, key: int, dependency: int) -> bool:
    """Whether the task depends directly on that other one."""
    found = connection.execute(
        "SELECT 1 FROM edges WHERE task = ? AND dependency = ? AND implied = 0", (key, dependency)
    )
    return found.fetchone() is not None


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
    inside = set(among)
    waits = {key: [row[1] for row in connection.execute(_LINKS, (key,)) if row[1] in inside] for key in among}
    circle = _cycle(connection, waits)
    if circle:
        found.append(f"these depend on each other: {' -> '.join(circle)}")
    return found


def any_cycle(connection: sqlite3.Connection) -> list[str]:
    """The ids of a cycle, each waiting for the next, with the first again at the end; empty if there is none."""
    waits: dict[int, list[int]] = {}
    for task, dependency in connection.execute("SELECT task, dependency FROM edges"):
        waits.setdefault(task, []).append(dependency)
    return _cycle(connection, waits)


def _cycle(connection: sqlite3.Connection, waits: dict[int, list[int]]) -> list[str]:
    import graphlib  # only for `wg publish` and `wg check`

    try:
        graphlib.TopologicalSorter(waits).prepare()
    except graphlib.CycleError as error:
        name = "SELECT id FROM tasks WHERE key = ?"
        return [connection.execute(name, (key,)).fetchone()[0] for key in reversed(error.args[1])]
    return []


def _count(connection: sqlite3.Connection, key: int, status: str, more: int) -> None:
    if status not in SATISFYING:
        connection.execute("UPDATE tasks SET unmet = unmet + ? WHERE key = ?", (more, key))


def _record(connection: sqlite3.Connection, type: str, key: int, dependency: str, now: float, actor: str) -> None:
    data = events.json_object(connection, "dependency", dependency)
    events.record(connection, type, task=key, now=now, actor=actor, data=data)


def _neighbours(connection: sqlite3.Connection, join: str, key: int) -> list[Neighbour]:
    found = connection.execute(
        f"SELECT tasks.id, tasks.status, tasks.title, implied FROM edges JOIN tasks ON {join} ORDER BY tasks.key",
        (key,),
    )
    return [rows.neighbour(row) for row in found]
