"""Cycles and the inside of loops, against a look at every way there is."""

from __future__ import annotations

import graphlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wg.graph.interchange import cycles
from wg.graph.interchange.shape import Shape

PAIRS = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14)


def has_cycle(pairs: set[tuple[int, int]]) -> bool:
    sorter: graphlib.TopologicalSorter[int] = graphlib.TopologicalSorter()
    for task, dependency in pairs:
        sorter.add(task, dependency)
    try:
        sorter.prepare()
    except graphlib.CycleError:
        return True
    return False


def reachable(pairs: set[tuple[int, int]], start: int) -> set[int]:
    found = {start}
    for _ in range(8):
        found |= {dependency for task, dependency in pairs if task in found}
    return found


@given(PAIRS)
def test_a_cycle_is_found_if_there_is_one(pairs: set[tuple[int, int]]) -> None:
    circle = Shape(7, pairs).cycle()
    assert bool(circle) == has_cycle(pairs)
    assert all(pair in pairs for pair in pairwise([*circle, *circle[:1]]))


@given(PAIRS, st.integers(0, 6), st.integers(0, 6))
def test_what_is_between(pairs: set[tuple[int, int]], head: int, tail: int) -> None:
    expected = {task for task in reachable(pairs, tail) if head in reachable(pairs, task)}
    assert Shape(7, pairs).between(head, tail) == expected


@given(PAIRS, st.sets(st.integers(0, 6)), st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_untangled_there_is_no_cycle_left(pairs: set[tuple[int, int]], configured: set[int], ages: list[int]) -> None:
    after = {str(task): sorted(str(each) for other, each in pairs if other == task) for task in range(7)}
    before = {(task, each) for task, deps in after.items() for each in deps}
    created = {str(task): float(age) for task, age in enumerate(ages)}
    untangled = cycles.untangle(after, {str(task) for task in configured}, created)
    left = before - set(untangled.cut) - {(loop.head, loop.tail) for loop in untangled.loops}
    numbers = {(int(task), int(each)) for task, each in left}
    assert not has_cycle(numbers)
    assert len(left) == len(before) - len(untangled.cut) - len(untangled.loops)
    for loop in untangled.loops:
        assert loop.configured in {str(task) for task in configured}
        assert int(loop.head) in reachable(numbers, int(loop.tail))
        assert loop.members == {
            str(task) for task in reachable(numbers, int(loop.tail)) if int(loop.head) in reachable(numbers, task)
        }
    in_cycles = {task for task in range(7) if any(task in reachable(pairs, each) for o, each in pairs if o == task)}
    assert {int(task) for edge in untangled.cut for task in edge} <= in_cycles
