"""What a person says of a task that waits for a person's word, in SQL. Runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import WgError
from wg.graph import attempts, events, lifecycle, messages, tasks, transitions, waits


def approve(connection: sqlite3.Connection, key: int, comment: str, now: float, actor: str) -> None:
    """Yes: to what an attempt did, which is merged then, or to a task that waits for that. WgError if nobody asked."""
    change = transitions.require(connection, key, lifecycle.APPROVED, now=now, by_agent=events.is_agent(actor))
    enough = _is_enough(connection, key)
    events.record(connection, events.APPROVED, task=key, now=now, actor=actor, message=comment)
    if comment:  # what is merged needs no agent any more
        messages.send(connection, key, comment, now, actor, to_agents=enough is not None)
    if enough is None:
        connection.execute("UPDATE attempts SET approved = 1, hold = '' WHERE task = ? AND state = 'ended'", (key,))
        transitions.apply(connection, key, change, now=now, actor=actor, reason="approved: it is about to be merged")
    elif enough:
        woken = transitions.require(connection, key, lifecycle.WOKEN, now=now)
        transitions.apply(connection, key, woken, now=now, actor=actor)
    else:
        waits.remove_human(connection, key)


def reject(connection: sqlite3.Connection, key: int, reason: str, now: float, actor: str) -> None:
    """No: an attempt's work goes back to an agent, with the reason, until it was so often that the task fails."""
    change = transitions.require(connection, key, lifecycle.REJECTED, now=now, by_agent=events.is_agent(actor))
    _is_enough(connection, key)
    messages.send(connection, key, f"Rejected: {reason}", now, actor)
    if lifecycle.SETTLE in change.effects:
        attempts.give_up(connection, key, f"rejected by {actor}: {reason}")
    transitions.apply(connection, key, change, now=now, actor=actor, reason=f"rejected by {actor}: {reason}")


def _is_enough(connection: sqlite3.Connection, key: int) -> bool | None:
    """Whether a person's word is all that a parked task still waits for; None for a held attempt.

    WgError where it waits for other things alone.
    """
    rows = connection.execute("SELECT kind, any_of FROM waits WHERE task = ?", (key,)).fetchall()
    if not rows:
        return None
    if not any(kind == "human" for kind, _ in rows):
        name = tasks.id_of(connection, key)
        raise WgError(f"{name} does not wait for a person", f"wg show {name} says for what; wg resume {name} ends it")
    return bool(rows[0][1]) or all(kind == "human" for kind, _ in rows)
