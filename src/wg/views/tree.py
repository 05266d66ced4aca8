"""The dependency graph as a drawing: what a task depends on stands above it, and what depends on it below."""

from __future__ import annotations

from collections.abc import Iterator

from wg.graph.relations import Graph
from wg.views.line import loop_line, task_line

SEEN = "(drawn above)"


def tree_lines(graph: Graph, root: str = "") -> Iterator[str]:
    """Each task is drawn once, with a line below it for each edge to it; what is reached again is only referred to.

    From `root`, then from all tasks without dependencies, in order of creation; where tasks depend on each other in
    a ring, the oldest of them stands for a root.
    """
    lines = {task.id: task_line(task) for task in graph.tasks}
    for loop in graph.loops:
        lines[loop.tail] += f" (loop {loop_line(loop)})"
    below: dict[str, list[str]] = {}
    depends = set()
    for edge in graph.edges:
        below.setdefault(edge.dependency, []).append(edge.task)
        depends.add(edge.task)
    first = [root] if root in lines else []
    roots = [name for name in lines if name not in depends]
    drawn: set[str] = set()
    for start in (*first, *roots, *lines):
        if start not in drawn:
            yield from _branch(start, lines, below, drawn)


def _branch(start: str, lines: dict[str, str], below: dict[str, list[str]], drawn: set[str]) -> Iterator[str]:
    """Depth first; not by recursion, because chains may be longer than Python's stack."""
    pending = [(start, "", "")]  # task, what stands before it, and before its children
    while pending:
        name, before, indent = pending.pop()
        if name in drawn:
            yield f"{before}{name} {SEEN}"
            continue
        drawn.add(name)
        yield before + lines[name]
        children = below.get(name, [])
        for child in reversed(children):
            last = child == children[-1]
            pending.append((child, indent + ("└── " if last else "├── "), indent + ("    " if last else "│   ")))
