"""The dispatcher's pause: kept in the store, so that it outlasts every dispatcher."""

from __future__ import annotations

import sqlite3

from wg.graph import events
from wg.graph.attempt import Pause


def get(connection: sqlite3.Connection) -> Pause | None:
    """Who wants nothing new to be started, and since when; None if nobody does."""
    by, at = connection.execute("SELECT paused_by, paused_at FROM dispatcher").fetchone()
    return Pause(by, at) if by else None


def begin(connection: sqlite3.Connection, now: float, actor: str) -> bool:
    """Start nothing new. False, and nothing changes, if that is so already."""
    if get(connection) is not None:
        return False
    connection.execute("UPDATE dispatcher SET paused_by = ?, paused_at = ?", (actor, now))
    events.record(connection, events.SERVICE_PAUSED, task=None, now=now, actor=actor)
    return True


def end(connection: sqlite3.Connection, now: float, actor: str) -> bool:
    """Start ready tasks again. False, and nothing changes, if there was no pause."""
    if get(connection) is None:
        return False
    connection.execute("UPDATE dispatcher SET paused_by = '', paused_at = 0")
    events.record(connection, events.SERVICE_RESUMED, task=None, now=now, actor=actor)
    return True
