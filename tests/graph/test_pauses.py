"""What a store keeps of repeated attempts and of paused routes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.graph.records import FAILED, OUTCOME, REQUEUED, SUCCEEDED, claim, run_to_end
from wg.graph.attempt import Settlement
from wg.graph.pause import RoutePause
from wg.graph.protocol import TaskStore
from wg.graph.task import NewTask

REPEATED = Settlement("repeated", "exit 1", "it failed", "check-failed", rest_until=500.0)


@pytest.fixture
def tasks(store: TaskStore) -> TaskStore:
    for name in ("a", "b"):
        store.add(NewTask(name, id=name), 1.0, "ann")
    return store


def pause(attempt: int) -> RoutePause:
    return RoutePause("codex", "quota", 900.0, 100.0, 1, "no more", attempt, "d")


def ids(store: TaskStore, now: float) -> list[str]:
    return [task.id for task in store.ready(now=now)]


def test_a_repeated_task_rests_and_keeps_the_reason(tasks: TaskStore) -> None:
    fence = run_to_end(tasks, "a")
    assert tasks.settle(fence, REPEATED, 150.0)
    task = tasks.task("a")
    assert (task.status, task.failures, task.reason, task.resting_until) == ("open", 1, "exit 1", 500.0)
    outcome = tasks.attempt(fence).outcome
    assert outcome is not None and outcome.failure_class == "check-failed", "what judging has shown"
    assert (ids(tasks, 499.0), ids(tasks, 500.0)) == (["b"], ["a", "b"])
    assert [(each.id, each.starts_at) for each in tasks.delayed(200.0)] == [("a", 500.0)]
    assert tasks.counts(499.0)["ready"] == 1
    assert claim(tasks, "b", 400.0)
    with pytest.raises(AssertionError):
        claim(tasks, "a", 499.0)
    claim(tasks, "a", 500.0)
    assert tasks.task("a").reason == ""


def test_a_rest_and_a_time_of_its_own_both_hold(tasks: TaskStore) -> None:
    tasks.add(NewTask("late", id="late", not_before=600.0), 1.0, "ann")
    tasks.settle(run_to_end(tasks, "a"), REPEATED, 150.0)
    assert [(each.id, each.starts_at) for each in tasks.delayed(200.0)] == [("a", 500.0), ("late", 600.0)]
    tasks.settle(run_to_end(tasks, "late", 600.0), REPEATED._replace(rest_until=700.0), 650.0)
    assert (ids(tasks, 650.0), ids(tasks, 700.0)) == (["a", "b"], ["a", "b", "late"])


def test_only_failures_are_counted(tasks: TaskStore) -> None:
    for settlement in (REPEATED, REQUEUED, REPEATED, FAILED):
        tasks.settle(run_to_end(tasks, "a", 1000.0), settlement, 1100.0)
    assert tasks.task("a").failures == 3


@pytest.mark.parametrize("reset", [False, True])
def test_retry_and_reset_begin_anew(tasks: TaskStore, reset: bool) -> None:
    tasks.settle(run_to_end(tasks, "a"), REPEATED, 150.0)
    last = run_to_end(tasks, "a", 600.0)
    tasks.settle(last, FAILED, 650.0)
    if reset:
        tasks.reset("a", downstream=False, now=660.0, actor="ann")
    else:
        tasks.retry("a", "", 660.0, "ann")
    task = tasks.task("a")
    assert (task.failures, task.counted_from, task.resting_until) == (0, last, 0.0)


def test_the_end_of_a_limit_is_kept(tasks: TaskStore) -> None:
    fence = claim(tasks, "a").fence
    outcome = OUTCOME._replace(succeeded=False, failure_class="quota", resets_at=900.0)
    tasks.end(fence, outcome, 130.0)
    assert tasks.attempt(fence).outcome == outcome


def test_a_pause_is_kept_and_another_one_of_the_route_takes_its_place(
    tasks: TaskStore, again: Callable[[], TaskStore]
) -> None:
    fence = run_to_end(tasks, "a")
    tasks.pause_route(pause(fence), 130.0)
    assert again().route_pauses() == [pause(fence)]
    longer = pause(fence)._replace(kind="network", until=1000.0, failures=2)
    tasks.pause_route(longer, 140.0)
    tasks.pause_route(pause(fence)._replace(route="codex:m"), 150.0)
    assert again().route_pauses() == [longer, pause(fence)._replace(route="codex:m")]


def test_a_pause_ends_once(tasks: TaskStore) -> None:
    tasks.pause_route(pause(run_to_end(tasks, "a")), 130.0)
    assert tasks.unpause_route("codex", 140.0, "ann")
    assert not tasks.unpause_route("codex", 150.0, "ann")
    assert tasks.route_pauses() == []
    told = [each for each in tasks.events_after(0) if each.type.startswith("route-")]
    assert [(each.type, each.task, each.actor) for each in told] == [
        ("route-paused", "a", "dispatcher"),
        ("route-resumed", None, "ann"),
    ]
    assert json.loads(told[0].data) == {"route": "codex", "kind": "quota", "until": "900.0"}


@pytest.mark.parametrize("ended", [True, False])
def test_no_note_outlives_its_pause(tasks: TaskStore, ended: bool) -> None:
    fence = run_to_end(tasks, "a")
    tasks.add(NewTask("c", id="c"), 1.0, "ann")
    tasks.pause_route(pause(fence), 130.0)
    tasks.notes({"b": pause(fence).note}, 140.0)
    tasks.notes({"c": "something else"}, 140.0)
    if ended:
        tasks.unpause_route("codex", 150.0, "ann")
    else:
        tasks.pause_route(pause(fence)._replace(kind="network"), 150.0)
    assert (tasks.task("b").note, tasks.task("c").note) == ("", "something else")


def test_what_a_program_says_is_never_refused(tasks: TaskStore) -> None:
    tasks.pause_route(pause(run_to_end(tasks, "a"))._replace(message="a\0b\udcff"), 130.0)
    assert "\0" not in tasks.route_pauses()[0].message


def test_a_success_stays_a_success(tasks: TaskStore) -> None:
    fence = run_to_end(tasks, "a")
    tasks.settle(fence, SUCCEEDED, 150.0)
    assert tasks.attempt(fence).outcome == OUTCOME
