"""What people do to tasks by hand, in the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.records import FAILED, OUTCOME, ROUTE, claim, run_to_end
from wg.errors import NotFoundError, WgError
from wg.graph.store import Store
from wg.graph.task import NewTask


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(str(tmp_path / "db" / "graph.db")) as made:
        yield made


def add(store: Store, name: str, *after: str) -> None:
    store.add(NewTask(name, id=name, after=after), 1.0, "ann")


def chain(store: Store, *names: str) -> None:
    """Tasks of which each depends on the one before, all done."""
    before: tuple[str, ...] = ()
    for name in names:
        add(store, name, *before)
        store.person_done(name, 2.0, "ann")
        before = (name,)


def statuses(store: Store) -> dict[str, str]:
    return {task.id: task.status for task in store.tasks()}


def ready(store: Store) -> list[str]:
    return [task.id for task in store.ready()]


def test_failures_in_a_row_are_counted_until_a_retry(store: Store) -> None:
    add(store, "a")
    for count in (1, 2):
        assert store.settle(run_to_end(store, "a"), FAILED, 5.0)
        assert store.task("a").failures == 1
        store.retry("a", f"again {count}", 6.0, "ann")
        task = store.task("a")
        assert (task.status, task.failures, task.reason) == ("open", 0, "")
        assert (task.started_at, task.completed_at) == (None, None)
    assert [event.message for event in store.events_after(0, "a") if "retried" in event.data] == ["again 1", "again 2"]
    assert ready(store) == ["a"]


def test_only_what_failed_is_retried(store: Store) -> None:
    add(store, "a")
    with pytest.raises(WgError, match="cannot be retried"):
        store.retry("a", "", 2.0, "ann")
    store.person_done("a", 3.0, "ann")
    with pytest.raises(WgError, match="already done") as caught:
        store.retry("a", "", 4.0, "ann")
    assert "wg reset a" in caught.value.hint


def test_an_abandoned_task_releases_its_dependents_and_names_its_successor(store: Store) -> None:
    add(store, "old")
    add(store, "new")
    add(store, "after", "old")
    store.abandon("old", "no need", "new", 2.0, "ann")
    task = store.task("old")
    assert (task.status, task.reason, task.superseded_by) == ("abandoned", "no need", "new")
    assert ready(store) == ["new", "after"]
    store.reset("old", downstream=False, now=3.0, actor="ann")
    assert (store.task("old").superseded_by, store.task("after").unmet) == ("", 1)


@pytest.mark.parametrize(("successor", "error"), [("a", WgError), ("nope", NotFoundError)])
def test_a_successor_is_another_task(store: Store, successor: str, error: type[WgError]) -> None:
    add(store, "a")
    with pytest.raises(error):
        store.abandon("a", "", successor, 2.0, "ann")
    assert statuses(store) == {"a": "open"}


def test_abandoning_what_waits_settles_its_attempt(store: Store) -> None:
    add(store, "a")
    fence = run_to_end(store, "a")
    store.hold(fence, "conflict", 4.0)
    store.abandon("a", "", "", 5.0, "ann")
    assert store.attempt(fence).state == "settled"


def test_reset_names_what_was_done_on_top_of_it(store: Store) -> None:
    chain(store, "a", "b", "c")
    with pytest.raises(WgError, match="are done: b, c") as caught:
        store.reset("a", downstream=False, now=3.0, actor="ann")
    assert "--downstream" in caught.value.hint
    assert statuses(store) == {"a": "done", "b": "done", "c": "done"}
    assert store.reset("a", downstream=True, now=3.0, actor="ann") == ["a", "b", "c"]
    assert statuses(store) == {"a": "open", "b": "open", "c": "open"}
    assert ready(store) == ["a"]
    assert [task.unmet for task in store.tasks()] == [0, 1, 1]


def test_reset_does_not_go_on_behind_what_is_not_done(store: Store) -> None:
    chain(store, "a")
    add(store, "b", "a")
    store.abandon("b", "", "", 2.0, "ann")
    add(store, "c", "b")
    store.person_done("c", 3.0, "ann")
    assert store.reset("a", downstream=False, now=4.0, actor="ann") == ["a"]
    assert statuses(store) == {"a": "open", "b": "abandoned", "c": "done"}


@pytest.mark.parametrize("held", [False, True])
def test_reset_is_refused_while_work_builds_on_it(store: Store, held: bool) -> None:
    chain(store, "a", "b")
    add(store, "c", "b")
    fence = claim(store, "c").fence
    if held:
        store.end(fence, OUTCOME, 3.0)
        store.hold(fence, "conflict", 4.0)
    with pytest.raises(WgError, match="under way: c"):
        store.reset("a", downstream=True, now=5.0, actor="ann")
    assert statuses(store)["a"] == "done"


def test_what_is_not_over_is_not_reset(store: Store) -> None:
    add(store, "a")
    with pytest.raises(WgError, match="cannot be reset"):
        store.reset("a", downstream=True, now=2.0, actor="ann")


def draft(store: Store, name: str, *after: str) -> None:
    store.add(NewTask(name, id=name, after=after, paused=True), 1.0, "ann")


def paused(store: Store) -> list[str]:
    return [task.id for task in store.tasks() if task.paused]


def test_a_draft_is_not_started_before_it_is_published(store: Store) -> None:
    draft(store, "a")
    assert ready(store) == []
    assert store.claim("a", ROUTE, 60.0, 1.0, 2.0) is None
    assert store.publish("a", only=False, now=2.0, actor="ann") == ["a"]
    assert ready(store) == ["a"]
    with pytest.raises(WgError, match="not paused, nor is anything"):
        store.publish("a", only=False, now=3.0, actor="ann")


def test_publish_takes_all_drafts_that_depend_on_it(store: Store) -> None:
    draft(store, "a")
    draft(store, "b", "a")
    add(store, "c", "b")
    draft(store, "d", "c")
    draft(store, "elsewhere")
    assert store.publish("a", only=True, now=2.0, actor="ann") == ["a"]
    assert paused(store) == ["b", "d", "elsewhere"]
    assert store.publish("a", only=False, now=2.0, actor="ann") == ["b", "d"]
    assert paused(store) == ["elsewhere"]
    assert ready(store) == ["a"]


def test_nothing_is_published_while_something_depends_on_what_is_abandoned(store: Store) -> None:
    add(store, "gone")
    draft(store, "a")
    draft(store, "b", "a", "gone")
    store.abandon("gone", "", "", 2.0, "ann")
    with pytest.raises(WgError, match="b depends on gone, which is abandoned"):
        store.publish("a", only=False, now=3.0, actor="ann")
    assert paused(store) == ["a", "b"]


@pytest.mark.parametrize(
    ("edge", "says"),
    [
        ((1, 3), "these depend on each other: (a -> c -> b -> a|b -> a -> c -> b|c -> b -> a -> c)"),
        ((2, 99), "number 99"),
    ],
)
def test_links_that_cannot_be_are_named(store: Store, edge: tuple[int, int], says: str) -> None:
    draft(store, "a")
    draft(store, "b", "a")
    draft(store, "c", "b")
    connection = store._database.connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO edges (task, dependency) VALUES (?, ?)", edge)
    with pytest.raises(WgError, match=says):
        store.publish("a", only=False, now=3.0, actor="ann")
    assert paused(store) == ["a", "b", "c"]


def test_what_a_person_claims_is_nobody_elses(store: Store) -> None:
    add(store, "a")
    add(store, "b", "a")
    store.person_claim("a", 2.0, "ann")
    task = store.task("a")
    assert (task.status, task.claimed_by, task.started_at) == ("in-progress", "ann", 2.0)
    assert ready(store) == []
    assert store.claim("a", ROUTE, 60.0, 3.0, 4.0) is None
    with pytest.raises(WgError, match="claimed by ann"):
        store.person_claim("a", 3.0, "bob")
    for do in (store.person_done, store.unclaim):
        with pytest.raises(WgError, match="claimed by ann"):
            do("a", 3.0, "agent-1")
    with pytest.raises(WgError, match="done yet"):
        store.person_claim("b", 3.0, "bob")
    store.person_done("a", 5.0, "ann")
    assert (store.task("a").status, store.task("a").claimed_by) == ("done", "")
    assert ready(store) == ["b"]


def test_what_is_given_back_is_open(store: Store) -> None:
    add(store, "a")
    store.person_claim("a", 2.0, "ann")
    store.unclaim("a", 3.0, "ann")
    task = store.task("a")
    assert (task.status, task.claimed_by, task.started_at) == ("open", "", None)
    claim(store, "a")
    with pytest.raises(WgError, match="an agent is working on it"):
        store.unclaim("a", 4.0, "ann")
