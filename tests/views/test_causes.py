"""Why a task does not run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.graph.records import OUTCOME, PLACE, PROCESS, ROUTE
from tests.views.graphs import graph, graphs
from wg.dispatch.state import DispatcherState
from wg.graph.attempt import Attempt, Pause
from wg.graph.pause import RoutePause
from wg.graph.relations import Awaited, Graph
from wg.graph.task import SATISFYING
from wg.views.causes import LOOP, Cause, Situation, causes_of
from wg.views.why import why_lines

DISPATCHER = DispatcherState(PROCESS, 1.0, "c", "c", "d", "codex", "", {}, "", 2)


def attempt(fence: int, task_id: str, state: str = "running", executor: str = "codex") -> Attempt:
    route = ROUTE._replace(executor=executor)
    outcome = OUTCOME if state == "ended" else None
    return Attempt(fence, task_id, state, route, PLACE, PROCESS, 60.0, 100.0, 160.0, "", "", outcome, "")


def situation(*attempts: Attempt, dispatcher: DispatcherState | None = DISPATCHER) -> Situation:
    return Situation(dispatcher, {each.task_id: each for each in attempts}, 165.0, [])


def causes(task_id: str, found: Graph, *attempts: Attempt) -> list[Cause]:
    return causes_of(task_id, found, situation(*attempts))


def only_text(task_id: str, found: Graph, known: Situation) -> str:
    (cause,) = causes_of(task_id, found, known)
    return cause.text


def test_the_chain_leads_to_what_failed() -> None:
    (cause,) = causes("c", graph({"a": "", "b": "a", "c": "b"}, {"a": "failed"}))
    assert (cause.chain, cause.kind, cause.text) == (["c", "b", "a"], "failed", "it failed")
    assert "wg show a" in cause.remedy


def test_each_cause_stands_once_and_first_those_that_need_somebody() -> None:
    found = graph(
        {"f": "", "r": "", "i": "", "p": "", "w": "", "m": "f r", "x": "m i p w f"},
        {"f": "failed", "i": "in-progress", "w": "waiting"},
        paused="p",
    )
    assert [(cause.kind, cause.chain) for cause in causes("x", found, attempt(3, "i"))] == [
        ("failed", ["x", "f"]),
        ("waiting", ["x", "w"]),
        ("paused", ["x", "p"]),
        ("running", ["x", "i"]),
        ("ready", ["x", "m", "r"]),
    ]


def test_a_paused_task_that_is_also_blocked_has_both_causes() -> None:
    found = causes("b", graph({"a": "", "b": "a"}, paused="b"))
    assert [(cause.kind, cause.chain) for cause in found] == [("paused", ["b"]), ("ready", ["b", "a"])]


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (situation(dispatcher=None), "no dispatcher is running"),
        (situation(dispatcher=DISPATCHER._replace(problem="line 3 is bad")), "starts nothing new: line 3 is bad"),
        (situation(attempt(1, "x"), attempt(2, "y")), "all slots are taken: 2 of 2"),
        (situation(attempt(1, "x"), attempt(2, "y", "ended")), "about to start it"),
        (
            situation(attempt(7, "x"), dispatcher=DISPATCHER._replace(serial_reason="no git")),
            "agent-7 is at work: no git",
        ),
        (situation(attempt(7, "x", executor="shell"), dispatcher=DISPATCHER._replace(serial_reason="n")), "about to"),
        (situation(), "about to start it"),
    ],
)
def test_what_holds_up_a_ready_task(known: Situation, says: str) -> None:
    assert says in only_text("a", graph({"a": ""}), known)


def test_the_dispatchers_note_is_the_cause() -> None:
    found = graph({"a": ""})
    noted = Graph([found.tasks[0]._replace(note="the quota is used up")], [])
    assert only_text("a", noted, situation()) == "it is ready, but not started: the quota is used up"


def test_who_works_on_it_and_since_when() -> None:
    found = graph({"a": ""}, {"a": "in-progress"})
    assert "agent-3 is working on it (since 1970-01-0" in only_text("a", found, situation(attempt(3, "a")))
    assert "1m 05s)" in only_text("a", found, situation(attempt(3, "a")))
    assert "agent-3 has ended" in only_text("a", found, situation(attempt(3, "a", "ended")))


def test_a_person_may_be_working_on_it() -> None:
    found = graph({"a": ""}, {"a": "in-progress"})
    held = Graph([found.tasks[0]._replace(claimed_by="ann")], [])
    assert only_text("a", held, situation()) == "ann has claimed it and works on it"


def test_a_task_for_later() -> None:
    later = Graph([graph({"a": ""}).tasks[0]._replace(not_before=166.0)], [])
    assert only_text("a", later, situation(dispatcher=None)).startswith("it does not start before 1970-01-0")
    due = Graph([later.tasks[0]._replace(not_before=165.0)], [])
    assert "about to start it" in only_text("a", due, situation())


def test_tasks_that_wait_for_each_other() -> None:
    (cause,) = causes("x", graph({"a": "c", "b": "a", "c": "b", "x": "b"}))
    assert (cause.kind, cause.chain) == (LOOP, ["x", "b", "a", "c", "b"])


def test_a_circle_of_which_one_waits_by_a_condition() -> None:
    found = graph({"a": "", "b": "a", "x": "b"}, {"a": "waiting"})._replace(awaited=(Awaited("a", "b", "done"),))
    circle, waiting = causes("x", found)
    assert (circle.kind, circle.chain) == (LOOP, ["x", "b", "a", "b"])
    assert circle.remedy == "wg resume a ends its waiting"
    assert (waiting.kind, waiting.chain) == ("waiting", ["x", "b", "a"])


def test_a_long_chain_is_shortened_and_hostile_text_is_shown() -> None:
    names = [f"t{number}" for number in range(1000)]
    found = graph({name: names[index - 1] if index else "" for index, name in enumerate(names)}, {"t0": "failed"})
    found.tasks[0] = found.tasks[0]._replace(reason="\x1b[2J")
    lines = why_lines(found.tasks[-1], causes("t999", found), -1)
    assert lines[1] == ("  t999 -> t998 -> t997 -> t996 -> … 992 more … -> t3 -> t2 -> t1 -> t0: it failed: \\x1b[2J")


@given(graphs(), st.data())
def test_every_last_cause_is_found_and_every_chain_is_real(found: Graph, data: st.DataObject) -> None:
    tasks = {task.id: task for task in found.tasks}
    asked = data.draw(st.sampled_from(found.tasks)).id
    unmet = {
        name: [e.dependency for e in found.edges if e.task == name and tasks[e.dependency].status not in SATISFYING]
        for name, task in tasks.items()
    }
    reachable = {asked}
    while True:
        waits = {name for name in reachable if tasks[name].status in ("open", "waiting")}
        more = {each for name in waits for each in unmet[name]} - reachable
        if not more:
            break
        reachable |= more
    ends = {name for name in reachable if tasks[name].status != "open" or tasks[name].paused or not unmet[name]}
    result = causes(asked, found)
    assert sorted(cause.chain[-1] for cause in result) == sorted(ends)
    for cause in result:
        assert cause.chain[0] == asked and cause.text
        for waiting, blocker in zip(cause.chain, cause.chain[1:], strict=False):
            assert tasks[waiting].status in ("open", "waiting") and blocker in unmet[waiting]


@pytest.mark.parametrize("dispatcher", [DISPATCHER, None])
def test_a_paused_dispatcher_is_the_cause_whether_or_not_it_runs(dispatcher: DispatcherState | None) -> None:
    known = situation(dispatcher=dispatcher)._replace(paused=Pause("ann", 100.0))
    (cause,) = causes_of("a", graph({"a": ""}), known)
    assert cause.kind == "held-up"
    assert "ann has paused the dispatcher" in cause.text
    assert cause.remedy == "wg service resume"


def test_a_paused_route_is_told_with_its_end() -> None:
    pause = RoutePause("codex", "quota", 7765.0, 100.0, 1, "no more", 3, "d")
    found = graph({"a": ""})
    held = Graph([found.tasks[0]._replace(note=pause.note)], [])
    (cause,) = causes_of("a", held, situation()._replace(pauses=[pause]))
    assert cause.kind == "route-paused"
    assert "codex is paused (quota), until " in cause.text
    assert cause.text.endswith(" (in 2h 06m): no more")
    assert "wg service unpause codex" in cause.remedy


def test_a_task_that_rests_is_told_with_what_failed() -> None:
    task = graph({"a": ""}).tasks[0]._replace(resting_until=170.0, reason="exit code 1")
    (cause,) = causes_of("a", Graph([task], []), situation())
    assert cause.kind == "delayed"
    assert cause.text.startswith("it is tried again at ")
    assert cause.text.endswith(": exit code 1")
    (later,) = causes_of("a", Graph([task._replace(not_before=180.0)], []), situation())
    assert later.text.startswith("it does not start before ")


def test_a_kind_of_agent_that_has_reached_its_own_limit_is_named() -> None:
    limited = DISPATCHER._replace(own_limits={"codex": 1, "claude": 1})
    text = only_text("a", graph({"a": ""}), situation(attempt(1, "x"), dispatcher=limited))
    assert text == "it is ready, and no more agents are started of: codex (1 run)"
