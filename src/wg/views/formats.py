"""The dependency graph in the languages of other programs.

Arrows lead from a dependency to what waits for it, dashed ones from the end of a loop back to its beginning.

Titles are anybody's text (fault F30): what has a meaning in the language never gets there as itself.
"""

from __future__ import annotations

from wg.graph.relations import Graph
from wg.graph.task import Summary
from wg.text import printable
from wg.views.line import mark

_PLAIN_IN_MERMAID = frozenset(" -_.,:!?/+=()")


def dot_lines(graph: Graph) -> list[str]:
    """For Graphviz."""
    lines = ["digraph tasks {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_dot(task.id)} [label={_dot(_label(task))}];" for task in graph.tasks]
    lines += [f"  {_dot(edge.dependency)} -> {_dot(edge.task)};" for edge in graph.edges]
    lines += [f"  {_dot(loop.tail)} -> {_dot(loop.head)} [style=dashed, constraint=false];" for loop in graph.loops]
    return [*lines, "}"]


def mermaid_lines(graph: Graph) -> list[str]:
    """A Mermaid flowchart. Nodes are numbered: among the ids could be a word of its language."""
    numbers = {task.id: f"n{number}" for number, task in enumerate(graph.tasks)}
    lines = ["flowchart LR"]
    lines += [f'  {numbers[task.id]}["{_mermaid(_label(task))}"]' for task in graph.tasks]
    lines += [f"  {numbers[edge.dependency]} --> {numbers[edge.task]}" for edge in graph.edges]
    lines += [f"  {numbers[loop.tail]} -.-> {numbers[loop.head]}" for loop in graph.loops]
    return lines


def _label(task: Summary) -> str:
    return f"[{mark(task)}] {task.id}: {printable(task.title)}"


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid(text: str) -> str:
    """Everything but letters, digits and harmless punctuation as the entity `#NUMBER;`."""
    return "".join(c if c.isalnum() or c in _PLAIN_IN_MERMAID else f"#{ord(c)};" for c in text)
