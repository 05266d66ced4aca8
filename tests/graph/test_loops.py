"""Declared loops: what runs again, how often, and who waits for the end."""

from __future__ import annotations

import pytest

from tests.graph.records import OUTCOME, claim, run_to_end
from wg.errors import NotFoundError, WgError
from wg.graph.attempt import Settlement
from wg.graph.protocol import TaskStore
from wg.graph.task import Loop, Neighbour, NewTask


def add(store: TaskStore, name: str, *after: str, loop: Loop | None = None) -> None:
    store.add(NewTask(name, id=name, after=after, loop=loop), 1.0, "ann")


def done(store: TaskStore, *names: str, converged: bool = False) -> None:
    for name in names:
        store.person_done(name, 2.0, "ann", converged=converged)


def ready(store: TaskStore) -> list[str]:
    return [task.id for task in store.ready()]


def statuses(store: TaskStore) -> dict[str, str]:
    return {task.id: task.status for task in store.tasks()}


def write_and_review(store: TaskStore, runs: int | None = 3, **more: object) -> None:
    """write -> review -> publish, the first two again and again."""
    add(store, "write")
    add(store, "review", "write")
    add(store, "publish", "review")
    store.declare_loop(Loop("review", "write", runs, **more), 1.0, "ann")  # type: ignore[arg-type]


def test_a_loop_runs_as_often_as_it_says(store: TaskStore) -> None:
    write_and_review(store)
    for run in (1, 2):
        assert [loop.iteration for loop in store.loops()] == [run]
        done(store, "write", "review")
        assert statuses(store) == {"write": "open", "review": "open", "publish": "open"}
        assert ready(store) == ["write"]
        assert store.task("review").completed_at is None
    done(store, "write", "review")
    assert statuses(store) == {"write": "done", "review": "done", "publish": "open"}
    assert ready(store) == ["publish"]


def test_a_task_may_repeat_itself(store: TaskStore) -> None:
    add(store, "poll", loop=Loop("", "", 2))
    assert store.loops_around("poll") == [Loop("poll", "poll", 2)]
    done(store, "poll")
    assert ready(store) == ["poll"]
    done(store, "poll")
    assert statuses(store) == {"poll": "done"}


def test_whoever_says_converged_ends_it_with_this_run(store: TaskStore) -> None:
    write_and_review(store)
    done(store, "write", converged=True)
    done(store, "review")
    assert ready(store) == ["publish"]
    with pytest.raises(WgError, match="publish is part of no loop"):
        done(store, "publish", converged=True)
    assert statuses(store)["publish"] == "open"


@pytest.mark.parametrize(
    ("settled", "claimed", "expected"),
    [("requeued", "done", False), ("succeeded", "fail", False), ("succeeded", "done", True)],
)
def test_an_agents_converged_counts_if_it_succeeds(
    store: TaskStore, settled: str, claimed: str, expected: bool
) -> None:
    write_and_review(store)
    fence = claim(store, "write").fence
    assert store.claim_result(fence, claimed, "", 3.0, converged=True)
    assert store.end(fence, OUTCOME, 4.0)
    assert store.settle(fence, Settlement(settled, "", ""), 5.0)
    assert store.loops()[0].converged is expected


def test_the_guard_decides_whether_it_runs_again(store: TaskStore) -> None:
    add(store, "flag")
    write_and_review(store, guard="flag=open")
    done(store, "write", "review")
    assert ready(store) == ["flag", "write"]
    done(store, "flag", "write", "review")
    assert ready(store) == ["publish"]


def test_the_guard_names_a_task_that_is_there(store: TaskStore) -> None:
    with pytest.raises(NotFoundError, match="no task 'flag'"):
        write_and_review(store, guard="flag=open")
    with pytest.raises(NotFoundError, match="no task 'flag'"):
        add(store, "poll", loop=Loop("", "", 2, "flag=open"))
    assert store.loops() == [] and "poll" not in statuses(store)
    add(store, "poll", loop=Loop("", "", 2, "poll=done"))
    assert [loop.guard for loop in store.loops()] == ["poll=done"]


def test_the_delay_is_between_two_runs(store: TaskStore) -> None:
    write_and_review(store, delay=60.0)
    done(store, "write")
    store.person_done("review", 100.0, "ann")
    assert store.task("write").not_before == 160.0
    assert [task.id for task in store.ready(now=159.0)] == []
    assert [task.id for task in store.ready(now=160.0)] == ["write"]


def test_what_is_outside_waits_for_the_end_of_the_loop(store: TaskStore) -> None:
    write_and_review(store, 2)
    add(store, "read", "write")  # it depends on the inside
    assert store.dependencies("read") == [
        Neighbour("write", "open", "write"),
        Neighbour("review", "open", "review", implied=True),
    ]
    done(store, "write")
    assert ready(store) == ["review"]
    done(store, "review", "write", "review")
    assert ready(store) == ["publish", "read"]


def test_a_task_that_comes_to_lie_inside_no_longer_waits_for_the_end(store: TaskStore) -> None:
    write_and_review(store, 2)
    add(store, "test", "write")
    store.add_dependency("review", "test", 2.0, "ann")
    assert store.dependencies("test") == [Neighbour("write", "open", "write")]
    done(store, "write", "test", "review")
    assert statuses(store)["test"] == "open"
    store.remove_dependency("review", "test", 3.0, "ann")
    assert [each.id for each in store.dependencies("test")] == ["write", "review"]


def test_a_dependency_on_the_end_itself_stays_when_the_loop_is_gone(store: TaskStore) -> None:
    write_and_review(store)
    add(store, "read", "write")
    store.add_dependency("read", "review", 2.0, "ann")  # it was implied before
    assert store.task("read").unmet == 2
    assert store.remove_loop("review", 3.0, "ann")
    assert not store.remove_loop("review", 3.0, "ann")
    assert store.dependencies("read") == [Neighbour("write", "open", "write"), Neighbour("review", "open", "review")]
    assert store.loops() == []


def test_loops_may_lie_inside_each_other(store: TaskStore) -> None:
    add(store, "plan")
    add(store, "write", "plan")
    add(store, "review", "write", loop=Loop("", "write", 2))
    add(store, "ship", "review", loop=Loop("", "plan", 2))
    assert [loop.tail for loop in store.loops_around("write")] == ["review", "ship"]
    for _ in range(2):
        done(store, "plan", "write", "review")
        assert ready(store) == ["write"]
        done(store, "write", "review", "ship")
    assert set(statuses(store).values()) == {"done"}


def test_loops_that_cross_are_refused(store: TaskStore) -> None:
    for name, after in (("h", ()), ("d", ("h",)), ("e", ("h",)), ("t", ("d", "e")), ("u", ("e", "d"))):
        add(store, name, *after)
    add(store, "one", "d", "u")
    add(store, "two", "e", "t")
    store.declare_loop(Loop("one", "d", 2), 1.0, "ann")
    with pytest.raises(WgError, match="which waits for"):
        store.declare_loop(Loop("two", "e", 2), 1.0, "ann")
    assert [loop.tail for loop in store.loops()] == ["one"]
    assert store.miscounted() == []


def test_a_loop_needs_a_way_from_its_first_task_to_its_last(store: TaskStore) -> None:
    add(store, "a")
    add(store, "b")
    with pytest.raises(WgError, match="needs b to depend on a"):
        store.declare_loop(Loop("b", "a", 2), 1.0, "ann")
    with pytest.raises(NotFoundError):
        store.declare_loop(Loop("b", "none", 2), 1.0, "ann")
    store.add_dependency("b", "a", 1.0, "ann")
    store.declare_loop(Loop("b", "a", 2), 1.0, "ann")
    with pytest.raises(WgError, match="needs b to depend on a"):
        store.remove_dependency("b", "a", 2.0, "ann")
    assert [each.id for each in store.dependencies("b")] == ["a"]


def test_a_loop_is_not_put_around_work_that_has_begun_outside(store: TaskStore) -> None:
    add(store, "write")
    add(store, "review", "write")
    add(store, "read", "write")
    done(store, "write")
    run_to_end(store, "read")
    with pytest.raises(WgError, match="read is in-progress"):
        store.declare_loop(Loop("review", "write", 2), 1.0, "ann")
    assert store.loops() == []


def test_reset_begins_the_count_anew(store: TaskStore) -> None:
    write_and_review(store, 2)
    done(store, "write", "review", "write", "review")
    assert store.loops()[0].iteration == 2
    store.reset("write", downstream=True, now=5.0, actor="ann")
    assert store.loops()[0].iteration == 1
    done(store, "write", "review")
    assert ready(store) == ["write"]


def test_what_was_abandoned_inside_stays_so(store: TaskStore) -> None:
    write_and_review(store)
    store.abandon("write", "", "", 1.0, "ann")
    done(store, "review")
    assert statuses(store) == {"write": "abandoned", "review": "open", "publish": "open"}


def test_changing_a_loop_keeps_its_count(store: TaskStore) -> None:
    write_and_review(store)
    done(store, "write", "review")
    store.declare_loop(store.loops()[0]._replace(max_iterations=None, guard="write=open", delay=5.0), 3.0, "ann")
    assert store.loops() == [Loop("review", "write", None, "write=open", 5.0, iteration=2)]
