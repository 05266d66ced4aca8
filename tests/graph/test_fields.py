"""Fields and labels of tasks: stored, edited, filtered by; and what they do to the order of work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.records import ROUTE, claim
from wg.errors import NotFoundError, WgError
from wg.graph.store import Store
from wg.graph.task import Edit, Filter, NewTask, Order


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(str(tmp_path / "db" / "graph.db")) as made:
        yield made


def test_ready_is_ordered_by_priority_then_by_creation(store: Store) -> None:
    for name, priority in (("n1", 10), ("low", 5), ("n2", 10), ("high", 50), ("seven", 7)):
        store.add(NewTask(name, id=name, priority=priority), 1.0, "ann")
    assert [task.id for task in store.ready()] == ["high", "n1", "n2", "seven", "low"]
    store.edit("low", Edit({"priority": 100}), 2.0, "ann")
    assert [task.id for task in store.ready(2)] == ["low", "high"]


def test_nothing_starts_before_its_time(store: Store) -> None:
    store.add(NewTask("a", id="a", not_before=50.0), 1.0, "ann")
    store.add(NewTask("b", id="b"), 1.0, "ann")
    assert [task.id for task in store.ready(now=49.0)] == ["b"]
    assert store.counts(49.0)["ready"] == 1
    assert store.claim("a", ROUTE, 60.0, 49.0, 60.0) is None
    assert [task.id for task in store.ready(now=50.0)] == ["a", "b"]
    assert store.counts(50.0)["ready"] == 2
    claim(store, "a", 50.0)


def test_every_field_is_stored_and_edited(store: Store) -> None:
    new = NewTask("a", id="a", priority=50, not_before=9.0, max_attempts=3, visibility="public", model="codex:m")
    task = store.add(new._replace(executor="codex", approval=True, context="full", workplace="read-only"), 1.0, "ann")
    assert (task.priority, task.not_before, task.max_attempts, task.visibility) == (50, 9.0, 3, "public")
    assert (task.executor, task.approval, task.context, task.workplace) == ("codex", True, "full", "read-only")
    changed = {"title": "B", "description": "text", "model": "", "tier": "fast", "exec": "make", "check": "true"}
    more = {"timeout": 9.0, "needs_work": False, "max_attempts": None, "not_before": None, "visibility": "peer"}
    more |= {"executor": "", "approval": False, "context": "", "workplace": "directory"}
    store.edit("a", Edit({**changed, **more}), 2.0, "bob")
    edited = store.task("a")
    assert {name: value for name, value in edited._asdict().items() if name in {**changed, **more}} == {
        **changed,
        **more,
    }
    assert edited.priority == 50
    last = store.events_after(0, "a")[-1]
    assert (last.type, last.actor) == ("edited", "bob")
    assert "max_attempts,model" in last.data


def test_labels_are_added_and_removed(store: Store) -> None:
    labels = (("tag", "ui"), ("tag", "api"), ("skill", "rust"), ("tag", "ui"))
    store.add(NewTask("a", id="a", labels=labels), 1.0, "ann")
    assert store.labels("a") == {"tag": ["api", "ui"], "skill": ["rust"], "deliverable": [], "artifact": []}
    store.edit("a", Edit({}, (("artifact", "x.py"),), (("tag", "ui"),)), 2.0, "ann")
    assert store.labels("a") == {"tag": ["api"], "skill": ["rust"], "deliverable": [], "artifact": ["x.py"]}
    with pytest.raises(NotFoundError, match="no tag 'not there'"):
        store.edit("a", Edit({"title": "New"}, (), (("tag", "api"), ("tag", "not there"))), 3.0, "ann")
    assert (store.task("a").title, store.labels("a")["tag"]) == ("a", ["api"])


def test_filters_ask_for_all_that_is_set(store: Store) -> None:
    store.add(NewTask("a", id="a", labels=(("tag", "ui"), ("tag", "api"))), 1.0, "ann")
    store.add(NewTask("b", id="b", labels=(("tag", "ui"), ("skill", "api")), priority=50), 1.0, "ann")
    store.add(NewTask("c", id="c", priority=50), 1.0, "ann")
    store.person_done("b", 2.0, "ann")

    def found(only: Filter) -> list[str]:
        return [task.id for task in store.matching(only)]

    assert found(Filter(tags=("ui",))) == ["a", "b"]
    assert found(Filter(tags=("ui", "api"))) == ["a"]
    assert found(Filter(priority=50)) == ["b", "c"]
    assert found(Filter(("done",), ("ui",), 50)) == ["b"]
    assert found(Filter(("open",), ("ui",), 50)) == []
    assert found(Filter(("open", "done"))) == ["a", "b", "c"]
    assert found(Filter(skills=("api",))) == ["b"]
    assert found(Filter(skills=("ui",))) == []
    assert found(Filter(title="TWO%")) == []
    store.edit("c", Edit({"title": "Or two% more"}), 3.0, "ann")
    assert found(Filter(title="TWO%")) == ["c"]
    store.person_claim("c", 4.0, "bob")
    assert found(Filter(claimed_by="bob")) == ["c"]
    assert found(Filter(claimed_by="ann")) == []


def test_lists_are_sorted_and_cut_into_pages(store: Store) -> None:
    for name, title, priority in (("b", "x", 10), ("d", "Y", 50), ("a", "y", 10), ("c", "X", 5)):
        store.add(NewTask(title, id=name, priority=priority), 1.0, "ann")
    for task_id, now in (("a", 5.0), ("b", 6.0)):
        store.person_claim(task_id, now, "ann")
        store.person_done(task_id, 10.0 - now, "ann")
    store.person_fail("c", "no", 9.0, "ann")

    def found(by: str, reverse: bool = False) -> str:
        order = Order(by, reverse)
        whole = "".join(task.id for task in store.matching(Filter(), order=order))
        pages = [store.matching(Filter(), 3, order._replace(offset=offset)) for offset in (0, 3)]
        assert whole == "".join(task.id for page in pages for task in page)
        return whole

    assert (found("created"), found("created", True)) == ("bdac", "cadb")
    assert (found("id"), found("id", True)) == ("abcd", "dcba")
    assert (found("priority"), found("priority", True)) == ("dbac", "cbad")
    assert (found("title"), found("title", True)) == ("bcda", "dabc")
    assert (found("status"), found("status", True)) == ("dbac", "cbad")
    assert (found("started"), found("started", True)) == ("abdc", "badc")
    assert (found("completed"), found("completed", True)) == ("bacd", "cabd")
    done = Filter(("done",))
    assert [task.id for task in store.matching(done, order=Order("priority", offset=1))] == ["a"]


def test_ids_by_their_beginning(store: Store) -> None:
    for name in ("ab", "b", "abc", "ac", "a"):
        store.add(NewTask("x", id=name), 1.0, "ann")
    assert store.ids() == ["a", "ab", "abc", "ac", "b"]
    assert store.ids("ab") == ["ab", "abc"]
    assert store.ids("a", 2) == ["a", "ab"]
    assert store.ids("zz") == []


@pytest.mark.parametrize(
    "edit",
    [
        Edit({"title": ""}),
        Edit({"title": "a\nb"}),
        Edit({"exec": "\0"}),
        Edit({}, (("tag", " "),)),
        Edit({}, (("tag", "\x1b"),)),
    ],
)
def test_texts_that_cannot_be_stored_change_nothing(store: Store, edit: Edit) -> None:
    before = store.add(NewTask("a", id="a"), 1.0, "ann")
    with pytest.raises(WgError):
        store.edit("a", edit, 2.0, "ann")
    assert store.task("a") == before
    with pytest.raises(WgError, match="cannot be a tag"):
        store.add(NewTask("b", labels=(("tag", ""),)), 1.0, "ann")
