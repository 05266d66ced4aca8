"""Tasks that wait for conditions, for a person's word, and for messages."""

from __future__ import annotations

import pytest

from tests.graph.records import OUTCOME, claim, run_to_end
from wg.errors import NotFoundError, WgError
from wg.graph.attempt import Settlement
from wg.graph.conditions import describe_all
from wg.graph.messages import AGENTS
from wg.graph.protocol import TaskStore
from wg.graph.task import Condition, Loop, NewTask, Waiting

HUMAN, MESSAGE = Condition("human", "", ""), Condition("message", "", "")
TIMER, FILE = Condition("timer", "", "100.0"), Condition("file", "/nowhere", "")


def add(store: TaskStore, name: str, *after: str) -> None:
    store.add(NewTask(name, id=name, after=after), 1.0, "ann")


def park(store: TaskStore, task: str, *conditions: Condition, any_of: bool = False) -> None:
    store.park(task, conditions, "until it is time", any_of=any_of, now=2.0, actor="ann")


def met(store: TaskStore, task: str, now: float = 50.0) -> tuple[bool | None, ...]:
    found = store.waiting_of(task, now)
    assert found is not None
    return found.met


def held(store: TaskStore, task: str) -> int:
    """An attempt that waits for a person's approval; returns its fence."""
    fence = run_to_end(store, task)
    assert store.hold(fence, "until a person approves", 5.0, "approval")
    return fence


def test_a_parked_task_is_not_ready_and_wakes_once(store: TaskStore) -> None:
    add(store, "a")
    park(store, "a", TIMER)
    assert (store.task("a").status, store.task("a").reason) == ("waiting", "until it is time")
    assert store.ready() == []
    assert store.waiting(50.0) == [Waiting("a", False, (TIMER,), (False,))]
    assert store.waiting(100.0) == [Waiting("a", False, (TIMER,), (True,))]
    assert store.wake("a", 100.0, "dispatcher")
    assert not store.wake("a", 101.0, "dispatcher")
    assert (store.task("a").status, store.task("a").reason) == ("open", "")
    assert store.waiting(100.0) == []


@pytest.mark.parametrize(
    ("asked", "actual", "expected"),
    [
        ("done", "open", False),
        ("done", "done", True),
        ("done", "abandoned", True),
        ("failed", "failed", True),
        ("failed", "done", False),
        ("open", "open", True),
    ],
)
def test_another_tasks_status(store: TaskStore, asked: str, actual: str, expected: bool) -> None:
    add(store, "a")
    add(store, "other")
    park(store, "a", Condition("task", "other", asked))
    if actual == "abandoned":
        store.abandon("other", "", "", 3.0, "ann")
    elif actual != "open":
        (store.person_done if actual == "done" else lambda *a: store.person_fail(a[0], "", *a[1:]))("other", 3.0, "ann")
    assert met(store, "a") == (expected,)


def test_messages_count_from_the_wait_on_and_files_are_left_to_programs(store: TaskStore) -> None:
    add(store, "a")
    store.send("a", "before", 1.0, "bob")
    park(store, "a", MESSAGE, FILE, HUMAN, any_of=True)
    assert met(store, "a") == (False, None, False)
    store.send("a", "after", 3.0, "bob")
    assert met(store, "a") == (True, None, False)


def test_a_task_cannot_wait_for_itself_or_for_what_is_not_there(store: TaskStore) -> None:
    add(store, "a")
    add(store, "b", "a")
    for other in ("a", "b"):
        with pytest.raises(WgError, match="wait for itself"):
            park(store, "a", Condition("task", other, "done"))
    with pytest.raises(NotFoundError):
        park(store, "a", Condition("task", "none", "done"))
    with pytest.raises(WgError, match="nothing to wait for"):
        park(store, "a")
    assert store.task("a").status == "open"


@pytest.mark.parametrize("first", ["wait", "depend"])
def test_tasks_do_not_come_to_wait_for_each_other(store: TaskStore, first: str) -> None:
    """Only dependencies were looked at, so that one order of the same two commands was refused, and the other not."""
    for name in ("a", "b", "c"):
        add(store, name)
    store.add_dependency("c", "b", 2.0, "ann")
    if first == "wait":
        park(store, "a", Condition("task", "c", "done"))
        with pytest.raises(WgError, match="b would wait for itself: b -> a -> c -> b"):
            store.add_dependency("b", "a", 2.0, "ann")
    else:
        store.add_dependency("b", "a", 2.0, "ann")
        with pytest.raises(WgError, match="a would wait for itself: a -> c -> b -> a"):
            park(store, "a", Condition("task", "c", "done"))
    assert store.deadlock() == []


def test_waits_for_each_other_are_refused_unless_the_condition_is_met(store: TaskStore) -> None:
    for name in ("a", "b", "c"):
        add(store, name)
    park(store, "a", Condition("task", "b", "failed"))
    park(store, "c", Condition("task", "b", "open"), HUMAN)
    with pytest.raises(WgError, match="b would wait for itself: b -> a -> b"):
        park(store, "b", TIMER, Condition("task", "a", "done"))
    park(store, "b", Condition("task", "c", "done"))


def test_a_loop_does_not_let_tasks_wait_for_each_other(store: TaskStore) -> None:
    add(store, "head")
    add(store, "tail", "head")
    add(store, "outside", "head")
    park(store, "tail", Condition("task", "outside", "done"))
    with pytest.raises(WgError, match="outside would wait for itself: outside -> tail -> outside"):
        store.declare_loop(Loop("tail", "head", 2), 3.0, "ann")
    assert store.loops() == []


def test_resume_ends_the_waiting_and_giving_up_too(store: TaskStore) -> None:
    for end in (store.resume, lambda *a: store.person_fail(a[0], "", *a[1:])):
        add(store, name := f"t{len(store.tasks())}")
        park(store, name, TIMER)
        end(name, 3.0, "ann")
        assert store.waiting_of(name, 200.0) is None
        assert not store.wake(name, 200.0, "dispatcher")


def test_an_agent_that_waits_parks_its_task_when_it_is_settled(store: TaskStore) -> None:
    add(store, "a")
    fence = claim(store, "a").fence
    assert store.claim_wait(fence, (TIMER,), "until it is time", 3.0, any_of=False)
    assert store.waiting(200.0) == []  # it works on
    store.end(fence, OUTCOME, 4.0)
    assert not store.claim_wait(fence, (HUMAN,), "late", 5.0, any_of=False)
    assert store.settle(fence, Settlement("parked", "until it is time", "waits"), 6.0)
    assert store.task("a").status == "waiting"
    assert met(store, "a", 200.0) == (True,)
    assert store.attempt(fence).state == "settled"
    assert store.wake("a", 200.0, "dispatcher")
    assert claim(store, "a").fence > fence


def test_an_agent_that_failed_does_not_wait(store: TaskStore) -> None:
    add(store, "a")
    fence = claim(store, "a").fence
    store.claim_wait(fence, (TIMER,), "until it is time", 3.0, any_of=False)
    store.end(fence, OUTCOME, 4.0)
    store.settle(fence, Settlement("requeued", "", "again"), 5.0)
    held(store, "a")
    assert store.waiting_of("a", 200.0) is None


def test_approval_lets_the_held_attempt_go_on(store: TaskStore) -> None:
    add(store, "a")
    fence = held(store, "a")
    assert store.attempt(fence).hold == "approval"
    store.approve("a", "well done", 6.0, "ann")
    attempt = store.attempt(fence)
    assert (attempt.state, attempt.approved, attempt.hold) == ("ended", True, "")
    assert store.task("a").status == "waiting"
    assert [message.body for message in store.messages("a", AGENTS)] == ["well done"]
    with pytest.raises(WgError, match="does not wait for a person"):
        store.reject("a", "too late", 7.0, "ann")
    assert store.settle(fence, Settlement("succeeded", "", ""), 8.0)


def test_rejection_opens_the_task_with_a_message_and_at_last_fails_it(store: TaskStore) -> None:
    add(store, "a")
    for number in (1, 2, 3):
        fence = held(store, "a")
        store.reject("a", f"no {number}", 6.0, "ann")
        assert store.attempt(fence).state == "settled"
        assert store.attempt(fence).verdict == f"rejected by ann: no {number}"
        assert not store.settle(fence, Settlement("succeeded", "", ""), 8.0)
        assert store.task("a").status == ("failed" if number == 3 else "open")
    assert store.task("a").reason == "rejected by ann: no 3"
    assert [message.body for message in store.messages("a", AGENTS)] == [f"Rejected: no {n}" for n in (1, 2, 3)]
    store.retry("a", "", 9.0, "ann")
    assert store.task("a").rejections == 0


def test_a_persons_word_wakes_what_waits_for_it(store: TaskStore) -> None:
    for name in ("alone", "with-timer", "any", "never"):
        add(store, name)
    park(store, "alone", HUMAN)
    park(store, "with-timer", HUMAN, TIMER)
    park(store, "any", HUMAN, TIMER, any_of=True)
    park(store, "never", TIMER)
    for name, status in (("alone", "open"), ("with-timer", "waiting"), ("any", "open")):
        store.approve(name, "", 3.0, "ann")
        assert store.task(name).status == status
    assert met(store, "with-timer", 200.0) == (True,)
    assert store.task("with-timer").reason == describe_all((TIMER,), any_of=False)
    for refused in (store.approve, store.reject):
        with pytest.raises(WgError, match="never does not wait for a person"):
            refused("never", "", 4.0, "ann")
    park(store, "alone", HUMAN)
    store.reject("alone", "no", 5.0, "ann")
    assert store.task("alone").status == "failed"


@pytest.mark.parametrize("status", ["open", "done"])
def test_nobody_approves_what_did_not_ask(store: TaskStore, status: str) -> None:
    add(store, "a")
    if status == "done":
        store.person_done("a", 2.0, "ann")
    for say in (store.approve, store.reject):
        with pytest.raises(WgError):
            say("a", "x", 3.0, "ann")
    add(store, "b")
    fence = run_to_end(store, "b")
    store.hold(fence, "a conflict", 4.0, "merge")
    with pytest.raises(WgError, match="does not wait for a person's approval"):
        store.approve("b", "", 5.0, "ann")
    held(store, "a") if status == "open" else None
    if status == "open":
        with pytest.raises(WgError, match="only a person"):
            store.approve("a", "", 5.0, "agent-9")


def test_messages_are_read_by_each_reader_once(store: TaskStore) -> None:
    add(store, "a")
    add(store, "quiet")
    first = store.send("a", "one", 1.0, "bob")
    assert store.send("a", "two", 2.0, "ann") > first
    store.send("a", "for people", 3.0, "agent-1", to_agents=False)
    assert store.task("a").unread == 2
    assert store.unread("ann") == [("a", 2)]  # not what she wrote herself
    store.mark_read("a", "ann")
    assert store.unread("ann") == []
    assert store.unread("bob") == [("a", 2)]
    assert [message.unread for message in store.messages("a", "bob")] == [False, True, True]
    assert store.task("a").unread == 2  # agents have not got them
    store.mark_read("a", AGENTS)
    assert [task.unread for task in store.tasks()] == [0, 0]
    store.mark_read("quiet", AGENTS)
    store.send("quiet", "three", 4.0, "bob")
    assert [message.unread for message in store.messages("quiet", AGENTS)] == [True]


@pytest.mark.parametrize("body", ["", "  \n", "a\0b", "\udcff"])
def test_a_message_that_is_no_text_is_refused(store: TaskStore, body: str) -> None:
    add(store, "a")
    with pytest.raises(WgError):
        store.send("a", body, 1.0, "ann")
    assert store.messages("a", AGENTS) == []
