"""The drawn graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.views.graphs import graph, graphs
from wg.graph.relations import Edge, Graph
from wg.graph.task import STATUSES
from wg.views import excerpt
from wg.views.tree import SEEN, tree_lines

DIAMOND = {"a": "", "b": "a", "c": "a", "d": "b c", "e": ""}


def read(lines: list[str]) -> tuple[list[str], list[Edge]]:
    """What a reader sees: the tasks drawn as themselves, and the edges, by indentation."""
    tasks, edges = [], []
    above: list[str] = []
    for line in lines:
        text = line.lstrip(" │├└─")
        name = text.removesuffix(f" {SEEN}") if text.endswith(SEEN) else text[4:].split(" ")[0]
        if not text.endswith(SEEN):
            tasks.append(name)
        depth = (len(line) - len(text)) // 4
        above[depth:] = [name]
        if depth:
            edges.append(Edge(name, above[depth - 1]))
    return tasks, edges


def test_what_depends_on_a_task_stands_below_it() -> None:
    assert list(tree_lines(graph(DIAMOND, {"a": "done", "c": "failed"}))) == [
        "[x] a - Do a",
        "├── [ ] b - Do b",
        "│   └── [!] d - Do d (blocked by 2)",
        "└── [F] c - Do c",
        "    └── d (drawn above)",
        "[ ] e - Do e",
    ]


def test_from_one_task_on() -> None:
    found = graph({"c": "", "d": "c"})
    assert [line[-4:] for line in tree_lines(found, "c")] == ["Do c", "y 1)"]
    assert read(list(tree_lines(graph({"b": "c", "c": "b"}), "c"))) == (["c", "b"], [Edge("b", "c"), Edge("c", "b")])


def test_a_chain_may_be_longer_than_pythons_stack() -> None:
    names = [f"t{number}" for number in range(3000)]
    found = graph({name: names[index - 1] if index else "" for index, name in enumerate(names)})
    assert sum(1 for _ in tree_lines(found)) == 3000


def test_titles_cannot_drive_the_terminal() -> None:
    found = graph({"a": ""})
    hostile = Graph([found.tasks[0]._replace(title="\x1b[2J\n└── b", note="\x07")], [])
    assert list(tree_lines(hostile)) == ["[ ] a - \\x1b[2J\\n└── b (\\x07)"]


@given(graphs(), st.data())
def test_each_task_is_drawn_once_and_each_edge_is_shown(found: Graph, data: st.DataObject) -> None:
    ids = [task.id for task in found.tasks]
    pairs = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda pair: pair[0] != pair[1])
    rings = data.draw(st.lists(pairs, max_size=3)) if len(ids) > 1 else []
    found = Graph(found.tasks, sorted({*found.edges, *(Edge(*pair) for pair in rings)}))
    root = data.draw(st.sampled_from(["", *ids]))
    lines = list(tree_lines(found, root))
    tasks, edges = read(lines)
    assert sorted(tasks) == sorted(ids)
    assert sorted(edges) == sorted(found.edges)
    assert lines == list(tree_lines(found, root))
    assert not root or tasks[0] == root


@given(graphs(), st.sampled_from(STATUSES))
def test_excerpts_leave_out_nothing_else(found: Graph, status: str) -> None:
    by_status = excerpt.of_status(found, status)
    assert by_status.tasks == [task for task in found.tasks if task.status == status]
    part = excerpt.unfinished(found)
    kept = {task.id for task in part.tasks}
    alive = {task.id for task in found.tasks if task.status not in ("done", "abandoned")}
    assert alive <= kept
    for name in {task.id for task in found.tasks} - alive:
        assert (name in kept) == any(edge.dependency == name and edge.task in alive for edge in found.edges)
    for each in (by_status, part):
        ids = {task.id for task in each.tasks}
        assert each.edges == [edge for edge in found.edges if {edge.task, edge.dependency} <= ids]
    assert found.tasks[0] in excerpt.unfinished(found, found.tasks[0].id).tasks
