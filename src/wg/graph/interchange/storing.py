"""Tasks out of the database as records, one after the other, so that any number of them needs little memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from wg.graph import events, rows
from wg.graph.interchange.record import Loop, Message, Record
from wg.graph.task import Condition, LogEntry

# CROSS JOIN: SQLite is to go through the tasks by id, and needs no sort then
_OF = "FROM tasks CROSS JOIN {0} ON {0}.task = tasks.key"
_AFTER = f"""SELECT tasks.id, (SELECT id FROM tasks AS other WHERE other.key = edges.dependency)
    {_OF.format("edges")} WHERE implied = 0 ORDER BY tasks.id"""
_LOOPS = """SELECT tasks.id, (SELECT id FROM tasks AS head WHERE head.key = loops.head),
    max_iterations, guard, delay, iteration, converged
    FROM tasks CROSS JOIN loops ON loops.tail = tasks.key ORDER BY tasks.id"""
# a message that is waited for comes behind a number of others; their own numbers are this store's
_WAITS = f"""SELECT tasks.id, any_of, kind, subject, CASE kind WHEN 'message' THEN
    (SELECT count(*) FROM messages WHERE messages.task = tasks.key AND messages.seq <= CAST(waits.value AS INTEGER))
    ELSE value END
    {_OF.format("waits")} ORDER BY tasks.id, position"""
_LABELS = f"SELECT tasks.id, kind, value {_OF.format('labels')} ORDER BY tasks.id, kind, value"
_LOG = f"""SELECT tasks.id, at, actor, message {_OF.format("events")} WHERE type = '{events.LOG}'
    ORDER BY tasks.id, events.seq"""
_MESSAGES = f"SELECT tasks.id, at, sender, body {_OF.format('messages')} ORDER BY tasks.id, messages.seq"
_READERS = f"""SELECT tasks.id, reader,
    (SELECT count(*) FROM messages WHERE messages.task = tasks.key AND messages.seq <= cursors.seq)
    {_OF.format("cursors")} ORDER BY tasks.id, reader"""


class _Beside:
    """The rows of one query that belong to one task after the other; both are in order of the ids."""

    def __init__(self, connection: sqlite3.Connection, query: str) -> None:
        self._rows = connection.execute(query)
        self._next = self._rows.fetchone()

    def of(self, task_id: str) -> list[tuple[Any, ...]]:
        """The rows of that task, without its id."""
        found = []
        while self._next is not None and self._next[0] == task_id:
            found.append(self._next[1:])
            self._next = self._rows.fetchone()
        return found


def records(connection: sqlite3.Connection) -> Iterator[Record]:
    """Every task in order of its id, as it was at one moment. Writers do not wait for the end of it."""
    connection.execute("BEGIN")
    try:
        after, loops, labels, log, messages, readers, waits = (
            _Beside(connection, query).of for query in (_AFTER, _LOOPS, _LABELS, _LOG, _MESSAGES, _READERS, _WAITS)
        )
        for row in connection.execute(f"{rows.TASK} ORDER BY tasks.id"):
            task = rows.task(row)
            made = Record(
                task,
                after=tuple(sorted(each[0] for each in after(task.id))),
                loop=_loop(loops(task.id)),
                labels=tuple(sorted(labels(task.id))),
                log=tuple(LogEntry(*each) for each in log(task.id)),
                messages=tuple(Message(*each) for each in messages(task.id)),
                readers=tuple(sorted(each for each in readers(task.id) if each[1])),
            )
            yield _as_it_goes_on_elsewhere(made, waits(task.id))
    finally:
        connection.execute("COMMIT")


def _as_it_goes_on_elsewhere(made: Record, waits: list[tuple[Any, ...]]) -> Record:
    """An attempt is this machine's: what one is at work on, or has ended and is held, is open in a copy."""
    task = made.task
    attempted = {
        "in-progress": not task.claimed_by,
        "pending-eval": True,
        "waiting": not waits,  # then its attempt is held
    }
    if attempted.get(task.status):
        return made._replace(task=task._replace(status="open", reason="", started_at=None, completed_at=None))
    if task.status != "waiting":
        return made
    conditions = tuple(Condition(kind, subject, str(value)) for _, kind, subject, value in waits)
    return made._replace(waits=conditions, any_of=bool(waits[0][0]))


def _loop(found: list[tuple[Any, ...]]) -> Loop | None:
    if not found:
        return None
    made = Loop(*found[0])
    return made._replace(converged=bool(made.converged))
