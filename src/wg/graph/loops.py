"""Declared loops in SQL: what runs again, how often, and who waits for the end. Runs in the caller's transaction.

A loop's last task (`tail`) leads back to its first one (`head`). That edge stands in `loops` and not in `edges`, so
edges have no cycle, and readiness knows nothing of loops. A loop's members are the tasks on a way from head to tail.
Who depends on a member from outside waits for the end of the whole loop: `edges` gets an *implied* edge to the tail.
"""

from __future__ import annotations

import sqlite3

from wg.errors import WgError
from wg.graph import events, needs
from wg.graph.task import SATISFYING, Loop

_MET = ", ".join(f"'{status}'" for status in SATISFYING)
_MEMBERS = """WITH RECURSIVE
    up (key) AS (SELECT :tail UNION
        SELECT edges.dependency FROM up JOIN edges ON edges.task = up.key AND implied = 0),
    down (key) AS (SELECT :head WHERE :head IN (SELECT key FROM up) UNION
        SELECT edges.task FROM down JOIN edges ON edges.dependency = down.key AND implied = 0
        WHERE edges.task IN (SELECT key FROM up))
    INSERT INTO loop_members (task, loop) SELECT key, :tail FROM down"""
# a task outside and the tail that it has to wait for
_OUTSIDERS = """SELECT DISTINCT edges.task, inside.loop FROM edges
    JOIN loop_members AS inside ON inside.task = edges.dependency AND inside.task <> inside.loop
    WHERE edges.implied = 0
    AND NOT EXISTS (SELECT 1 FROM loop_members AS own WHERE own.task = edges.task AND own.loop = inside.loop)
    AND NOT EXISTS (SELECT 1 FROM edges AS other
        WHERE other.task = edges.task AND other.dependency = inside.loop AND other.implied = 0)"""
_LOOP = """SELECT tail.id, head.id, max_iterations, guard, delay, iteration, converged
    FROM loops JOIN tasks AS tail ON tail.key = loops.tail JOIN tasks AS head ON head.key = loops.head"""


def declare(connection: sqlite3.Connection, tail: int, loop: Loop, now: float, actor: str) -> None:
    """Let a loop end with the task `tail`, or change the one that does. WgError where that makes no sense."""
    head = connection.execute("SELECT key FROM tasks WHERE id = ?", (loop.head,)).fetchone()[0]
    connection.execute(
        "INSERT INTO loops (tail, head, max_iterations, guard, delay) VALUES (?, ?, ?, ?, ?) ON CONFLICT (tail)"
        " DO UPDATE SET head = excluded.head, max_iterations = excluded.max_iterations, guard = excluded.guard,"
        " delay = excluded.delay",
        (tail, head, loop.max_iterations, loop.guard, loop.delay),
    )
    refresh(connection)
    data = events.json_object(connection, "head", loop.head)
    events.record(connection, events.LOOPED, task=tail, now=now, actor=actor, data=data)


def remove(connection: sqlite3.Connection, tail: int, now: float, actor: str) -> bool:
    """Let no loop end with the task. False if none did."""
    if of_tail(connection, tail) is None:
        return False
    connection.execute("DELETE FROM loop_members WHERE loop = ?", (tail,))
    connection.execute("DELETE FROM loops WHERE tail = ?", (tail,))
    refresh(connection)
    events.record(connection, events.UNLOOPED, task=tail, now=now, actor=actor)
    return True


def of_tail(connection: sqlite3.Connection, tail: int) -> Loop | None:
    """The loop that ends with the task."""
    row = connection.execute(f"{_LOOP} WHERE loops.tail = ?", (tail,)).fetchone()
    return _loop(row) if row else None


def with_member(connection: sqlite3.Connection, task: int) -> list[Loop]:
    """The loops that the task is part of, the smallest first."""
    inner_first = "(SELECT count(*) FROM loop_members WHERE loop = loops.tail), loops.tail"
    found = connection.execute(
        f"{_LOOP} WHERE loops.tail IN (SELECT loop FROM loop_members WHERE task = ?) ORDER BY {inner_first}", (task,)
    )
    return [_loop(row) for row in found]


def all_of_them(connection: sqlite3.Connection) -> list[Loop]:
    """Every loop, in order of its last task's creation."""
    return [_loop(row) for row in connection.execute(f"{_LOOP} ORDER BY loops.tail")]


def converge(connection: sqlite3.Connection, task: int) -> bool:
    """Let the smallest loop that the task is part of end with its present run. False if it is part of none."""
    loops = with_member(connection, task)
    if loops:
        connection.execute(
            "UPDATE loops SET converged = 1 WHERE tail = (SELECT key FROM tasks WHERE id = ?)", (loops[0].tail,)
        )
    return bool(loops)


def start_over(connection: sqlite3.Connection, keys: list[int]) -> None:
    """Count the runs anew of loops whose first task is among `keys`."""
    connection.executemany("UPDATE loops SET iteration = 1, converged = 0 WHERE head = ?", [(key,) for key in keys])


def next_run(connection: sqlite3.Connection, tail: int, now: float) -> list[int]:
    """The tasks to be opened again, now that `tail` is done; none if no loop ends with it, or if that is over."""
    loop = of_tail(connection, tail)
    if loop is None or not _runs_again(connection, loop):
        return []
    connection.execute("UPDATE loops SET iteration = iteration + 1 WHERE tail = ?", (tail,))
    if loop.delay:
        connection.execute(
            "UPDATE tasks SET not_before = ? WHERE key = (SELECT head FROM loops WHERE tail = ?)",
            (now + loop.delay, tail),
        )
    inner = "tail IN (SELECT task FROM loop_members WHERE loop = ?) AND tail <> ?"
    connection.execute(f"UPDATE loops SET iteration = 1, converged = 0 WHERE {inner}", (tail, tail))
    found = connection.execute(
        "SELECT key FROM loop_members JOIN tasks ON key = loop_members.task WHERE loop = ? AND status = 'done'"
        " ORDER BY key",
        (tail,),
    )
    return [row[0] for row in found]


def refresh(connection: sqlite3.Connection) -> None:
    """Find members and implied edges anew, after explicit edges or loops have changed. WgError where they clash."""
    if connection.execute("SELECT 1 FROM loops LIMIT 1").fetchone() is None:
        wanted = set()
    else:
        _find_members(connection)
        wanted = set(connection.execute(_OUTSIDERS))
    present = set(connection.execute("SELECT task, dependency FROM edges WHERE implied = 1"))
    for task, tail in present - wanted:
        connection.execute("DELETE FROM edges WHERE task = ? AND dependency = ? AND implied = 1", (task, tail))
        _count(connection, task, tail, -1)
    for task, tail in sorted(wanted - present):
        _imply(connection, task, tail)


def imply_for(connection: sqlite3.Connection, task: int) -> None:
    """The implied edges of a new task, on which nothing depends yet."""
    for _, tail in connection.execute(f"{_OUTSIDERS} AND edges.task = ?", (task,)).fetchall():
        _imply(connection, task, tail)


def _runs_again(connection: sqlite3.Connection, loop: Loop) -> bool:
    if loop.converged or (loop.max_iterations is not None and loop.iteration >= loop.max_iterations):
        return False
    if not loop.guard:
        return True
    task_id, _, status = loop.guard.partition("=")
    found = connection.execute("SELECT 1 FROM tasks WHERE id = ? AND status = ?", (task_id, status))
    return found.fetchone() is not None


def _find_members(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM loop_members")
    for tail, head in connection.execute("SELECT tail, head FROM loops").fetchall():
        connection.execute(_MEMBERS, {"tail": tail, "head": head})
        if connection.execute("SELECT 1 FROM loop_members WHERE loop = ?", (tail,)).fetchone() is None:
            names = [_id(connection, key) for key in (tail, head)]
            raise WgError(
                f"the loop from {names[0]} back to {names[1]} needs {names[0]} to depend on {names[1]}",
                f"wg dep rm {names[1]} {names[0]} takes the loop away",
            )


def _imply(connection: sqlite3.Connection, task: int, tail: int) -> None:
    """Let a task outside of a loop wait for its end. WgError where it has begun, or would wait for itself."""
    name, status = connection.execute("SELECT id, status FROM tasks WHERE key = ?", (task,)).fetchone()
    loop_end = _id(connection, tail)
    if status not in ("open", "failed", *SATISFYING) and not _is_met(connection, tail):
        raise WgError(
            f"{name} is {status} and builds on the inside of the loop that ends with {loop_end}",
            f"what is outside of a loop waits for its end: declare it when {name} is over",
        )
    if reaches(connection, tail, task):
        raise WgError(
            f"{name} would wait for the end of the loop that ends with {loop_end}, which waits for {name}",
            "loops may lie inside each other, but not cross",
        )
    if needs.is_awaiting(connection):
        needs.require_no_circle(connection, task, tail)
    connection.execute("INSERT INTO edges (task, dependency, implied) VALUES (?, ?, 1)", (task, tail))
    _count(connection, task, tail, 1)


def _count(connection: sqlite3.Connection, task: int, dependency: int, more: int) -> None:
    if not _is_met(connection, dependency):
        connection.execute("UPDATE tasks SET unmet = unmet + ? WHERE key = ?", (more, task))


def _is_met(connection: sqlite3.Connection, key: int) -> bool:
    return (
        connection.execute(f"SELECT 1 FROM tasks WHERE key = ? AND status IN ({_MET})", (key,)).fetchone() is not None
    )


def reaches(connection: sqlite3.Connection, start: int, goal: int) -> bool:
    """Whether `start` depends on `goal`, directly or through others."""
    above = """WITH RECURSIVE up (key) AS (SELECT ? UNION
        SELECT edges.dependency FROM up JOIN edges ON edges.task = up.key) SELECT 1 FROM up WHERE key = ?"""
    return connection.execute(above, (start, goal)).fetchone() is not None


def _id(connection: sqlite3.Connection, key: int) -> str:
    task_id: str = connection.execute("SELECT id FROM tasks WHERE key = ?", (key,)).fetchone()[0]
    return task_id


def _loop(row: tuple[str, str, int | None, str, float, int, int]) -> Loop:
    return Loop(*row[:6], bool(row[6]))
