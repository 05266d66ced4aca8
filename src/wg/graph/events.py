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
LOOPED = "looped"  # a loop ends with it; data: {"head": id}
UNLOOPED = "unlooped"
CONVERGED = "converged"  # the loop around it ends with this run
APPROVED = "approved"
MESSAGE = "message"  # somebody wrote to it; the text is in the messages
EDITED = "edited"  # data: {"changed": names of fields, with commas}
STARTED = "started"
ENDED = "ended"
REPORTED = "reported"  # the agent's claim; data: {"result": "done" | "fail"}
ENDED_LATE = "ended-late"
REPORTED_LATE = "reported-late"
KILLED = "killed"  # a person wants the attempt ended; data: {"then": "fail" | "requeue"}
SERVICE_PAUSED = "service-paused"  # of no task: nothing new is started
SERVICE_RESUMED = "service-resumed"
ROUTE_PAUSED = "route-paused"  # by this attempt's trouble; data: {"route", "kind", "until": seconds since the epoch}
ROUTE_RESUMED = "route-resumed"  # of no task; data: {"route"}
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
    task: int | None,
    now: float,
    actor: str,
    attempt: int | None = None,
    message: str = "",
    data: str = "",
) -> None:
    """Append one event. `task` is a key, or None where it is about the whole project; `data` is JSON text."""
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
