"""A task's fields and labels in SQL, as far as they can be edited. Each function runs in the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from wg.errors import NotFoundError, WgError
from wg.graph import events
from wg.graph.task import LABELS, Edit

_OF_TASK = (
    *("title", "model", "tier", "executor", "needs_work", "approval", "timeout", "priority", "not_before"),
    *("max_attempts", "context", "workplace"),
)
# what decides whether work is accepted, what is run without an agent, and where
_GATES = ("approval", "check", "needs_work", "exec", "workplace")
_OF_BODY = {"description": "description", "exec": "exec", "check": "check_command", "visibility": "visibility"}


def edit(connection: sqlite3.Connection, key: int, changes: Edit, now: float, actor: str) -> None:
    """Change what `changes` names. WgError where an agent asks for what only people may change."""
    if events.is_agent(actor):
        _require_person(connection, key, changes)
    for name, value in changes.fields.items():
        if name in _OF_TASK:
            connection.execute(f"UPDATE tasks SET {name} = ? WHERE key = ?", (value, key))
        else:
            connection.execute(f"UPDATE bodies SET {_OF_BODY[name]} = ? WHERE task = ?", (value, key))
    add_labels(connection, key, changes.added)
    for kind, value in changes.removed:
        _remove_label(connection, key, kind, value)
    names = {*changes.fields, *(kind for kind, _ in (*changes.added, *changes.removed))}
    data = events.json_object(connection, "changed", ",".join(sorted(names)))
    # what stood in the way of its start may be gone now
    connection.execute("UPDATE tasks SET note = '' WHERE key = ?", (key,))
    events.record(connection, events.EDITED, task=key, now=now, actor=actor, data=data)


def _require_person(connection: sqlite3.Connection, key: int, changes: Edit) -> None:
    task_id, holder = connection.execute("SELECT id, claimed_by FROM tasks WHERE key = ?", (key,)).fetchone()
    if holder:
        raise WgError(f"{task_id} is claimed by {holder}", f'tell them with: wg msg send {task_id} "…"')
    gates = [name for name in _GATES if name in changes.fields]
    if gates:
        raise WgError(
            f"an agent cannot change {', '.join(gates)} of {task_id}: that is for people", 'tell them with: wg log "…"'
        )


def add_labels(connection: sqlite3.Connection, key: int, labels: Iterable[tuple[str, str]]) -> None:
    """Label the task; what it has already stays."""
    connection.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", [(key, *each) for each in labels])


def _remove_label(connection: sqlite3.Connection, key: int, kind: str, value: str) -> None:
    which = "DELETE FROM labels WHERE task = ? AND kind = ? AND value = ?"
    if not connection.execute(which, (key, kind, value)).rowcount:
        present = ", ".join(labels(connection, key)[kind])
        raise NotFoundError(f"the task has no {kind} {value!r}", f"it has: {present}" if present else "it has none")


def labels(connection: sqlite3.Connection, key: int) -> dict[str, list[str]]:
    """The task's labels by kind, each kind sorted."""
    found: dict[str, list[str]] = {kind: [] for kind in LABELS}
    for kind, value in connection.execute("SELECT kind, value FROM labels WHERE task = ? ORDER BY kind, value", (key,)):
        found[kind].append(value)
    return found
