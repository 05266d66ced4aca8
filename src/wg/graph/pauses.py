"""Paused routes in SQL. Each function runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph import events, texts
from wg.graph.pause import RoutePause


def listed(connection: sqlite3.Connection) -> list[RoutePause]:
    """All of them, by name."""
    found = connection.execute(
        "SELECT route, kind, until, since, failures, message, attempt, config_digest FROM route_pauses ORDER BY route"
    )
    return [RoutePause(*row) for row in found]


def put(connection: sqlite3.Connection, pause: RoutePause, now: float) -> None:
    """Store it, in the place of what was known of that route."""
    values = pause._replace(message=texts.storable(pause.message))
    _forget(connection, [before for before in listed(connection) if before.route == pause.route])
    connection.execute("INSERT INTO route_pauses VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    (task,) = connection.execute("SELECT task FROM attempts WHERE fence = ?", (pause.attempt,)).fetchone()
    events.record(
        connection,
        events.ROUTE_PAUSED,
        task=task,
        now=now,
        actor=events.DISPATCHER,
        attempt=pause.attempt,
        message=values.message,
        data=events.json_object(connection, "route", pause.route, "kind", pause.kind, "until", str(pause.until)),
    )


def end(connection: sqlite3.Connection, route: str, now: float, actor: str) -> bool:
    """Let the route be used again. False if it was not paused."""
    ended = [pause for pause in listed(connection) if pause.route == route]
    _forget(connection, ended)
    if ended:
        data = events.json_object(connection, "route", route)
        events.record(connection, events.ROUTE_RESUMED, task=None, now=now, actor=actor, data=data)
    return bool(ended)


def _forget(connection: sqlite3.Connection, pauses: list[RoutePause]) -> None:
    """Together with what it has put on tasks: no note may outlive its cause."""
    for pause in pauses:
        connection.execute("DELETE FROM route_pauses WHERE route = ?", (pause.route,))
        connection.execute(
            "UPDATE tasks SET note = '' WHERE status = 'open' AND paused = 0 AND unmet = 0 AND note = ?", (pause.note,)
        )
