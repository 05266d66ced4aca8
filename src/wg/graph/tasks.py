"""Tasks and dependencies in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import NotFoundError, WgError
from wg.graph import events, fields, ids, listing, loops, rows, texts
from wg.graph.task import SATISFYING, STATUSES, Kind, Loop, NewTask, Task
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_READY = "status = 'open' AND paused = 0 AND unmet = 0"
_DUE = "(not_before IS NULL OR not_before <= ?1) AND resting_until <= ?1"
_ORDER = "ORDER BY priority DESC, key"
_CANDIDATES = 1000  # how many ids are compared for "did you mean"


def key_of(connection: sqlite3.Connection, task_id: str) -> int:
    """The key of a task. NotFoundError names the closest id."""
    row = connection.execute("SELECT key FROM tasks WHERE id = ?", (task_id,)).fetchone()
    if row is None:
        raise _not_found(connection, task_id)
    key: int = row[0]
    return key


def id_of(connection: sqlite3.Connection, key: int) -> str:
    """The id of a task that is there."""
    task_id: str = connection.execute("SELECT id FROM tasks WHERE key = ?", (key,)).fetchone()[0]
    return task_id


def is_paused(connection: sqlite3.Connection, key: int) -> bool:
    """Whether the task is open and paused."""
    where = "key = ? AND status = 'open' AND paused = 1"
    return connection.execute(f"SELECT 1 FROM tasks WHERE {where}", (key,)).fetchone() is not None


def get(connection: sqlite3.Connection, key: int) -> Task:
    """One task."""
    return rows.task(connection.execute(f"{rows.TASK} WHERE key = ?", (key,)).fetchone())


def add(connection: sqlite3.Connection, new: NewTask, now: float, actor: str) -> Task:
    """Store a new task. It depends on older tasks only, so no cycle can arise."""
    task_id = _id_for(connection, new)
    dependencies = {key_of(connection, each) for each in new.after}
    unmet = sum(not _is_met(connection, dependency) for dependency in dependencies)
    key = connection.execute(
        "INSERT INTO tasks (id, title, status, paused, unmet, model, tier, needs_work, timeout, reason, note,"
        " created_at, priority, not_before, max_attempts, executor, approval, context, workplace)"
        " VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(task_id, new.title, new.paused, unmet, new.model, new.tier, new.needs_work, new.timeout, now),
            *(new.priority, new.not_before, new.max_attempts),
            *(new.executor, new.approval, new.context, new.workplace),
        ),
    ).lastrowid
    assert key is not None
    connection.execute(
        "INSERT INTO bodies (task, description, exec, check_command, visibility, extra) VALUES (?, ?, ?, ?, ?, ?)",
        (key, new.description, new.exec, new.check, new.visibility, new.extra),
    )
    fields.add_labels(connection, key, new.labels)
    connection.executemany("INSERT INTO edges (task, dependency) VALUES (?, ?)", [(key, d) for d in dependencies])
    loops.imply_for(connection, key)
    events.record(connection, events.ADDED, task=key, now=now, actor=actor)
    if new.loop:
        loops.declare(connection, key, _loop_of(connection, task_id, new.loop), now, actor)
    return get(connection, key)


def resolve(connection: sqlite3.Connection, text: str) -> str:
    """The id that is `text`, else the only one that begins with it."""
    found = listing.ids(connection, text, 6)
    if text in found:
        return text
    if not text or not found:
        raise _not_found(connection, text)
    if len(found) > 1:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise WgError(f"{text!r} could be any of: {some}", "give more of the id")
    return found[0]


def require_loop(connection: sqlite3.Connection, loop: Loop) -> None:
    """NotFoundError unless its first task is there, and the one of its guard: else it would never run again."""
    key_of(connection, loop.head)
    if loop.guard:
        key_of(connection, loop.guard.partition("=")[0])


def ready(connection: sqlite3.Connection, limit: int, now: float, without: Collection[Kind] = ()) -> list[Task]:
    """Tasks that can be claimed, the highest priority first, then in order of creation."""
    marks = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in without)
    others = f"AND (model, tier, executor, workplace, exec <> '', note) NOT IN (VALUES {marks})" if without else ""
    found = connection.execute(
        f"{rows.TASK} WHERE {_READY} AND {_DUE} {others} {_ORDER} LIMIT ?",
        (now, *(value for kind in without for value in kind), limit),
    )
    return [rows.task(row) for row in found]


def counts(connection: sqlite3.Connection, now: float) -> dict[str, int]:
    """Tasks by status, and `ready` and `blocked` among the open ones."""
    found = dict.fromkeys(STATUSES, 0)
    found.update(connection.execute("SELECT status, count(*) FROM tasks GROUP BY status"))
    found["ready"] = connection.execute(f"SELECT count(*) FROM tasks WHERE {_READY} AND {_DUE}", (now,)).fetchone()[0]
    found["blocked"] = connection.execute(
        "SELECT count(*) FROM tasks WHERE status = 'open' AND paused IN (0, 1) AND unmet > 0"
    ).fetchone()[0]
    return found


def notes(connection: sqlite3.Connection, told: dict[str, str], now: float) -> None:
    """Store, by id, why open tasks are not being started; nothing happens if that is known already.

    One text may be for tens of thousands of tasks, which is why it takes two statements, however many there are.
    """
    import json  # only for the dispatcher: importing it costs a command half a bare start

    by_text: dict[str, list[str]] = {}
    for task_id, text in told.items():
        by_text.setdefault(texts.storable(text), []).append(task_id)
    for text, ids_of_text in by_text.items():
        found = "id IN (SELECT value FROM json_each(?)) AND status = 'open' AND note <> ?"
        which = (json.dumps(ids_of_text), text)
        connection.execute(
            "INSERT INTO events (at, task, attempt, type, actor, message, data)"
            f" SELECT ?, key, NULL, ?, ?, ?, '' FROM tasks WHERE {found} ORDER BY key",
            (now, events.NOTED, events.DISPATCHER, text, *which),
        )
        connection.execute(f"UPDATE tasks SET note = ? WHERE {found}", (text, *which))


def _id_for(connection: sqlite3.Connection, new: NewTask) -> str:
    def taken(task_id: str) -> bool:
        return connection.execute("SELECT 1 FROM tasks WHERE id = ?", (task_id,)).fetchone() is not None

    if not new.id:
        return ids.unused(new.title, taken)
    if taken(new.id):
        raise WgError(f"there is a task {new.id} already", f"choose another --id, or look at it: wg show {new.id}")
    return new.id


def _loop_of(connection: sqlite3.Connection, task_id: str, loop: Loop) -> Loop:
    """The loop with the ids of tasks that are there."""
    made = loop._replace(tail=task_id, head=loop.head or task_id)
    require_loop(connection, made)
    return made


def _is_met(connection: sqlite3.Connection, key: int) -> bool:
    return connection.execute("SELECT status FROM tasks WHERE key = ?", (key,)).fetchone()[0] in SATISFYING


def _not_found(connection: sqlite3.Connection, task_id: str) -> NotFoundError:
    from wg.text import closest

    found = connection.execute(
        "SELECT id FROM tasks ORDER BY id >= ? AND id < ? DESC, abs(length(id) - ?) LIMIT ?",
        (task_id[:1], task_id[:1] + "\U0010ffff", len(task_id), _CANDIDATES),
    )
    near = closest(task_id, [row[0] for row in found])
    return NotFoundError(f"there is no task {task_id!r}", f"did you mean: {near}" if near else "wg list shows them")
