"""Graphs of any size for benchmarks."""

from __future__ import annotations

import sqlite3

from wg.graph import events, tasks
from wg.graph.store import Store
from wg.graph.task import NewTask

CHAIN = 10
TEXT = "What the agent must know of this task. " * 53  # 2 KB


def fill(path: str, count: int, spare: int) -> None:
    """Store the tasks t0, t1, … and, in front of them, d0, d1, …, to be finished and claimed; in one transaction.

    Each has a description of 2 KB and a line in its log. Of the first kind every tenth is ready, and the others form
    chains behind it.
    """
    with Store.open(path) as store, store._database.writing() as connection:
        for number in range(spare):
            _add(connection, NewTask(f"Spare task {number}", f"d{number}", TEXT))
        for number in range(count):
            after = (f"t{number - 1}",) if number % CHAIN else ()
            _add(connection, NewTask(f"Task {number}", f"t{number}", TEXT, after))


def _add(connection: sqlite3.Connection, task: NewTask) -> None:
    tasks.add(connection, task, 1.0, "bench")
    key = tasks.key_of(connection, task.id)
    events.record(connection, events.LOG, task=key, now=2.0, actor="bench", message="a line in the log")
