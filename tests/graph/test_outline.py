"""What is read for the first lines of the drawn graph draws the same lines as the whole graph does."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.graphs import graph, graphs
from wg.graph.outline import ALL, PARTS, UNFINISHED
from wg.graph.relations import Graph
from wg.graph.store import Store
from wg.graph.task import NewTask
from wg.views import excerpt
from wg.views.tree import tree_lines


def stored(store: Store, wanted: Graph) -> None:
    """Bring the graph into the store, with statuses that no history led to."""
    for task in wanted.tasks:
        after = tuple(edge.dependency for edge in wanted.edges if edge.task == task.id)
        store.add(NewTask(task.title, task.id, after=after), 1.0, "ann")
    with store._database.writing() as connection:
        connection.executemany("UPDATE tasks SET status = ? WHERE id = ?", [(t.status, t.id) for t in wanted.tasks])


def part_of(whole: Graph, part: str) -> Graph:
    if part == UNFINISHED:
        return excerpt.unfinished(whole)
    return whole if part == ALL else excerpt.of_status(whole, part)


@settings(max_examples=60)
@given(graphs(), st.sampled_from(PARTS), st.integers(1, 15))
def test_the_first_lines_are_those_of_the_whole_graph(wanted: Graph, part: str, lines: int) -> None:
    with tempfile.TemporaryDirectory() as scratch, Store.create(str(Path(scratch) / "graph.db")) as store:
        stored(store, wanted)
        expected = list(islice(tree_lines(part_of(store.graph(), part)), lines + 1))
        assert list(islice(tree_lines(store.outline(part, lines)), lines + 1)) == expected


def test_no_more_is_read_than_is_drawn(tmp_path: Path) -> None:
    chains = {f"t{number}": f"t{number - 1}" if number % 10 else "" for number in range(200)}
    below_one = {f"b{number}": "t0" for number in range(200)}
    with Store.create(str(tmp_path / "graph.db")) as store:
        stored(store, graph({**chains, **below_one}))
        assert len(store.outline(ALL, 5).tasks) <= 12
        assert len(store.outline(UNFINISHED, 20).tasks) <= 2 * 22


def test_rings_are_drawn(tmp_path: Path) -> None:
    with Store.create(str(tmp_path / "graph.db")) as store:
        stored(store, graph({"a": "", "b": "", "c": "b", "d": "c"}))
        with store._database.writing() as connection:  # `add_dependency` refuses it
            connection.execute("INSERT INTO edges (task, dependency) VALUES (2, 4)")
        assert list(tree_lines(store.outline(ALL, 9))) == list(tree_lines(store.graph()))
        assert len(list(tree_lines(store.outline(ALL, 9)))) == 5
