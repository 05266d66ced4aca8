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
# a task, and what it depends on, or what depends on it, however far
_ABOVE = """WITH RECURSIVE found (key) AS (VALUES (?) UNION
    SELECT edges.dependency FROM found JOIN edges ON edges.task = found.key{0}) SELECT key FROM found"""
_BELOW = """WITH RECURSIVE found (key) AS (VALUES (?) UNION
    SELECT edges.task FROM found JOIN edges ON edges.dependency = found.key{0}) SELECT key FROM found"""
_EXPLICIT = " AND implied = 0"
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
    _find_members(connection, tail, head)
    _link_outsiders(connection, [tail])
    data = events.json_object(connection, "head", loop.head)
    events.record(connection, events.LOOPED, task=tail, now=now, actor=actor, data=data)


def remove(connection: sqlite3.Connection, tail: int, now: float, actor: str) -> bool:
    """Let no loop end with the task. False if none did."""
    if of_tail(connection, tail) is None:
        return False
    connection.execute("DELETE FROM loop_members WHERE loop = ?", (tail,))
    connection.execute("DELETE FROM loops WHERE tail = ?", (tail,))
    _link_outsiders(connection, [tail])
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


def edge_added(connection: sqlite3.Connection, task: int, dependency: int) -> None:
    """Find members and implied edges anew, after an explicit edge has come. WgError where loops clash with it."""
    loops = connection.execute("SELECT tail, head FROM loops").fetchall()
    if not loops:
        return
    above, below = _keys(connection, _ABOVE, dependency), _keys(connection, _BELOW, task)
    for tail, head in loops:
        if head in above and tail in below:
            _find_members(connection, tail, head)
    _link_outsiders(connection, _around(connection, dependency))


def edge_removed(connection: sqlite3.Connection, task: int, dependency: int) -> None:
    """Find members and implied edges anew, after an explicit edge has gone. WgError where a loop needs it."""
    concerned = _around(connection, dependency)
    for tail in set(concerned) & set(_around(connection, task)):
        head = connection.execute("SELECT head FROM loops WHERE tail = ?", (tail,)).fetchone()[0]
        _find_members(connection, tail, head)
    _link_outsiders(connection, concerned)


def imply_for(connection: sqlite3.Connection, task: int) -> None:
    """The implied edges of a new task, on which nothing depends yet."""
    for _, tail in connection.execute(f"{_OUTSIDERS} AND edges.task = ?", (task,)).fetchall():
        _imply(connection, [task], tail)


def _runs_again(connection: sqlite3.Connection, loop: Loop) -> bool:
    if loop.converged or (loop.max_iterations is not None and loop.iteration >= loop.max_iterations):
        return False
    if not loop.guard:
        return True
    task_id, _, status = loop.guard.partition("=")
    found = connection.execute("SELECT 1 FROM tasks WHERE id = ? AND status = ?", (task_id, status))
    return found.fetchone() is not None


def _find_members(connection: sqlite3.Connection, tail: int, head: int) -> None:
    connection.execute("DELETE FROM loop_members WHERE loop = ?", (tail,))
    above = _keys(connection, _ABOVE, tail)
    if head not in above:
        names = [_id(connection, key) for key in (tail, head)]
        raise WgError(
            f"the loop from {names[0]} back to {names[1]} needs {names[0]} to depend on {names[1]}",
            f"wg dep rm {names[1]} {names[0]} takes the loop away",
        )
    inside = above & _keys(connection, _BELOW, head)
    connection.executemany("INSERT INTO loop_members (task, loop) VALUES (?, ?)", [(key, tail) for key in inside])


def _around(connection: sqlite3.Connection, task: int) -> list[int]:
    """The last tasks of the loops that the task is part of."""
    return [row[0] for row in connection.execute("SELECT loop FROM loop_members WHERE task = ? ORDER BY loop", (task,))]


def _link_outsiders(connection: sqlite3.Connection, tails: list[int]) -> None:
    """Let who is outside of these loops, and depends on their inside, wait for their ends, and nobody else."""
    new = {}
    for tail in tails:
        wanted = {row[0] for row in connection.execute(f"{_OUTSIDERS} AND inside.loop = ?", (tail,))}
        found = connection.execute("SELECT task FROM edges WHERE dependency = ? AND implied = 1", (tail,))
        present = {row[0] for row in found}
        for task in present - wanted:
            connection.execute("DELETE FROM edges WHERE task = ? AND dependency = ? AND implied = 1", (task, tail))
            _count(connection, task, tail, -1)
        new[tail] = sorted(wanted - present)
    for tail, tasks in new.items():
        _imply(connection, tasks, tail)


def _imply(connection: sqlite3.Connection, tasks: list[int], tail: int) -> None:
    """Let tasks outside of a loop wait for its end. WgError where one has begun, or would wait for itself."""
    is_met = _is_met(connection, tail)
    for task in tasks:
        name, status = connection.execute("SELECT id, status FROM tasks WHERE key = ?", (task,)).fetchone()
        if status not in ("open", "failed", *SATISFYING) and not is_met:
            raise WgError(
                f"{name} is {status} and builds on the inside of the loop that ends with {_id(connection, tail)}",
                f"what is outside of a loop waits for its end: declare it when {name} is over",
            )
        connection.execute("INSERT INTO edges (task, dependency, implied) VALUES (?, ?, 1)", (task, tail))
        _count(connection, task, tail, 1)
    if tasks:
        _require_no_circle(connection, tasks, tail)


def _require_no_circle(connection: sqlite3.Connection, tasks: list[int], tail: int) -> None:
    """WgError where the tail waits for one of the tasks, which wait for it."""
    crossing = above(connection, tail).intersection(tasks)
    if crossing:
        name, loop_end = _id(connection, min(crossing)), _id(connection, tail)
        raise WgError(
            f"{name} would wait for the end of the loop that ends with {loop_end}, which waits for {name}",
            "loops may lie inside each other, but not cross",
        )
    if needs.is_awaiting(connection):
        needs.require_no_circle(connection, tasks, tail)


def _count(connection: sqlite3.Connection, task: int, dependency: int, more: int) -> None:
    if not _is_met(connection, dependency):
        connection.execute("UPDATE tasks SET unmet = unmet + ? WHERE key = ?", (more, task))


def _is_met(connection: sqlite3.Connection, key: int) -> bool:
    return (
        connection.execute(f"SELECT 1 FROM tasks WHERE key = ? AND status IN ({_MET})", (key,)).fetchone() is not None
    )


def above(connection: sqlite3.Connection, task: int) -> set[int]:
    """The task and all that it depends on, directly or through others, the ends of loops included."""
    return {row[0] for row in connection.execute(_ABOVE.format(""), (task,))}


def _keys(connection: sqlite3.Connection, query: str, task: int) -> set[int]:
    """Of _ABOVE or _BELOW, by explicit edges."""
    return {row[0] for row in connection.execute(query.format(_EXPLICIT), (task,))}


def _id(connection: sqlite3.Connection, key: int) -> str:
    task_id: str = connection.execute("SELECT id FROM tasks WHERE key = ?", (key,)).fetchone()[0]
    return task_id


def _loop(row: tuple[str, str, int | None, str, float, int, int]) -> Loop:
    return Loop(*row[:6], bool(row[6]))
