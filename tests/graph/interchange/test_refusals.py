"""What cannot be imported: said with line and reason, and nothing is changed (faults F21, F30)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graph.interchange.stores import (
    assert_sound,
    edges,
    exported,
    file_of,
    new_store,
    one,
    refusal,
    take,
    tasks_of,
)
from wg.graph.interchange import lines
from wg.graph.interchange.importing import Wanted
from wg.graph.store import Store
from wg.graph.task import NewTask

SKIPPING = Wanted(skip_existing=True)


HOSTILE = {
    "slash": (one("a/b"), "'a/b' cannot be a task's id"),
    "parent": (one("../b"), "cannot be a task's id"),
    "NUL in the id": (one("a\0"), "the text contains a NUL"),
    "NUL in the text": (one("a", description="\0"), "description: the text contains a NUL"),
    "half a character": (one("a", description="\ud800"), "description: the text is not valid UTF-8"),
    "half a character in extra": (one("a", extra={"x": "\udfff"}), "extra is not valid UTF-8"),
    "newline in the title": (one("a", title="x\ny"), "title: the title contains a control character"),
    "no title": (one("a", title=" "), "title: a task needs a title"),
    "title is a number": (one("a", title=3), "title: must be a string"),
    "no status": ({"id": "a", "title": "A", "created_at": 1}, "lacks status"),
    "unknown status": (one("a", status="blocked"), "status: must be one of open, in-progress"),
    "status of an attempt": (one("a", status="pending-eval"), "pending-eval needs the attempt"),
    "in progress for nobody": (one("a", status="in-progress"), "in-progress and claimed_by"),
    "claimed and done": (one("a", status="done", claimed_by="ann"), "in-progress and claimed_by"),
    "waits for nothing": (one("a", status="waiting"), "waiting and wait"),
    "no conditions": (one("a", status="waiting", wait={"mode": "all", "conditions": []}), "wait: conditions"),
    "list": ([1], "not a JSON object"),
    "text": ("a", "not a JSON object"),
    "bare model": (one("a", model="opus"), "model: 'opus' is not of the form provider:model"),
    "priority is a text": (one("a", priority="high"), "priority: must be a whole number"),
    "priority is true": (one("a", priority=True), "priority: must be a whole number"),
    "priority is huge": (one("a", priority=10**30), "priority: must be a whole number"),
    "negative time limit": (one("a", timeout=-1), "timeout: must be a number of seconds"),
    "no time": (one("a", created_at="yesterday"), "created_at: 'yesterday' is not a time"),
    "time of no year": (one("a", created_at="0000-00-00T00:00:00Z"), "created_at: "),
    "dependency twice": (one("a", after=["b", "b"]), "after: names a task twice"),
    "dependency is a number": (one("a", after=[1]), "after: must be a string"),
    "unknown dependency": (one("a", after=["zz"]), "after: there is no task zz"),
    "unknown successor": (one("a", status="abandoned", superseded_by="zz"), "superseded_by: there is no task zz"),
    "depends on itself": (one("a", after=["a"]), "depend on each other, and no loop is declared: a -> a"),
    "tag of two lines": (one("a", tags=["x\ny"]), "tags: 'x\\ny' cannot be a tag"),
    "log without a time": (one("a", log=[{"actor": "a", "message": "m"}]), "log: lacks at"),
    "log with more": (
        one("a", log=[{"at": 1, "actor": "a", "message": "m", "x": 1}]),
        "log: has an unknown field 'x'",
    ),
    "extra is a list": (one("a", extra=[]), "extra: must be an object"),
    "extra twice": (one("a", extra={"x": 1}, x=2), "'x' stands in extra and beside it"),
    "readers of nothing": (one("a", readers={"ann": 1}), "more messages than there are"),
    "original among ours": (one("a", kind="task"), "of the original's form"),
    "loop to itself elsewhere": (one("a", loop={"to": "zz"}), "loop: there is no task zz"),
    "loop without end's start": (one("a", loop={"max_iterations": 3}), "loop: lacks to"),
    "loop of no runs": (one("a", loop={"to": "a", "max_iterations": 0}), "max_iterations: must be at least 1"),
    "guard without a status": (one("a", loop={"to": "a", "guard": "a"}), "loop: must be one of open"),
}


@pytest.mark.parametrize(("hostile", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_line_that_cannot_be(hostile: object, reason: str) -> None:
    with new_store() as store:
        said = refusal(store, file_of(one("first"), hostile, one("last")))
        assert "FILE:2: " in said and reason in said, said


RAW = {
    "not UTF-8": (b'{"id":"\xff"}', "not valid UTF-8"),
    "UTF-16": ('{"id":"a"}'.encode("utf-16"), "not valid UTF-8"),
    "out of range": (b'{"id":"a","timeout":1e400}', "the number 1e400 is out of range"),
    "no number": (b'{"id":"a","timeout":NaN}', "NaN is not a number"),
    "too many digits": (b'{"id":"a","timeout":' + b"9" * 10_000 + b"}", "Exceeds the limit"),
    "deep": (b'{"id":"a","extra":' + b'{"a":' * 100_000, "nested too deeply"),
    "deep but whole": (
        b'{"id":"a","title":"A","status":"open","created_at":1,"x":' + b"[" * 200 + b"]" * 200 + b"}",
        "nested deeper than 100",
    ),
    "key twice": (b'{"id":"a","id":"b"}', "the key 'id' stands there twice"),
    "two objects": (b'{"id":"a"}{"id":"b"}', "not valid JSON: Extra data"),
    "comment": (b"# x", "not valid JSON"),
    "binary": (bytes(range(256)).replace(b"\n", b""), "not valid UTF-8"),
}


@pytest.mark.parametrize(("line", "reason"), RAW.values(), ids=RAW)
def test_a_line_that_is_no_object(line: bytes, reason: str) -> None:
    with new_store() as store:
        said = refusal(store, file_of(one("first")) + line + b"\n" + file_of(one("last")))
        assert "FILE:2: " in said and reason in said, said


@pytest.mark.parametrize("data", [b"", b"\n\n", b" \r\n"])
def test_a_file_without_a_task(data: bytes) -> None:
    with new_store() as store:
        assert "the file holds no task" in refusal(store, data)


def test_every_line_is_named_and_a_long_list_is_cut() -> None:
    with new_store() as store:
        said = refusal(store, file_of(*(one("A") for _ in range(30))))
        assert "FILE:20: " in said and "FILE:21: " not in said and "… and 10 more" in said
        said = refusal(store, b"x\n" * 5000)
        assert "… and 980 more" in said


def test_an_endless_line_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 1024)
    with new_store() as store:
        assert "FILE:2: the line is longer" in refusal(store, file_of(one("a"), one("b", description="x" * 2000)))


def test_a_description_of_10_megabytes_is_stored() -> None:
    with new_store() as store:
        take(store, file_of(one("a", description="x" * 10_000_000)))
        assert len(store.task("a").description) == 10_000_000


def test_ids_that_stand_there_twice() -> None:
    with new_store() as store:
        said = refusal(store, file_of(one("a"), one("b"), one("a"), one("a")))
        assert "FILE:3: the id a stands in line 1 already\nFILE:4: the id a stands in line 1 already" in said


def test_a_cycle_is_named() -> None:
    with new_store() as store:
        said = refusal(
            store, file_of(one("x", after=["b"]), one("a", after=["c"]), one("b", after=["a"]), one("c", after=["b"]))
        )
        assert "FILE:2: tasks depend on each other, and no loop is declared: a -> c -> b -> a" in said


# what is there already


def test_tasks_that_are_there_are_refused_by_name_or_skipped() -> None:
    with new_store() as store:
        store.add(NewTask("Mine", id="b"), 1.0, "ann")
        data = file_of(one("a", after=["b"]), one("b", title="Other"), one("c", after=["a"]))
        said = refusal(store, data)
        assert "FILE:2: there is a task b already" in said and "FILE:1" not in said
        report = take(store, data, SKIPPING)
        assert (report.tasks, report.skipped) == (2, ["b"])
        assert store.task("b").title == "Mine"
        assert store.task("a").unmet == 1
        store.person_done("b", 2.0, "ann")
        assert [task.id for task in store.ready()] == ["a"]
        assert take(store, data, SKIPPING).tasks == 0
        assert_sound(store)


def test_a_dependency_may_be_there_already() -> None:
    with new_store() as store:
        store.add(NewTask("Done", id="old"), 1.0, "ann")
        store.person_done("old", 2.0, "ann")
        take(store, file_of(one("a", after=["old"])))
        assert [task.id for task in store.ready()] == ["a"]


def test_a_dry_run_finds_everything_and_changes_nothing() -> None:
    with new_store() as store:
        before = store.last_event()
        assert take(store, file_of(one("a"), one("b")), Wanted(dry_run=True)).tasks == 2
        assert "there is no task zz" in refusal(store, file_of(one("a", after=["zz"])), Wanted(dry_run=True))
        assert (exported(store), store.last_event()) == (b"", before)


def test_tasks_come_in_the_order_of_their_creation() -> None:
    with new_store() as store:
        take(store, file_of(one("a", created_at=3), one("b", created_at=1), one("c", created_at=2)))
        assert [task.id for task in store.ready()] == ["b", "c", "a"]


def test_events_say_that_they_were_imported_and_the_log_keeps_its_times() -> None:
    with new_store() as store:
        take(store, file_of(one("a", log=[{"at": 7.5, "actor": "bob", "message": "m"}])))
        added, logged = store.events_after(0)
        assert (added.type, added.actor, added.data) == ("added", "ann", '{"imported":true}')
        assert (logged.type, logged.actor, logged.at, logged.message) == ("log", "bob", 7.5, "m")


# loops


def test_who_depends_on_a_loop_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "db" / "graph.db"
    tasks = [
        *(one("head"), one("middle", after=["head"]), one("tail", after=["middle"], loop={"to": "head"})),
        *(one("outside", after=["middle"]), one("behind", after=["tail"])),
    ]
    with Store.create(str(path)) as store:
        take(store, file_of(*tasks))
        assert store.task("outside").unmet == 2
        assert_sound(store)
        take(store, file_of(one("late", after=["head"])))  # that loop is there already
        assert tasks_of(store)["outside"]["after"] == ["middle"]
    assert {edge for edge in edges(path) if edge[2]} == {("outside", "tail", 1), ("late", "tail", 1)}


def test_a_loop_needs_a_way_round() -> None:
    with new_store() as store:
        said = refusal(store, file_of(one("a"), one("b", loop={"to": "a"})))
        assert "FILE:2: loop: this task must depend on a, in the same file" in said
        store.add(NewTask("Old", id="old"), 1.0, "ann")
        said = refusal(store, file_of(one("b", after=["old"], loop={"to": "old"})))
        assert "FILE:1: loop: this task must depend on old, in the same file" in said


def test_loops_that_wait_for_each_other_are_refused() -> None:
    with new_store() as store:
        said = refusal(
            store,
            file_of(
                *(one("h1"), one("h2"), one("m1", after=["h1"]), one("m2", after=["h2"])),
                *(one("x", after=["m1"]), one("y", after=["m2"])),
                *(one("t1", after=["m1", "y"], loop={"to": "h1"}), one("t2", after=["m2", "x"], loop={"to": "h2"})),
            ),
        )
        assert "wait for the ends of loops that cross each other: " in said
