"""A task with all that belongs to it, as it is exported and imported."""

from __future__ import annotations

from wg.graph.task import Condition, LogEntry, Task
from wg.records import NamedTuple


class Loop(NamedTuple):
    """The loop that ends with this task."""

    head: str  # the id of its first task
    max_iterations: int | None = None  # so many runs in all; None: without end
    guard: str = ""  # "ID=STATUS": it only runs again while that task has that status; "" for always
    delay: float = 0.0  # seconds until the next run may begin
    iteration: int = 1  # which run this is
    converged: bool = False  # this run is the last one


class Message(NamedTuple):
    """Something said to whoever works on the task."""

    at: float  # seconds since the epoch
    sender: str
    body: str


class Record(NamedTuple):
    """A task and what belongs to it. Its `unmet`, `unread` and `note` mean nothing here: a store finds them anew."""

    task: Task
    after: tuple[str, ...] = ()  # ids, sorted
    loop: Loop | None = None
    any_of: bool = False  # one of `waits` is enough
    waits: tuple[Condition, ...] = ()  # the value of a `message` is how many messages there were
    labels: tuple[tuple[str, str], ...] = ()  # (one of LABELS, value), sorted
    log: tuple[LogEntry, ...] = ()  # oldest first
    messages: tuple[Message, ...] = ()  # oldest first
    readers: tuple[tuple[str, int], ...] = ()  # who has got how many of the messages, sorted
    line: int = 0  # where it stands in the file, counted from 1


class Taken(NamedTuple):
    """What a store did with the records of an import."""

    tasks: int  # so many were stored, or would be
    skipped: list[str]  # ids of tasks that were there before, sorted
