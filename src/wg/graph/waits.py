"""What waiting tasks wait for, in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph import events, lifecycle, needs, tasks, texts, transitions
from wg.graph.conditions import describe_all
from wg.graph.task import SATISFYING, Condition, Waiting

# whether a condition is met; NULL for a file, which only a program can look at
_MET = f"""CASE kind
    WHEN 'task' THEN EXISTS (SELECT 1 FROM tasks AS other WHERE other.id = waits.subject
        AND (other.status = waits.value
             OR waits.value = 'done' AND other.status IN ({", ".join(f"'{status}'" for status in SATISFYING)})))
    WHEN 'timer' THEN CAST(waits.value AS REAL) <= :now
    WHEN 'message' THEN EXISTS (SELECT 1 FROM messages
        WHERE messages.task = waits.task AND messages.seq > CAST(waits.value AS INTEGER))
    WHEN 'human' THEN 0 END"""


def park(
    connection: sqlite3.Connection,
    key: int,
    conditions: tuple[Condition, ...],
    reason: str,
    *,
    any_of: bool,
    now: float,
    actor: str,
) -> None:
    """Let an open task wait. WgError when the lifecycle refuses it, or where it would wait for itself."""
    change = transitions.require(connection, key, lifecycle.PERSON_PARKED, now=now, by_agent=events.is_agent(actor))
    store(connection, key, conditions, any_of=any_of)
    transitions.apply(connection, key, change, now=now, actor=actor, reason=reason)


def store(connection: sqlite3.Connection, key: int, conditions: tuple[Condition, ...], *, any_of: bool) -> None:
    """Note what the task is going to wait for, instead of what was noted before."""
    for condition in conditions:
        if condition.kind == "task":
            needs.require_no_circle(connection, [key], tasks.key_of(connection, condition.subject))
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM messages WHERE task = ?", (key,)).fetchone()[0]
    connection.execute("DELETE FROM waits WHERE task = ?", (key,))
    connection.executemany(
        "INSERT INTO waits (task, position, kind, subject, value, any_of) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, position, each.kind, each.subject, str(last) if each.kind == "message" else each.value, any_of)
            for position, each in enumerate(conditions)
        ],
    )


def remove_human(connection: sqlite3.Connection, key: int) -> None:
    """A person has said yes: wait for the other conditions only, of which there is one at least, and say so."""
    connection.execute("DELETE FROM waits WHERE task = ? AND kind = 'human'", (key,))
    left = connection.execute("SELECT kind, subject, value FROM waits WHERE task = ? ORDER BY position", (key,))
    reason = describe_all(tuple(Condition(*row) for row in left), any_of=False)
    connection.execute("UPDATE tasks SET reason = ? WHERE key = ?", (texts.storable(reason), key))


def waiting(connection: sqlite3.Connection, now: float, key: int | None = None) -> list[Waiting]:
    """The tasks that wait for conditions, or that one; whether each condition is met."""
    only = "" if key is None else " AND tasks.key = :key"
    rows = connection.execute(
        f"SELECT tasks.id, any_of, kind, subject, value, {_MET} FROM waits JOIN tasks ON tasks.key = waits.task"
        f" WHERE tasks.status = 'waiting'{only} ORDER BY tasks.key, position",
        {"now": now, "key": key},
    ).fetchall()
    found: dict[str, Waiting] = {}
    for task_id, any_of, kind, subject, value, met in rows:
        before = found.get(task_id, Waiting(task_id, bool(any_of), (), ()))
        found[task_id] = before._replace(
            conditions=(*before.conditions, Condition(kind, subject, value)),
            met=(*before.met, None if met is None else bool(met)),
        )
    return list(found.values())


def wake(connection: sqlite3.Connection, key: int, now: float, actor: str) -> bool:
    """What the task waited for has come. False if it does not wait any more."""
    decision = transitions.decide(connection, key, lifecycle.WOKEN, now=now)
    if isinstance(decision, lifecycle.Refusal):
        return False
    transitions.apply(connection, key, decision, now=now, actor=actor)
    return True
