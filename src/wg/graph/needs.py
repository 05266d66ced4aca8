"""What each task waits for, in SQL: its dependencies and the tasks of its conditions, as one relation without a cycle.

Runs in the caller's transaction.
"""

from __future__ import annotations

import sqlite3

from wg.errors import WgError
from wg.graph.task import SATISFYING
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_SATISFIED = ", ".join(f"'{status}'" for status in SATISFYING)
# what is done, or at work, does not wait for its dependencies any more
_DEPENDS = """SELECT edges.task AS task, edges.dependency AS other
    FROM edges JOIN tasks ON tasks.key = edges.task AND tasks.status IN ('open', 'failed', 'waiting')"""
# of tasks that wait, and of attempts that have said that they will
AWAITED = f"""waits JOIN tasks AS other ON other.id = waits.subject
    WHERE waits.kind = 'task' AND other.status <> waits.value
    AND NOT (waits.value = 'done' AND other.status IN ({_SATISFIED}))"""
_AWAITS = f"SELECT waits.task AS task, other.key AS other FROM {AWAITED}"


def require_no_circle(connection: sqlite3.Connection, keys: Collection[int], other: int) -> None:
    """WgError if one of the tasks would wait for itself once it waits for `other`: only a person could end that."""
    path = way(connection, other, keys, f"{_DEPENDS} AND edges.task = :key UNION {_AWAITS} AND waits.task = :key")
    if path:
        raise WgError(
            f"{names(connection, path[-1:])} would wait for itself: {names(connection, [path[-1], *path])}",
            "each would wait for the next: wg show says for what, and wg resume ends a wait",
        )


def way(connection: sqlite3.Connection, start: int, goals: Collection[int], links: str) -> list[int]:
    """The shortest way from `start` to one of `goals` by `links`, a query of (:key, next); empty if there is none."""
    came_from = {start: start}
    queue = [start]
    for key in queue:
        if key in goals:
            path = [key]
            while path[-1] != start:
                path.append(came_from[path[-1]])
            return path[::-1]
        for _, other in connection.execute(links, {"key": key}):
            if other not in came_from:
                came_from[other] = key
                queue.append(other)
    return []


def names(connection: sqlite3.Connection, circle: list[int]) -> str:
    """The ids along the circle, each waiting for the next."""
    name = "SELECT id FROM tasks WHERE key = ?"
    return " -> ".join(connection.execute(name, (key,)).fetchone()[0] for key in circle)


def is_awaiting(connection: sqlite3.Connection) -> bool:
    """Whether any task waits for another one by a condition: else dependencies are all there is."""
    return connection.execute("SELECT 1 FROM waits WHERE kind = 'task' LIMIT 1").fetchone() is not None


def deadlock(connection: sqlite3.Connection) -> list[str]:
    """Ids of tasks that wait for each other, the first by a condition, which stands at the end again; or none."""
    if not is_awaiting(connection):
        return []
    import graphlib  # only for `wg check`

    waits: dict[int, list[int]] = {}
    for task, other in connection.execute(f"{_DEPENDS} UNION {_AWAITS}"):
        waits.setdefault(task, []).append(other)
    try:
        graphlib.TopologicalSorter(waits).prepare()
    except graphlib.CycleError as error:
        return _from_who_waits(connection, error.args[1][:0:-1])
    return []


def _from_who_waits(connection: sqlite3.Connection, members: list[int]) -> list[str]:
    """The ids of a circle's members, beginning and ending with one that waits by a condition."""
    waiting = {row[0] for row in connection.execute("SELECT task FROM waits WHERE kind = 'task'")}
    first = next((place for place, key in enumerate(members) if key in waiting), 0)
    turned = [*members[first:], *members[:first]]
    name = "SELECT id FROM tasks WHERE key = ?"
    return [connection.execute(name, (key,)).fetchone()[0] for key in [*turned, turned[0]]]
