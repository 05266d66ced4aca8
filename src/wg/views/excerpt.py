"""Which part of a graph is drawn."""

from __future__ import annotations

from wg.graph.relations import Graph
from wg.graph.task import SATISFYING


def of_status(graph: Graph, status: str) -> Graph:
    """The tasks of one status."""
    return _only(graph, {task.id for task in graph.tasks if task.status == status})


def unfinished(graph: Graph, root: str = "") -> Graph:
    """The tasks that are not done or abandoned, what they directly depend on, and `root` in any case."""
    alive = {task.id for task in graph.tasks if task.status not in SATISFYING}
    return _only(graph, alive | {edge.dependency for edge in graph.edges if edge.task in alive} | {root})


def _only(graph: Graph, ids: set[str]) -> Graph:
    return Graph(
        [task for task in graph.tasks if task.id in ids],
        [edge for edge in graph.edges if edge.task in ids and edge.dependency in ids],
        tuple(loop for loop in graph.loops if loop.tail in ids and loop.head in ids),
    )
