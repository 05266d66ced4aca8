"""What every store must do: tasks, attempts and the dispatcher's mailbox. conftest.py names the stores."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.graph.conftest import FACTORIES
from tests.graph.records import FAILED, OUTCOME, PLACE, PROCESS, REQUEUED, ROUTE, SUCCEEDED, claim, run_to_end
from wg.errors import NotFoundError, WgError
from wg.graph.attempt import Kill, Pause, Settlement
from wg.graph.interchange.lines import Problems
from wg.graph.interchange.record import Taken
from wg.graph.protocol import TaskStore
from wg.graph.task import Kind, LogEntry, Neighbour, NewTask

KILL = Kill("fail", "ann", "it loops")


def ids(store: TaskStore) -> list[str]:
    return [task.id for task in store.ready()]


def chain(store: TaskStore, *names: str) -> None:
    """Tasks of which each depends on the one before."""
    after: tuple[str, ...] = ()
    for name in names:
        after = (store.add(NewTask(name, id=name, after=after), 1.0, "ann").id,)


# adding and looking up


def test_add_stores_every_field(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    store.add(NewTask("First"), 1.0, "ann")
    new = NewTask("Second", "b", "long\ntext", ("first",), "codex:m", "fast", "make", "make test", False, 90.0)
    made = store.add(new, 2.5, "ann")
    assert made == again().task("b")
    assert made.status == "open"
    assert (made.title, made.description, made.model, made.tier) == ("Second", "long\ntext", "codex:m", "fast")
    assert (made.exec, made.check, made.needs_work, made.timeout) == ("make", "make test", False, 90.0)
    assert (made.paused, made.reason, made.note, made.unmet) == (False, "", "", 1)
    assert (made.created_at, made.started_at, made.completed_at) == (2.5, None, None)
    assert store.task("first").needs_work is True


def test_titles_make_ids_and_collisions_get_suffixes(store: TaskStore) -> None:
    made = [store.add(NewTask("Fix it!"), 1.0, "ann").id for _ in range(3)]
    assert made == ["fix-it", "fix-it-2", "fix-it-3"]


def test_a_taken_id_is_refused(store: TaskStore) -> None:
    chain(store, "a")
    with pytest.raises(WgError, match="there is a task a already"):
        store.add(NewTask("other", id="a"), 1.0, "ann")


def test_a_bad_id_is_refused(store: TaskStore) -> None:
    with pytest.raises(WgError, match="cannot be a task's id"):
        store.add(NewTask("t", id="../up"), 1.0, "ann")
    assert store.tasks() == []


def test_an_unknown_dependency_is_refused_with_the_closest_name(store: TaskStore) -> None:
    chain(store, "build-the-page")
    with pytest.raises(NotFoundError) as caught:
        store.add(NewTask("t", after=("build-teh-page",)), 1.0, "ann")
    assert "build-the-page" in caught.value.hint
    assert len(store.tasks()) == 1


def test_a_dependency_named_twice_counts_once(store: TaskStore) -> None:
    chain(store, "a")
    assert store.add(NewTask("t", after=("a", "a")), 1.0, "ann").unmet == 1


def test_met_dependencies_do_not_count(store: TaskStore) -> None:
    chain(store, "a")
    store.person_done("a", 2.0, "ann")
    assert store.add(NewTask("t", id="t", after=("a",)), 3.0, "ann").unmet == 0
    assert ids(store) == ["t"]


def test_ten_megabytes_of_description_come_back(store: TaskStore) -> None:
    text = "é" * 5_000_000
    store.add(NewTask("big", id="big", description=text), 1.0, "ann")
    assert store.task("big").description == text


@pytest.mark.parametrize("call", ["task", "resolve", "dependencies", "dependents", "log_entries", "attempts_of"])
def test_unknown_tasks_are_not_found(store: TaskStore, call: str) -> None:
    chain(store, "thing")
    with pytest.raises(NotFoundError) as caught:
        getattr(store, call)("thign")
    assert "thing" in caught.value.hint


@pytest.mark.parametrize("text", ["\udcff", "a\udcff"])
def test_what_is_no_text_is_refused_and_not_a_crash(store: TaskStore, text: str) -> None:
    with pytest.raises(WgError):
        store.task(text)
    with pytest.raises(WgError):
        store.log(text, "m", 1.0, "ann")
    chain(store, "still-works")


def test_resolve_takes_the_id_else_the_only_beginning(store: TaskStore) -> None:
    chain(store, "build", "build-2", "test")
    assert store.resolve("build") == "build"
    assert store.resolve("build-") == "build-2"
    assert store.resolve("t") == "test"
    with pytest.raises(WgError, match="build, build-2"):
        store.resolve("bui")
    with pytest.raises(NotFoundError):
        store.resolve("")


def test_tasks_in_order_of_creation_by_status(store: TaskStore) -> None:
    for name in ("c", "a", "b"):
        store.add(NewTask(name, id=name), 1.0, "ann")
    store.person_done("a", 2.0, "ann")
    assert [task.id for task in store.tasks()] == ["c", "a", "b"]
    assert [task.id for task in store.tasks(limit=2)] == ["c", "a"]
    assert [task.id for task in store.tasks(("open",))] == ["c", "b"]
    assert [task.id for task in store.tasks(("done", "open"))] == ["c", "a", "b"]
    assert store.tasks(("failed",)) == []


def test_neighbours(store: TaskStore) -> None:
    chain(store, "a", "b")
    store.add(NewTask("Third", id="c", after=("b", "a")), 1.0, "ann")
    assert store.dependencies("c") == [Neighbour("a", "open", "a"), Neighbour("b", "open", "b")]
    assert store.dependents("a") == [Neighbour("b", "open", "b"), Neighbour("c", "open", "Third")]
    assert store.dependencies("a") == store.dependents("c") == []


# readiness


def test_ready_follows_the_chain(store: TaskStore) -> None:
    chain(store, "a", "b", "c")
    assert ids(store) == ["a"]
    store.person_done("a", 2.0, "ann")
    assert ids(store) == ["b"]
    assert store.counts() == {
        **dict.fromkeys(("in-progress", "waiting", "pending-eval", "failed", "abandoned"), 0),
        "open": 2,
        "done": 1,
        "ready": 1,
        "blocked": 1,
    }


def test_ready_is_in_order_of_creation_and_limited(store: TaskStore) -> None:
    for name in ("c", "a", "b"):
        store.add(NewTask(name, id=name), 1.0, "ann")
    assert ids(store) == ["c", "a", "b"]
    assert [task.id for task in store.ready(2)] == ["c", "a"]


def test_a_failed_dependency_blocks(store: TaskStore) -> None:
    chain(store, "a", "b")
    store.person_fail("a", "no", 2.0, "ann")
    assert ids(store) == []
    assert store.task("b").unmet == 1
    store.person_done("a", 3.0, "ann")
    assert ids(store) == ["b"]


# by hand


def test_done_by_hand(store: TaskStore) -> None:
    chain(store, "a", "b")
    store.person_done("a", 5.0, "ann")
    task = store.task("a")
    assert (task.status, task.completed_at) == ("done", 5.0)
    with pytest.raises(WgError, match="already done"):
        store.person_done("a", 6.0, "ann")


def test_a_refused_transition_changes_nothing(store: TaskStore) -> None:
    chain(store, "a", "b")
    before = store.task("b")
    with pytest.raises(WgError, match="not done yet"):
        store.person_done("b", 5.0, "ann")
    assert store.task("b") == before


def test_failed_by_hand_keeps_the_reason_until_done(store: TaskStore) -> None:
    chain(store, "a")
    store.person_fail("a", "too hard", 5.0, "ann")
    assert (store.task("a").status, store.task("a").reason) == ("failed", "too hard")
    store.person_done("a", 6.0, "ann")
    assert (store.task("a").status, store.task("a").reason) == ("done", "")


def test_in_progress_is_not_finished_by_hand(store: TaskStore) -> None:
    chain(store, "a")
    claim(store, "a")
    with pytest.raises(WgError) as caught:
        store.person_done("a", 5.0, "ann")
    assert "wg kill" in caught.value.hint
    with pytest.raises(WgError):
        store.person_fail("a", "", 5.0, "ann")


# log and note


def test_the_log_keeps_order_actor_and_time(store: TaskStore) -> None:
    chain(store, "a", "b")
    for number in range(4):
        store.log("a", f"line {number}", float(number), "ann")
    store.log("b", "other", 1.0, "bob")
    assert [entry.message for entry in store.log_entries("a")] == [f"line {n}" for n in range(4)]
    assert store.log_entries("a", 2) == [LogEntry(2.0, "ann", "line 2"), LogEntry(3.0, "ann", "line 3")]


def test_a_nul_in_a_log_line_is_refused(store: TaskStore) -> None:
    chain(store, "a")
    with pytest.raises(WgError, match="NUL"):
        store.log("a", "x\0y", 1.0, "ann")
    assert store.log_entries("a") == []


def test_the_note_says_why_not_and_a_claim_clears_it(store: TaskStore) -> None:
    chain(store, "a")
    store.notes({"a": "no codex on PATH"}, 2.0)
    assert store.task("a").note == store.tasks()[0].note == "no codex on PATH"
    claim(store, "a")
    assert store.task("a").note == ""
    store.notes({"a": "too late"}, 3.0)
    assert store.task("a").note == ""


def test_an_unchanged_note_writes_nothing(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    chain(store, "a")
    watcher = again()
    store.notes({"a": "no codex"}, 2.0)
    version = watcher.data_version()
    store.notes({"a": "no codex"}, 3.0)
    assert watcher.data_version() == version
    store.notes({"a": ""}, 4.0)
    assert watcher.data_version() != version


# attempts


def test_a_claim_stores_the_route(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    chain(store, "a")
    attempt = store.claim("a", ROUTE, 1800.0, 100.0, 160.0)
    assert attempt is not None
    assert (attempt.task_id, attempt.state, attempt.route) == ("a", "claimed", ROUTE)
    assert (attempt.timeout, attempt.claimed_at, attempt.launch_deadline) == (1800.0, 100.0, 160.0)
    assert (attempt.workplace, attempt.supervisor, attempt.outcome) == (None, None, None)
    assert (attempt.claim, attempt.claim_reason, attempt.verdict) == ("", "", "")
    assert again().attempt(attempt.fence) == attempt
    assert (store.task("a").status, store.task("a").started_at) == ("in-progress", 100.0)


def test_only_what_is_ready_is_claimed(store: TaskStore) -> None:
    chain(store, "a", "b")
    assert store.claim("b", ROUTE, 1.0, 1.0, 2.0) is None
    claim(store, "a")
    assert store.claim("a", ROUTE, 1.0, 1.0, 2.0) is None
    assert len(store.attempts()) == 1


def test_a_finished_task_is_not_claimed_again(store: TaskStore) -> None:
    chain(store, "a")
    store.settle(run_to_end(store, "a"), SUCCEEDED, 200.0)
    assert store.claim("a", ROUTE, 1.0, 1.0, 2.0) is None


def test_fences_increase_over_the_whole_store(store: TaskStore) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    store.add(NewTask("b", id="b"), 1.0, "ann")
    first = claim(store, "a").fence
    store.settle(first, REQUEUED, 2.0)
    second, third = claim(store, "b").fence, claim(store, "a").fence
    assert first < second < third


def test_the_whole_way(store: TaskStore) -> None:
    chain(store, "a", "b")
    fence = claim(store, "a").fence
    assert store.prepare(fence, PLACE)
    assert store.start(fence, PROCESS, 101.0)
    assert store.claim_result(fence, "done", "all good", 120.0)
    assert store.end(fence, OUTCOME, 130.0)
    assert store.task("a").status == "in-progress"
    assert store.settle(fence, SUCCEEDED, 131.0)
    attempt = store.attempt(fence)
    assert (attempt.state, attempt.workplace, attempt.supervisor) == ("settled", PLACE, PROCESS)
    assert (attempt.claim, attempt.claim_reason) == ("done", "all good")
    assert (attempt.outcome, attempt.verdict) == (OUTCOME, "merged")
    task = store.task("a")
    assert (task.status, task.started_at, task.completed_at, task.reason) == ("done", 100.0, 131.0, "")
    assert ids(store) == ["b"]


def test_a_settled_claim_cannot_be_started(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    assert store.settle(fence, REQUEUED, 200.0)
    assert not store.start(fence, PROCESS, 201.0)
    assert not store.prepare(fence, PLACE)
    assert store.attempt(fence).state == "settled"
    task = store.task("a")
    assert (task.status, task.started_at) == ("open", None)
    assert ids(store) == ["a"]


def test_an_attempt_is_started_once(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    assert store.start(fence, PROCESS, 1.0)
    assert not store.start(fence, PROCESS._replace(pid=1), 2.0)
    assert store.attempt(fence).supervisor == PROCESS


def test_the_first_outcome_stands(store: TaskStore) -> None:
    chain(store, "a")
    fence = run_to_end(store, "a")
    assert not store.end(fence, OUTCOME._replace(exit_code=1, succeeded=False), 140.0)
    store.settle(fence, SUCCEEDED, 150.0)
    assert not store.end(fence, OUTCOME._replace(exit_code=1), 160.0)
    assert store.attempt(fence).outcome == OUTCOME


def test_an_outcome_that_never_started(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    outcome = OUTCOME._replace(exit_code=None, succeeded=False, failure_class="not-started")
    assert store.end(fence, outcome, 2.0)
    assert store.attempt(fence).outcome == outcome


def test_what_agents_print_is_never_refused(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    assert store.end(fence, OUTCOME._replace(message="a\0b\udcff"), 2.0)
    assert store.settle(fence, Settlement("failed", "why\udcff", "because\0"), 3.0)
    assert store.task("a").reason == "why?"
    assert store.attempt(fence).verdict == "because?"


def test_the_last_claim_of_an_agent_counts(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    store.start(fence, PROCESS, 1.0)
    assert store.claim_result(fence, "done", "", 2.0)
    assert store.claim_result(fence, "fail", "no, broken", 3.0)
    assert (store.attempt(fence).claim, store.attempt(fence).claim_reason) == ("fail", "no, broken")
    assert store.task("a").status == "in-progress"


def test_a_late_claim_changes_neither_attempt_nor_task(store: TaskStore) -> None:
    chain(store, "a")
    fence = run_to_end(store, "a")
    assert not store.claim_result(fence, "fail", "late", 140.0)
    store.settle(fence, REQUEUED, 150.0)
    second = claim(store, "a").fence
    assert not store.claim_result(fence, "done", "later", 160.0)
    assert store.attempt(fence).claim == store.attempt(second).claim == ""
    assert store.task("a").status == "in-progress"


@pytest.mark.parametrize(
    ("settlement", "status", "reason"),
    [(SUCCEEDED, "done", ""), (FAILED, "failed", "exit 1"), (REQUEUED, "open", REQUEUED.reason)],
)
def test_settling(store: TaskStore, settlement: Settlement, status: str, reason: str) -> None:
    chain(store, "a")
    fence = run_to_end(store, "a")
    assert store.settle(fence, settlement, 150.0)
    assert not store.settle(fence, FAILED, 160.0)
    assert (store.task("a").status, store.task("a").reason) == (status, reason)
    assert (store.attempt(fence).state, store.attempt(fence).verdict) == ("settled", settlement.verdict)


def test_success_needs_an_end(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    with pytest.raises(WgError, match="has ended"):
        store.settle(fence, SUCCEEDED, 2.0)
    assert (store.attempt(fence).state, store.task("a").status) == ("claimed", "in-progress")


def test_a_held_attempt_waits_and_is_settled_later(store: TaskStore) -> None:
    chain(store, "a", "b")
    fence = run_to_end(store, "a")
    assert store.hold(fence, "your edits in x.py", 140.0)
    assert (store.task("a").status, store.task("a").reason) == ("waiting", "your edits in x.py")
    assert store.attempt(fence).state == "ended"
    assert store.claim("a", ROUTE, 1.0, 1.0, 2.0) is None
    assert store.hold(fence, "your edits in y.py", 150.0)
    assert store.task("a").reason == "your edits in y.py"
    assert store.settle(fence, SUCCEEDED, 160.0)
    assert (store.task("a").status, store.task("a").reason) == ("done", "")
    assert ids(store) == ["b"]


def test_the_same_reason_to_wait_writes_nothing(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    chain(store, "a")
    fence = run_to_end(store, "a")
    watcher = again()
    store.hold(fence, "conflict", 140.0)
    version = watcher.data_version()
    assert store.hold(fence, "conflict", 150.0)
    assert watcher.data_version() == version


def test_only_what_has_ended_is_held(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    assert not store.hold(fence, "conflict", 2.0)
    store.settle(fence, FAILED, 3.0)
    assert not store.hold(fence, "conflict", 4.0)
    assert store.task("a").status == "failed"


def test_giving_up_a_waiting_task_settles_its_attempt(store: TaskStore) -> None:
    chain(store, "a")
    fence = run_to_end(store, "a")
    store.hold(fence, "conflict", 140.0)
    with pytest.raises(WgError, match="is waiting"):
        store.person_done("a", 150.0, "ann")
    store.person_fail("a", "not worth it", 150.0, "ann")
    assert (store.task("a").status, store.task("a").reason) == ("failed", "not worth it")
    assert store.attempt(fence).state == "settled"
    assert "ann" in store.attempt(fence).verdict
    assert not store.settle(fence, SUCCEEDED, 160.0)
    assert store.task("a").status == "failed"


def test_attempts_by_state_and_task(store: TaskStore) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    store.add(NewTask("b", id="b"), 1.0, "ann")
    first = claim(store, "a").fence
    store.settle(first, REQUEUED, 2.0)
    second, third = claim(store, "a").fence, run_to_end(store, "b")
    assert [each.fence for each in store.attempts()] == [first, second, third]
    assert [each.fence for each in store.attempts(("claimed", "ended"))] == [second, third]
    assert [each.fence for each in store.attempts_of("a")] == [first, second]
    assert [each.fence for each in store.latest_attempts()] == [third, second, first]
    assert [each.fence for each in store.latest_attempts(2)] == [third, second]


def test_a_wish_to_kill_is_kept_with_the_attempt(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    fence = claim(store, "a").fence
    assert store.attempt(fence).kill is None
    store.start(fence, PROCESS, 2.0)
    assert store.kill(fence, KILL, 3.0)
    assert again().attempt(fence).kill == KILL
    assert store.kill(fence, KILL._replace(then="requeue"), 4.0)
    assert store.attempt(fence).kill == KILL._replace(then="requeue")
    asked = [(each.actor, each.message, each.data) for each in store.events_after(0) if each.type == "killed"]
    assert asked == [("ann", "it loops", '{"then":"fail"}'), ("ann", "it loops", '{"then":"requeue"}')]


def test_what_is_to_be_killed_is_not_started_any_more(store: TaskStore) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    fence = claim(store, "a").fence
    assert store.kill(fence, KILL, 2.0)
    assert not store.prepare(fence, PLACE)
    assert not store.start(fence, PROCESS, 3.0)
    assert store.attempt(fence).state == "claimed"


def test_what_is_over_or_waits_for_a_person_cannot_be_killed(store: TaskStore) -> None:
    for name in ("a", "b"):
        store.add(NewTask(name, id=name), 1.0, "ann")
    held, over = run_to_end(store, "a"), run_to_end(store, "b")
    store.hold(held, "look at it", 3.0, "approval")
    store.settle(over, SUCCEEDED, 4.0)
    for fence in (held, over):
        assert not store.kill(fence, KILL, 5.0)
        assert store.attempt(fence).kill is None


def test_what_is_being_judged_can_be_killed(store: TaskStore) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    fence = run_to_end(store, "a")
    assert store.kill(fence, KILL, 3.0)
    assert store.attempt(fence).kill == KILL


def test_a_reason_to_kill_must_be_storable(store: TaskStore) -> None:
    store.add(NewTask("a", id="a"), 1.0, "ann")
    with pytest.raises(WgError, match="NUL"):
        store.kill(claim(store, "a").fence, KILL._replace(reason="a\0b"), 2.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.attempt(7),
        lambda store: store.prepare(7, PLACE),
        lambda store: store.start(7, PROCESS, 1.0),
        lambda store: store.end(7, OUTCOME, 1.0),
        lambda store: store.claim_result(7, "done", "", 1.0),
        lambda store: store.kill(7, KILL, 1.0),
        lambda store: store.hold(7, "x", 1.0),
        lambda store: store.settle(7, FAILED, 1.0),
    ],
)
def test_unknown_attempts_are_not_found(store: TaskStore, call: Callable[[TaskStore], object]) -> None:
    with pytest.raises(NotFoundError, match="no attempt 7"):
        call(store)


# interchange


def test_records_come_in_order_of_the_ids_and_can_be_taken_in(store: TaskStore, tmp_path: Path) -> None:
    store.add(NewTask("B", id="b", description="long", labels=(("tag", "ui"),)), 1.0, "ann")
    store.add(NewTask("A", id="a", after=("b",)), 2.0, "ann")
    store.log("a", "a line", 3.0, "bob")
    records = list(store.records())
    assert [(each.task.id, each.after, each.labels, each.log) for each in records] == [
        ("a", ("b",), (), (LogEntry(3.0, "bob", "a line"),)),
        ("b", (), (("tag", "ui"),), ()),
    ]
    numbered = [each._replace(line=number) for number, each in enumerate(records, start=1)]
    (tmp_path / "other").mkdir()
    with closing(FACTORIES[0](tmp_path / "other")) as other:
        taking: dict[str, Any] = {"skip_existing": False, "now": 9.0, "actor": "ann"}
        assert other.take_in(numbered, Problems("x"), dry_run=True, **taking) == Taken(2, [])
        assert list(other.records()) == []
        assert other.take_in(numbered, Problems("x"), dry_run=False, **taking) == Taken(2, [])
        assert list(other.records()) == records
        assert ids(other) == ["b"]
        with pytest.raises(WgError, match="there is a task a already"):
            other.take_in(numbered, Problems("x"), dry_run=False, **taking)


# the dispatcher's mailbox


def test_requests_are_taken_once_in_order(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    assert store.take_requests() == []
    again().request("pause", 1.0)
    again().request("stop", 2.0)
    assert store.take_requests() == ["pause", "stop"]
    assert store.take_requests() == []


def test_what_the_dispatcher_says_of_itself(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    assert store.dispatcher() == ""
    store.set_dispatcher('{"pid": 1}')
    assert again().dispatcher() == '{"pid": 1}'
    store.set_dispatcher("")
    assert store.dispatcher() == ""


def test_a_pause_is_kept_until_it_is_taken_back(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    assert store.service_pause() is None
    assert not store.resume_service(1.0, "ann")
    assert store.pause_service(2.0, "ann")
    assert again().service_pause() == Pause("ann", 2.0)
    assert not store.pause_service(3.0, "bob")
    store.set_dispatcher("")
    assert store.service_pause() == Pause("ann", 2.0)
    assert store.resume_service(4.0, "bob")
    assert again().service_pause() is None
    told = [(each.type, each.actor, each.task) for each in store.events_after(0)]
    assert told == [("service-paused", "ann", None), ("service-resumed", "bob", None)]


def test_data_version_changes_when_others_write(store: TaskStore, again: Callable[[], TaskStore]) -> None:
    other = again()
    before = store.data_version()
    assert store.data_version() == before
    other.request("stop", 1.0)
    assert store.data_version() != before


def test_a_sound_store_has_nothing_to_report(store: TaskStore) -> None:
    chain(store, "a", "b")
    assert store.integrity_check() == []


# going on, or starting over


def test_an_attempt_goes_on_unless_it_is_to_start_over(store: TaskStore) -> None:
    chain(store, "a")
    store.settle(run_to_end(store, "a"), FAILED, 3.0)
    store.retry("a", "", 4.0, "ann")
    assert not store.task("a").fresh
    second = run_to_end(store, "a", 200.0)
    assert not store.attempt(second).fresh
    store.settle(second, FAILED, 203.0)
    store.retry("a", "", 204.0, "ann", fresh=True)
    assert store.task("a").fresh
    third = run_to_end(store, "a", 300.0)
    assert store.attempt(third).fresh
    assert not store.task("a").fresh, "only that attempt starts over: the one after it goes on from there"
    store.settle(third, SUCCEEDED, 303.0)
    store.reset("a", downstream=False, now=304.0, actor="ann")
    assert store.task("a").fresh


def test_rounds_of_conflicts_are_counted_and_the_commit_is_recorded(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    assert store.prepare(fence, PLACE)
    store.start(fence, PROCESS, 101.0)
    store.end(fence, OUTCOME, 102.0)
    store.settle(fence, Settlement("requeued", "", "conflicts: README", merging="c" * 40), 103.0)
    assert store.attempt(fence).workplace == PLACE._replace(merging="c" * 40)
    assert store.task("a").conflicts == 1
    assert store.task("a").status == "open"
    assert store.task("a").failures == 0
    second = run_to_end(store, "a", 200.0)
    store.settle(second, FAILED, 203.0)
    assert store.task("a").conflicts == 1
    store.retry("a", "", 204.0, "ann")
    assert store.task("a").conflicts == 0


def test_a_workplace_is_kept_as_it_was_prepared(store: TaskStore) -> None:
    chain(store, "a")
    fence = claim(store, "a").fence
    place = PLACE._replace(read_only=True, merging="d" * 40)
    assert store.prepare(fence, place)
    assert store.attempt(fence).workplace == place


def test_ready_leaves_out_the_kinds_that_were_told(store: TaskStore) -> None:
    store.add(NewTask("told", id="told", model="codex:m"), 1.0, "ann")
    store.add(NewTask("not told", id="not-told", model="codex:m"), 1.0, "ann")
    store.add(NewTask("shell", id="shell", model="codex:m", exec="true"), 1.0, "ann")
    store.add(NewTask("another model", id="other", model="codex:n"), 1.0, "ann")
    store.notes({"told": "paused", "shell": "paused", "other": "paused"}, 2.0)
    told = {Kind("codex:m", "", "", "", False, "paused")}
    assert [task.id for task in store.ready(without=told)] == ["not-told", "shell", "other"]
    assert [task.id for task in store.ready(1, without=told)] == ["not-told"]
    told.add(Kind("codex:m", "", "", "", True, "paused"))
    assert [task.id for task in store.ready(without=told)] == ["not-told", "other"]
