"""What views read of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.records import FAILED, claim
from wg.errors import NotFoundError
from wg.graph.protocol import TaskStore
from wg.graph.relations import Blocked, Edge, Graph
from wg.graph.store import Store
from wg.graph.task import Neighbour, NewTask


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TaskStore]:
    """a <- b <- d, a <- c <- d, and e alone."""
    with Store.create(str(tmp_path / "graph.db")) as made:
        for name, after in (("a", ()), ("b", ("a",)), ("c", ("a",)), ("d", ("b", "c")), ("e", ())):
            made.add(NewTask(name.upper(), id=name, after=after), 1.0, "ann")
        yield made


def ids(graph: Graph) -> list[str]:
    return [task.id for task in graph.tasks]


def test_the_whole_graph(store: TaskStore) -> None:
    graph = store.graph()
    assert ids(graph) == ["a", "b", "c", "d", "e"]
    assert graph.edges == [Edge("b", "a"), Edge("c", "a"), Edge("d", "b"), Edge("d", "c")]


def test_downstream(store: TaskStore) -> None:
    assert ids(store.downstream("b")) == ["b", "d"]
    assert store.downstream("b").edges == [Edge("d", "b")]
    assert ids(store.downstream("a")) == ["a", "b", "c", "d"]
    assert store.downstream("e") == Graph([task for task in store.tasks() if task.id == "e"], [])


def test_causes_lead_over_what_is_open_to_what_is_not_done(store: TaskStore) -> None:
    assert ids(store.causes("d")) == ["a", "b", "c", "d"]
    store.person_done("a", 2.0, "ann")
    assert ids(store.causes("d")) == ["b", "c", "d"]
    store.person_done("b", 2.0, "ann")
    assert store.causes("d").edges == [Edge("d", "c")]


def test_what_is_not_open_has_no_further_causes(store: TaskStore) -> None:
    store.person_fail("b", "no", 2.0, "ann")
    assert ids(store.causes("b")) == ["b"]
    assert ids(store.causes("d")) == ["a", "b", "c", "d"]  # a by way of c
    store.settle(claim(store, "a").fence, FAILED, 3.0)
    assert ids(store.causes("a")) == ["a"]


def test_blocked_names_what_is_not_done(store: TaskStore) -> None:
    found = {each.task.id: each for each in store.blocked()}
    assert list(found) == ["b", "c", "d"]
    assert found["d"].by == [Neighbour("b", "open", "B"), Neighbour("c", "open", "C")]
    assert [each.task.id for each in store.blocked(1)] == ["b"]
    store.person_done("a", 2.0, "ann")
    store.person_done("b", 2.0, "ann")
    (only,) = store.blocked()
    assert only == Blocked(next(task for task in store.tasks() if task.id == "d"), [Neighbour("c", "open", "C")])


def test_events_from_a_number_on(store: TaskStore) -> None:
    assert store.last_event() == 5
    store.log("a", "hello", 3.0, "bob")
    store.person_done("a", 4.0, "ann")
    events = store.events_after(5)
    assert [(event.seq, event.at, event.type, event.task, event.actor) for event in events] == [
        (6, 3.0, "log", "a", "bob"),
        (7, 4.0, "status", "a", "ann"),
    ]
    assert events[0].message == "hello" and '"to":"done"' in events[1].data
    assert [event.seq for event in store.events_after(0, "a")] == [1, 6, 7]
    assert [event.seq for event in store.events_after(1, limit=2)] == [2, 3]
    assert store.events_after(7) == []


@pytest.mark.parametrize("call", ["downstream", "causes"])
def test_unknown_tasks_are_not_found(store: TaskStore, call: str) -> None:
    with pytest.raises(NotFoundError):
        getattr(store, call)("zzz")
