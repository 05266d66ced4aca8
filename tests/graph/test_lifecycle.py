"""The whole table: every status with every event."""

from __future__ import annotations

from typing import Any

import pytest

from wg.graph import lifecycle
from wg.graph.lifecycle import EVENTS, Change, Refusal, Standing, decide
from wg.graph.task import SATISFYING, STATUSES, TERMINAL

# status -> event -> the status that follows; whatever is not here is refused
FOLLOWS = {
    "open": {
        "claimed": "in-progress",
        "person-claimed": "in-progress",
        "person-done": "done",
        "person-fail": "failed",
        "abandoned": "abandoned",
        "paused": "open",
        "person-parked": "waiting",
    },
    "in-progress": {
        "requeued": "open",
        "repeated": "open",
        "succeeded": "done",
        "failed": "failed",
        "held": "waiting",
        "parked": "waiting",
    },
    "waiting": {
        "requeued": "open",
        "repeated": "open",
        "succeeded": "done",
        "failed": "failed",
        "held": "waiting",
        "person-fail": "failed",
        "abandoned": "abandoned",
    },
    "pending-eval": {},  # nothing leads there yet
    "done": {"reset": "open", "iterated": "open"},
    "failed": {
        "person-done": "done",
        "abandoned": "abandoned",
        "retried": "open",
        "restarted": "open",
        "reset": "open",
    },
    "abandoned": {"reset": "open"},
}
# what waits for conditions, and what is held for a person's approval
PARKED = {
    "woken": "open",
    "resumed": "open",
    "approved": "waiting",
    "rejected": "failed",
    "person-fail": "failed",
    "abandoned": "abandoned",
}
HELD = {**FOLLOWS["waiting"], "approved": "waiting", "rejected": "open"}
OF_A_PERSON = {"unclaimed": "open", "person-done": "done", "person-fail": "failed", "abandoned": "abandoned"}
PAIRS = [(status, event) for status in STATUSES for event in EVENTS]


@pytest.mark.parametrize(("status", "event"), PAIRS)
def test_every_status_with_every_event(status: str, event: str) -> None:
    decision = decide(Standing("it", status), event)
    expected = FOLLOWS[status].get(event)
    if expected is None:
        assert isinstance(decision, Refusal)
        assert decision.name
        assert decision.message.startswith("it ")
        assert decision.hint
    else:
        assert isinstance(decision, Change)
        assert (decision.event, decision.before, decision.after) == (event, status, expected)


@pytest.mark.parametrize(("status", "event"), PAIRS)
def test_effects_follow_from_the_statuses(status: str, event: str) -> None:
    decision = decide(Standing("it", status), event)
    if isinstance(decision, Refusal):
        return
    assert (lifecycle.START in decision.effects) == (decision.after == "in-progress")
    assert (lifecycle.UNSTART in decision.effects) == (decision.after == "open" and status != "open")
    assert (lifecycle.FINISH in decision.effects) == (decision.after in TERMINAL)
    assert (lifecycle.UNFINISH in decision.effects) == (status in TERMINAL and decision.after == "open")
    assert (lifecycle.RELEASE in decision.effects) == (decision.after in SATISFYING)
    assert (lifecycle.BLOCK in decision.effects) == (status in SATISFYING)
    by_hand = event in ("person-fail", "abandoned")
    assert (lifecycle.SETTLE in decision.effects) == (status == "waiting" and by_hand)
    assert (lifecycle.COUNT in decision.effects) == (event in ("failed", "repeated"))
    assert (lifecycle.FORGET in decision.effects) == (event in ("retried", "restarted", "reset", "iterated"))
    assert (lifecycle.RENEW in decision.effects) == (event in ("restarted", "reset", "iterated"))
    assert (lifecycle.CONTINUE in decision.effects) == (event == "claimed")
    over = status in ("in-progress", "waiting") and decision.after != "waiting"
    assert (lifecycle.UNWAIT in decision.effects) == over
    assert (lifecycle.TAKE in decision.effects) == (event == "person-claimed")
    assert (lifecycle.PAUSE in decision.effects) == (event == "paused")


@pytest.mark.parametrize("event", EVENTS)
def test_what_waits_for_conditions_or_for_approval(event: str) -> None:
    standings = (Standing("it", "waiting", parked=True), PARKED), (Standing("it", "waiting", hold="approval"), HELD)
    for standing, follows in standings:
        decision = decide(standing, event)
        if event in follows:
            assert isinstance(decision, Change)
            assert decision.after == follows[event]
        else:
            assert isinstance(decision, Refusal)


def test_rejection_settles_the_attempt_and_ends_in_failure_after_the_third_time() -> None:
    afters = []
    for rejections in range(lifecycle.REJECTIONS):
        decision = decide(Standing("it", "waiting", hold="approval", rejections=rejections), "rejected")
        assert isinstance(decision, Change)
        assert {lifecycle.SETTLE, lifecycle.REFUSE} <= set(decision.effects)
        afters.append(decision.after)
    assert afters == ["open", "open", "failed"]


@pytest.mark.parametrize("event", ["approved", "rejected"])
def test_agents_neither_approve_nor_reject(event: str) -> None:
    refused = decide(Standing("it", "waiting", hold="approval", by_agent=True), event)
    assert isinstance(refused, Refusal)
    assert refused.name == "not-a-person"


@pytest.mark.parametrize("event", ["resumed", "person-fail", "abandoned"])
@pytest.mark.parametrize("asked", [{"hold": "approval"}, {"parked": True, "for_person": True}])
def test_agents_do_not_move_what_waits_for_a_person(event: str, asked: dict[str, Any]) -> None:
    standing = Standing("it", "waiting", **asked)
    refused = decide(standing._replace(by_agent=True), event)
    assert isinstance(refused, Refusal)
    if not isinstance(decide(standing, event), Refusal):
        assert refused.name == "not-a-person"


@pytest.mark.parametrize("event", EVENTS)
def test_what_a_person_has_claimed_only_people_change(event: str) -> None:
    decision = decide(Standing("it", "in-progress", holder="ann"), event)
    if event in OF_A_PERSON:
        assert isinstance(decision, Change)
        assert decision.after == OF_A_PERSON[event]
    else:
        assert isinstance(decision, Refusal)
        assert decision.name == "claimed"
        assert "ann" in decision.message
        assert "wg unclaim it" in decision.hint
    asked_by_agent = decide(Standing("it", "in-progress", holder="ann", by_agent=True), event)
    assert isinstance(asked_by_agent, Refusal)
    assert asked_by_agent.name == "claimed"


def test_an_agent_does_not_claim_by_hand() -> None:
    refused = decide(Standing("it", "open", by_agent=True), "person-claimed")
    assert isinstance(refused, Refusal)
    assert refused.name == "not-a-person"


def test_paused_and_resumed() -> None:
    assert decide(Standing("it", "open", paused=True), "resumed") == Change("resumed", "open", "open", ("unpause",))
    for paused, event, name in ((True, "paused", "already-paused"), (False, "resumed", "not-paused")):
        refused = decide(Standing("it", "open", paused=paused), event)
        assert isinstance(refused, Refusal)
        assert refused.name == name


@pytest.mark.parametrize("event", ["claimed", "person-claimed", "person-done"])
def test_unmet_dependencies_stand_in_the_way(event: str) -> None:
    one, three = decide(Standing("it", "open", unmet=1), event), decide(Standing("it", "open", unmet=3), event)
    assert isinstance(one, Refusal)
    assert isinstance(three, Refusal)
    assert one.name == three.name == "blocked"
    assert "1 dependency " in one.message
    assert "3 dependencies " in three.message


def test_before_its_time_a_task_is_not_started_but_people_may() -> None:
    refused = decide(Standing("it", "open", due=False), "claimed")
    assert isinstance(refused, Refusal)
    assert refused.name == "not-due"
    assert isinstance(decide(Standing("it", "open", due=False), "person-claimed"), Change)


def test_a_blocked_task_can_be_given_up() -> None:
    assert isinstance(decide(Standing("it", "open", unmet=1), "person-fail"), Change)
    assert isinstance(decide(Standing("it", "open", unmet=1), "abandoned"), Change)


def test_a_paused_task_is_not_claimed_but_can_be_done_by_hand() -> None:
    for event in ("claimed", "person-claimed"):
        refused = decide(Standing("it", "open", paused=True), event)
        assert isinstance(refused, Refusal)
        assert refused.name == "paused"
    assert isinstance(decide(Standing("it", "open", paused=True), "person-done"), Change)


@pytest.mark.parametrize(
    ("status", "name", "hint"),
    [
        ("in-progress", "in-progress", "wg kill"),
        ("waiting", "waiting", "wg show it"),
        ("pending-eval", "pending-eval", "wg show it"),
        ("done", "already-done", "wg reset it"),
        ("abandoned", "already-abandoned", "wg reset it"),
    ],
)
def test_a_person_is_told_why_not_and_what_to_do(status: str, name: str, hint: str) -> None:
    refused = decide(Standing("it", status), "person-done")
    assert isinstance(refused, Refusal)
    assert refused.name == name
    assert hint in refused.hint
