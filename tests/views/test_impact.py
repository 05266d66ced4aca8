"""What depends on a task."""

from __future__ import annotations

from hypothesis import given

from tests.views.graphs import graph, graphs
from wg.graph.relations import Graph
from wg.views.impact import impact_lines, impact_of

DIAMOND = {"a": "", "b": "a", "c": "a", "d": "b c", "e": "d a"}


def test_levels_by_distance() -> None:
    impact = impact_of("a", graph(DIAMOND, {"a": "done", "b": "done", "c": "abandoned"}))
    assert [[task.id for task in level] for level in impact.levels] == [["b", "c", "e"], ["d"]]
    assert (impact.total, impact.unfinished) == (4, 2)


def test_in_lines_cut_off() -> None:
    impact = impact_of("a", graph(DIAMOND))
    assert impact_lines(impact, -1) == [
        "a - Do a: 4 tasks depend on it, 3 directly; not finished: 4",
        "Level 1 (3):",
        "  [!] b - Do b (blocked by 1)",
        "  [!] c - Do c (blocked by 1)",
        "  [!] e - Do e (blocked by 2)",
        "Level 2 (1):",
        "  [!] d - Do d (blocked by 2)",
    ]
    assert impact_lines(impact, 2)[-1] == "  … and 2 more: --limit 0 shows all"
    assert impact_lines(impact, 4) == impact_lines(impact, -1)
    assert impact_lines(impact_of("e", graph(DIAMOND)), 2) == ["e - Do e: nothing depends on it"]


@given(graphs())
def test_each_dependent_stands_once_a_level_behind_one_it_depends_on(found: Graph) -> None:
    start = found.tasks[0].id
    levels = [[start], *([task.id for task in level] for level in impact_of(start, found).levels)]
    where = {name: number for number, level in enumerate(levels) for name in level}
    assert sum(map(len, levels)) == len(where)
    for edge in found.edges:
        assert edge.dependency not in where or where[edge.task] <= where[edge.dependency] + 1
    for name, number in where.items():
        parents = [where[edge.dependency] for edge in found.edges if edge.task == name and edge.dependency in where]
        assert number == (min(parents) + 1 if parents and name != start else 0)
