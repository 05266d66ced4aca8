"""Dependencies that are added and taken away later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.records import claim
from wg.errors import NotFoundError, WgError
from wg.graph.store import Store
from wg.graph.task import NewTask


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a chain: c depends on b, b on a; and d alone."""
    with Store.create(str(tmp_path / "db" / "graph.db")) as made:
        for name, after in (("a", ()), ("b", ("a",)), ("c", ("b",)), ("d", ())):
            made.add(NewTask(name, id=name, after=after), 1.0, "ann")
        yield made


def unmet(store: Store) -> dict[str, int]:
    return {task.id: task.unmet for task in store.tasks()}


def test_unmet_dependencies_are_counted(store: Store) -> None:
    store.add_dependency("d", "a", 2.0, "ann")
    store.add_dependency("d", "c", 2.0, "ann")
    assert unmet(store) == {"a": 0, "b": 1, "c": 1, "d": 2}
    store.person_done("a", 3.0, "ann")
    assert unmet(store)["d"] == 1
    store.remove_dependency("d", "a", 4.0, "ann")
    assert unmet(store)["d"] == 1
    store.remove_dependency("d", "c", 4.0, "ann")
    assert [task.id for task in store.ready()] == ["b", "d"]
    store.add_dependency("d", "a", 5.0, "ann")
    assert unmet(store)["d"] == 0


def test_the_history_tells(store: Store) -> None:
    store.add_dependency("d", "a", 2.0, "ann")
    store.remove_dependency("d", "a", 3.0, "bob")
    told = [(event.type, event.actor, event.data) for event in store.events_after(0, "d")][1:]
    assert told == [("linked", "ann", '{"dependency":"a"}'), ("unlinked", "bob", '{"dependency":"a"}')]


@pytest.mark.parametrize(
    ("task", "dependency", "path"), [("a", "c", "a -> c -> b -> a"), ("a", "b", "a -> b -> a"), ("a", "a", "a -> a")]
)
def test_a_cycle_is_refused_and_its_path_named(store: Store, task: str, dependency: str, path: str) -> None:
    with pytest.raises(WgError, match=f"cycle: {path}$"):
        store.add_dependency(task, dependency, 2.0, "ann")
    assert unmet(store) == {"a": 0, "b": 1, "c": 1, "d": 0}


def test_what_is_there_is_not_added_and_what_is_not_there_not_removed(store: Store) -> None:
    with pytest.raises(WgError, match="depends on a already"):
        store.add_dependency("b", "a", 2.0, "ann")
    with pytest.raises(NotFoundError, match="c does not depend on a"):
        store.remove_dependency("c", "a", 2.0, "ann")
    with pytest.raises(NotFoundError):
        store.add_dependency("b", "nope", 2.0, "ann")


def test_what_has_been_started_is_given_no_dependency(store: Store) -> None:
    claim(store, "a")
    with pytest.raises(WgError, match="a is in-progress"):
        store.add_dependency("a", "d", 2.0, "ann")
    store.person_done("d", 3.0, "ann")
    with pytest.raises(WgError, match="d is done"):
        store.add_dependency("d", "a", 4.0, "ann")


def test_a_failed_task_may_wait_for_another_before_it_is_retried(store: Store) -> None:
    store.person_fail("a", "needs d", 2.0, "ann")
    store.add_dependency("a", "d", 3.0, "ann")
    store.retry("a", "", 4.0, "ann")
    assert [task.id for task in store.ready()] == ["d"]
