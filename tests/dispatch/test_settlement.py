"""What an attempt comes to where no git and no check is asked."""

from __future__ import annotations

import time

import pytest

from tests.dispatch.lines import Lines
from wg.dispatch.jobs import Jobs
from wg.dispatch.settlement import REPEATS, Judge
from wg.graph.attempt import Attempt, Outcome, RouteRecord, Settlement, Usage, Workplace
from wg.graph.task import Task
from wg.locations import Project

TASK = Task("t", "T", "in-progress", "", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)
ROUTE = RouteRecord("codex", "codex:m", "s", "/c", "d", "codex")
PLACE = Workplace("/p", "", "", "")
DONE = Outcome(0, True, "", "fine", "", Usage(), 1.0)
LOST = Outcome(None, False, "lost", "its supervisor was killed", "", Usage(), 1.0)
NEVER = LOST._replace(failure_class="not-started", message="it was never started")
KILLED = LOST._replace(failure_class="killed", message="ended on request")
ERROR = Outcome(1, False, "error", "exit code 1: quota", "", Usage(), 1.0)


def attempt(outcome: Outcome, claim: str = "", reason: str = "") -> Attempt:
    return Attempt(1, "t", "ended", ROUTE, PLACE, None, 60.0, 0.0, 0.0, claim, reason, outcome, "")


def judge(ended: Attempt, earlier: tuple[Outcome, ...] = ()) -> Settlement:
    before = [attempt(outcome)._replace(state="settled") for outcome in earlier]
    found = Judge(Project("/p", "/p/.wg"), Jobs(Lines(), time.monotonic, 5.0)).judge(ended, TASK, before)
    assert isinstance(found, Settlement)
    return found


def test_a_claim_of_failure_is_believed_over_a_good_exit() -> None:
    assert judge(attempt(DONE, "fail", "no way")) == Settlement("failed", "no way", "no way")


def test_a_claim_of_success_is_not_believed_over_a_bad_exit() -> None:
    assert judge(attempt(ERROR, "done")).event == "failed"
    assert judge(attempt(ERROR, "done")).reason == "exit code 1: quota"


def test_without_git_a_good_end_is_enough_and_the_verdict_says_so() -> None:
    found = judge(attempt(DONE))
    assert found.event == "succeeded"
    assert "nothing to compare" in found.verdict


@pytest.mark.parametrize("outcome", [LOST, NEVER])
def test_f1_what_never_ran_to_an_end_is_repeated_and_not_for_ever(outcome: Outcome) -> None:
    assert judge(attempt(outcome)).event == "requeued"
    assert judge(attempt(outcome), (LOST,) * (REPEATS - 2)).event == "requeued"
    last = judge(attempt(outcome), (LOST, NEVER)[: REPEATS - 1])
    assert last.event == "failed"
    assert outcome.message in last.reason


def test_only_repeats_in_a_row_count() -> None:
    assert judge(attempt(LOST), (LOST, LOST, ERROR, LOST)).event == "requeued"
    assert judge(attempt(LOST), (LOST, KILLED, LOST)).event == "failed"


@pytest.mark.parametrize("failure", ["killed", "interrupted"])
def test_what_was_no_fault_of_the_task_is_ready_again_however_often(failure: str) -> None:
    ended = KILLED._replace(failure_class=failure)
    assert judge(attempt(ended), (ended,) * 9).event == "requeued"
