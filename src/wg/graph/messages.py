"""Messages to whoever works on a task, in SQL, and who has got them. Runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.graph import events
from wg.graph.task import Message

AGENTS = "agents"  # the reader that all agents of a task are together: what one has got the next need not ask for
_CURSOR = "coalesce((SELECT seq FROM cursors WHERE task = :task AND reader = :reader), 0)"


def send(connection: sqlite3.Connection, key: int, body: str, now: float, actor: str, *, to_agents: bool = True) -> int:
    """Store a message; returns its number. One that the task's own agent writes (`to_agents` false) is for people."""
    seq = connection.execute(
        "INSERT INTO messages (task, at, sender, body) VALUES (?, ?, ?, ?)", (key, now, actor, body)
    ).lastrowid
    assert seq is not None
    if to_agents:
        connection.execute("UPDATE tasks SET unread = unread + 1 WHERE key = ?", (key,))
    events.record(connection, events.MESSAGE, task=key, now=now, actor=actor)
    return seq


def of_task(connection: sqlite3.Connection, key: int, reader: str) -> list[Message]:
    """The task's messages, oldest first, and whether `reader` has got them. Nobody has to read what he wrote."""
    found = connection.execute(
        f"SELECT seq, at, sender, body, seq > {_CURSOR} AND sender <> :reader FROM messages WHERE task = :task"
        " ORDER BY seq",
        {"task": key, "reader": reader},
    )
    return [Message(seq, at, sender, body, bool(unread)) for seq, at, sender, body, unread in found]


def mark_read(connection: sqlite3.Connection, key: int, reader: str) -> None:
    """`reader` has got all messages of the task."""
    connection.execute(
        "INSERT INTO cursors SELECT :task, :reader, max(seq) FROM messages WHERE task = :task HAVING max(seq) > 0"
        " ON CONFLICT (task, reader) DO UPDATE SET seq = excluded.seq",
        {"task": key, "reader": reader},
    )
    if reader == AGENTS:
        connection.execute("UPDATE tasks SET unread = 0 WHERE key = ?", (key,))


def unread(connection: sqlite3.Connection, reader: str) -> list[tuple[str, int]]:
    """The tasks with messages that `reader` has not got, and how many; those with the newest ones first."""
    found = connection.execute(
        "SELECT tasks.id, count(*) FROM messages JOIN tasks ON tasks.key = messages.task"
        " LEFT JOIN cursors ON cursors.task = messages.task AND cursors.reader = ?1"
        " WHERE messages.seq > coalesce(cursors.seq, 0) AND sender <> ?1"
        " GROUP BY tasks.key ORDER BY max(messages.seq) DESC",
        (reader,),
    )
    return [(row[0], row[1]) for row in found]
