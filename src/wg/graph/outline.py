"""The beginning of the drawn graph, read without the rest: what is drawn of 100,000 tasks fits a screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from wg.graph import rows
from wg.graph.loops import all_of_them
from wg.graph.relations import Edge, Graph
from wg.graph.task import SATISFYING, STATUSES, Summary

UNFINISHED, ALL = "unfinished", "all"
PARTS = (UNFINISHED, ALL, *STATUSES)
_MET = ", ".join(f"'{status}'" for status in SATISFYING)


def outline(connection: sqlite3.Connection, part: str, lines: int) -> Graph:
    """As much of a part of the graph (one of PARTS) as the first `lines` lines of its drawing need, and one more.

    Tasks and edges are in the order in which they are drawn: depth first, from what depends on nothing in the part.
    Loops are those whose last task is drawn.
    """
    tasks: dict[str, Summary] = {}
    edges: list[Edge] = []
    drawn: set[str] = set()
    left = lines + 1  # one more, to see whether that was all
    connection.execute("BEGIN")  # one state for all statements
    try:
        for start in _starts(connection, part):
            pending = [] if start.id in drawn else [start]
            while pending and left:
                task = pending.pop()
                left -= 1
                tasks.setdefault(task.id, task)
                if task.id in drawn:
                    continue
                drawn.add(task.id)
                below = _below(connection, part, task.id, left + 1)
                tasks |= {each.id: each for each in below}
                edges += [Edge(each.id, task.id) for each in below]
                pending += reversed(below)
            if not left:
                break
        loops = tuple(loop for loop in all_of_them(connection) if loop.tail in tasks)
    finally:
        connection.execute("COMMIT")
    return Graph(list(tasks.values()), edges, loops)


def _starts(connection: sqlite3.Connection, part: str) -> Iterator[Summary]:
    """What depends on nothing else in the part; then all of it, for rings of tasks that depend on each other."""
    above = f"""SELECT 1 FROM edges JOIN tasks AS above ON above.key = edges.dependency
        WHERE edges.task = tasks.key AND edges.implied = 0 AND {_belongs("above", part)}"""
    for condition in (f"NOT EXISTS ({above})", "1"):
        found = connection.execute(f"{rows.SUMMARY} WHERE {_belongs('tasks', part)} AND {condition} ORDER BY tasks.key")
        yield from (rows.summary(row) for row in found)


def _below(connection: sqlite3.Connection, part: str, task_id: str, limit: int) -> list[Summary]:
    """What of the part depends directly on the task, the first `limit` of it."""
    found = connection.execute(
        f"""{rows.SUMMARY} WHERE {_belongs("tasks", part)} AND key IN (
            SELECT task FROM edges WHERE implied = 0 AND dependency = (SELECT key FROM tasks WHERE id = ?))
            ORDER BY key LIMIT ?""",
        (task_id, limit),
    )
    return [rows.summary(row) for row in found]


def _belongs(table: str, part: str) -> str:
    """The condition under which a task belongs to the part. The + keeps the order of creation: sorting reads all."""
    if part == ALL:
        return "1"
    if part != UNFINISHED:
        return f"+{table}.status = '{part}'"
    return f"""(+{table}.status NOT IN ({_MET}) OR EXISTS (
        SELECT 1 FROM edges AS next_edge JOIN tasks AS next ON next.key = next_edge.task
        WHERE next_edge.dependency = {table}.key AND next_edge.implied = 0 AND next.status NOT IN ({_MET})))"""
