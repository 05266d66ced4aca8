"""The history: typed events, only ever appended. Log lines are events of type `log`."""

from __future__ import annotations

import sqlite3

from wg.graph.task import LogEntry

LOG = "log"
ADDED = "added"
STATUS = "status"  # data: {"event": a lifecycle event, "from": status, "to": status}
NOTED = "noted"
LINKED = "linked"  # it depends on another task; data: {"dependency": id}
UNLINKED = "unlinked"
EDITED = "edited"  # data: {"changed": names of fields, with commas}
STARTED = "started"
ENDED = "ended"
REPORTED = "reported"  # the agent's claim; data: {"result": "done" | "fail"}
ENDED_LATE = "ended-late"
REPORTED_LATE = "reported-late"
SETTLED_LATE = "settled-late"  # the attempt is over, but its task had moved on

DISPATCHER = "dispatcher"


def agent(fence: int) -> str:
    """The name of the agent of an attempt."""
    return f"agent-{fence}"


def is_agent(actor: str) -> bool:
    """Whether `actor` is the name of an attempt's agent."""
    prefix, _, fence = actor.rpartition("-")
    return prefix == "agent" and fence.isdigit()


def record(
    connection: sqlite3.Connection,
    type: str,
    *,
    task: int,
    now: float,
    actor: str,
    attempt: int | None = None,
    message: str = "",
    data: str = "",
) -> None:
    """Append one event. `task` is a key, `data` JSON text."""
    connection.execute(
        "INSERT INTO events (at, task, attempt, type, actor, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (now, task, attempt, type, actor, message, data),
    )


def log_entries(connection: sqlite3.Connection, task: int, limit: int) -> list[LogEntry]:
    """The last `limit` log lines, oldest first; -1 for all."""
    found = connection.execute(
        "SELECT at, actor, message FROM events WHERE task = ? AND type = ? ORDER BY seq DESC LIMIT ?",
        (task, LOG, limit),
    ).fetchall()
    return [LogEntry(*row) for row in reversed(found)]


def json_object(connection: sqlite3.Connection, *pairs: str) -> str:
    """A JSON object, by SQLite: importing json costs more than the statement (decision 2)."""
    marks = ", ".join("?" * len(pairs))
    text: str = connection.execute(f"SELECT json_object({marks})", pairs).fetchone()[0]
    return text
