"""Tasks and dependencies in SQL. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import NotFoundError, WgError
from wg.graph import events, fields, ids, lifecycle, rows, texts
from wg.graph.task import SATISFYING, STATUSES, Filter, NewTask, Summary, Task

_READY = "status = 'open' AND paused = 0 AND unmet = 0"
_DUE = "(not_before IS NULL OR not_before <= ?)"
_ORDER = "ORDER BY priority DESC, key"
_DEPENDENTS = "key IN (SELECT task FROM edges WHERE dependency = :key)"
_WRITES = {
    lifecycle.START: "UPDATE tasks SET started_at = :now WHERE key = :key",
    lifecycle.UNSTART: "UPDATE tasks SET started_at = NULL WHERE key = :key",
    lifecycle.FINISH: "UPDATE tasks SET completed_at = :now WHERE key = :key",
    lifecycle.UNFINISH: "UPDATE tasks SET completed_at = NULL WHERE key = :key",
    lifecycle.RELEASE: f"UPDATE tasks SET unmet = unmet - 1 WHERE {_DEPENDENTS}",
    lifecycle.BLOCK: f"UPDATE tasks SET unmet = unmet + 1 WHERE {_DEPENDENTS}",
    lifecycle.COUNT: "UPDATE tasks SET failures = failures + 1 WHERE key = :key",
    lifecycle.FORGET: "UPDATE tasks SET failures = 0, superseded_by = '' WHERE key = :key",
    lifecycle.PAUSE: "UPDATE tasks SET paused = 1 WHERE key = :key",
    lifecycle.UNPAUSE: "UPDATE tasks SET paused = 0 WHERE key = :key",
}
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
        " created_at, priority, not_before, max_attempts) VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?)",
        (
            *(task_id, new.title, new.paused, unmet, new.model, new.tier, new.needs_work, new.timeout, now),
            *(new.priority, new.not_before, new.max_attempts),
        ),
    ).lastrowid
    assert key is not None
    connection.execute(
        "INSERT INTO bodies (task, description, exec, check_command, visibility) VALUES (?, ?, ?, ?, ?)",
        (key, new.description, new.exec, new.check, new.visibility),
    )
    fields.add_labels(connection, key, new.labels)
    connection.executemany("INSERT INTO edges (task, dependency) VALUES (?, ?)", [(key, d) for d in dependencies])
    events.record(connection, events.ADDED, task=key, now=now, actor=actor)
    return get(connection, key)


def resolve(connection: sqlite3.Connection, text: str) -> str:
    """The id that is `text`, else the only one that begins with it."""
    found = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM tasks WHERE id >= ? AND id < ? ORDER BY id LIMIT 6", (text, text + "\U0010ffff")
        )
    ]
    if text in found:
        return text
    if not text or not found:
        raise _not_found(connection, text)
    if len(found) > 1:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise WgError(f"{text!r} could be any of: {some}", "give more of the id")
    only: str = found[0]
    return only


def summaries(connection: sqlite3.Connection, only: Filter, limit: int) -> list[Summary]:
    """Tasks in order of creation."""
    conditions, values = [], [*only.statuses, *only.tags]
    if only.statuses:
        conditions.append(f"status IN ({', '.join('?' * len(only.statuses))})")
    conditions += ["key IN (SELECT task FROM labels WHERE kind = 'tag' AND value = ?)"] * len(only.tags)
    if only.priority is not None:
        conditions.append("priority = ?")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    number = () if only.priority is None else (only.priority,)
    found = connection.execute(f"{rows.SUMMARY}{where} ORDER BY key LIMIT ?", (*values, *number, limit))
    return [rows.summary(row) for row in found]


def ready(connection: sqlite3.Connection, limit: int, now: float) -> list[Task]:
    """Tasks that can be claimed, the highest priority first, then in order of creation."""
    found = connection.execute(f"{rows.TASK} WHERE {_READY} AND {_DUE} {_ORDER} LIMIT ?", (now, limit))
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


def decide(
    connection: sqlite3.Connection, key: int, event: str, *, now: float, by_agent: bool = False
) -> lifecycle.Change | lifecycle.Refusal:
    """What the lifecycle says to this event now."""
    task_id, status, unmet, paused, holder, due = connection.execute(
        f"SELECT id, status, unmet, paused, claimed_by, {_DUE} FROM tasks WHERE key = ?", (now, key)
    ).fetchone()
    return lifecycle.decide(
        lifecycle.Standing(task_id, status, unmet, bool(paused), holder, by_agent, bool(due)), event
    )


def reason_of(connection: sqlite3.Connection, key: int) -> str:
    """Why the task waits, failed or was abandoned."""
    text: str = connection.execute("SELECT reason FROM tasks WHERE key = ?", (key,)).fetchone()[0]
    return text


def apply(
    connection: sqlite3.Connection,
    key: int,
    change: lifecycle.Change,
    now: float,
    actor: str,
    attempt: int | None = None,
    reason: str = "",
) -> None:
    """Write what `decide` returned: the only place that writes a status. SETTLE is left to the caller."""
    reason = texts.storable(reason)
    kept = reason if change.after in ("waiting", "failed", "abandoned") else ""
    holder = actor if lifecycle.TAKE in change.effects else ""
    connection.execute(
        "UPDATE tasks SET status = ?, reason = ?, note = '', claimed_by = ? WHERE key = ?",
        (change.after, kept, holder, key),
    )
    for effect in change.effects:
        if effect in _WRITES:
            connection.execute(_WRITES[effect], {"key": key, "now": now})
    data = events.json_object(connection, "event", change.event, "from", change.before, "to", change.after)
    events.record(connection, events.STATUS, task=key, now=now, actor=actor, attempt=attempt, message=reason, data=data)


def note(connection: sqlite3.Connection, key: int, text: str, now: float) -> None:
    """Store why the open task is not being started; nothing happens if that is known already."""
    text = texts.storable(text)
    changed = connection.execute(
        "UPDATE tasks SET note = ? WHERE key = ? AND status = 'open' AND note <> ?", (text, key, text)
    )
    if changed.rowcount:
        events.record(connection, events.NOTED, task=key, now=now, actor=events.DISPATCHER, message=text)


def _id_for(connection: sqlite3.Connection, new: NewTask) -> str:
    def taken(task_id: str) -> bool:
        return connection.execute("SELECT 1 FROM tasks WHERE id = ?", (task_id,)).fetchone() is not None

    if not new.id:
        return ids.unused(new.title, taken)
    if taken(new.id):
        raise WgError(f"there is a task {new.id} already", f"choose another --id, or look at it: wg show {new.id}")
    return new.id


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
