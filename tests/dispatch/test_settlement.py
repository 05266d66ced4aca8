"""What an attempt comes to where no git and no check is asked."""

from __future__ import annotations

import time

import pytest

from tests.dispatch.lines import Lines
from tests.dispatch.records import CRASHED, DONE, LOST, NOW, attempt, record
from wg.dispatch.jobs import Jobs
from wg.dispatch.settlement import Judge
from wg.executors import failures
from wg.graph.attempt import Attempt, Kill, Outcome, Settlement
from wg.locations import Project


def judge(ended: Attempt, earlier: tuple[Outcome, ...] = (), failed: int = 0) -> Settlement:
    found = Judge(Project("/p", "/p/.wg"), Jobs(Lines(), time.monotonic, 5.0)).judge(record(ended, earlier, failed))
    assert isinstance(found, Settlement)
    return found


def test_a_claim_of_failure_is_believed_over_a_good_exit_and_is_final() -> None:
    assert judge(attempt(DONE, "fail", "no way")) == Settlement("failed", "no way", "no way")
    assert judge(attempt(CRASHED, "fail", "no way")).event == "failed"


def test_a_claim_of_success_is_not_believed_over_a_bad_exit() -> None:
    assert judge(attempt(CRASHED, "done"), failed=2).event == "failed"
    assert judge(attempt(CRASHED, "done"), failed=2).reason.endswith("killed by signal 9")


def test_without_git_a_good_end_is_enough_and_the_verdict_says_so() -> None:
    found = judge(attempt(DONE))
    assert found.event == "succeeded"
    assert "nothing to compare" in found.verdict


def test_F01_what_never_ran_to_an_end_is_repeated_at_once_the_first_time() -> None:
    assert judge(attempt(LOST)) == Settlement("requeued", LOST.message, LOST.message)
    assert judge(attempt(LOST), (LOST,)).rest_until > NOW


@pytest.mark.parametrize("outcome", [DONE, CRASHED, LOST])
@pytest.mark.parametrize("claim", ["", "done", "fail"])
def test_what_a_person_asked_for_holds_whatever_the_agent_came_to(outcome: Outcome, claim: str) -> None:
    ended = attempt(outcome, claim)._replace(kill=Kill("fail", "ann", "it loops"))
    assert judge(ended) == Settlement("failed", "killed by ann: it loops", "killed by ann: it loops")
    again = ended._replace(kill=Kill("requeue", "ann", ""))
    assert judge(again, (CRASHED,) * 9) == Settlement("requeued", "killed by ann", "killed by ann")


@pytest.mark.parametrize("failure", failures.REQUESTED)
def test_what_was_ended_on_request_is_ready_again_however_often(failure: str) -> None:
    ended = LOST._replace(failure_class=failure)
    assert judge(attempt(ended), (ended,) * 50) == Settlement("requeued", "", ended.message)


@pytest.mark.parametrize("failure", failures.PAUSING)
def test_F10_trouble_with_the_route_is_not_charged_however_often(failure: str) -> None:
    ended = CRASHED._replace(failure_class=failure)
    assert judge(attempt(ended), (ended,) * 50, failed=2) == Settlement("requeued", "", ended.message)


def test_every_failure_has_its_consequence() -> None:
    """Each class of the closed set leads to exactly one of: not charged, repeated, failed at once."""
    for failure in failures.ALL:
        found = judge(attempt(CRASHED._replace(failure_class=failure)))
        expected = "requeued" if failure in failures.UNCHARGED else "repeated"
        assert found.event == ("failed" if failure in failures.HOPELESS else expected), failure
    assert len(set(failures.ALL)) == len(failures.ALL)
    named = {value for name, value in vars(failures).items() if name.isupper() and isinstance(value, str)}
    assert named == set(failures.ALL)
