"""What views read besides single tasks: tasks with the dependencies between them, and events."""

from __future__ import annotations

from wg.graph.task import Loop, Neighbour, Summary
from wg.records import NamedTuple


class Edge(NamedTuple):
    """`task` depends on `dependency`; both are ids."""

    task: str
    dependency: str


class Awaited(NamedTuple):
    """`task` waits until `other` has a status that it has not; both are ids."""

    task: str
    other: str
    status: str


class Graph(NamedTuple):
    """Tasks in order of creation, and the edges and loops that have both ends among them."""

    tasks: list[Summary]
    edges: list[Edge]
    loops: tuple[Loop, ...] = ()
    awaited: tuple[Awaited, ...] = ()  # only where causes are asked for


class Blocked(NamedTuple):
    """An open task and the dependencies that it still waits for."""

    task: Summary
    by: list[Neighbour]


class Miscounted(NamedTuple):
    """A task whose stored number of unmet dependencies is not the real one."""

    task: str
    counted: int
    unmet: int


class Event(NamedTuple):
    """One entry of the history. `data` is JSON text, or ""."""

    seq: int  # increases by commit: whoever has seen one has seen all before it
    at: float  # seconds since the epoch
    type: str
    task: str | None
    attempt: int | None  # the attempt's fence
    actor: str
    message: str
    data: str
