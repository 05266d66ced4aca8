"""How often a task is tried (F1, F9)."""

from __future__ import annotations

from tests.dispatch.records import CRASHED, LOST, NOW, TASK, attempt, record
from wg.config.load import Config
from wg.config.starters import starter_text
from wg.dispatch.limits import Limits, limits_of
from wg.executors import failures
from wg.graph.attempt import Settlement

QUOTA = CRASHED._replace(failure_class=failures.QUOTA)
KILLED = CRASHED._replace(failure_class=failures.KILLED)


def test_what_failed_is_repeated_until_its_attempts_are_used_up_each_time_after_a_longer_rest() -> None:
    first = record(attempt(CRASHED)).failed("crash", "why")
    assert first == Settlement("repeated", "why", "why", "crash", NOW + 10)
    second = record(attempt(CRASHED), (CRASHED,), failed=1).failed("crash", "why")
    assert second == Settlement("repeated", "2 attempts failed; the last one: why", "why", "crash", NOW + 20)
    third = record(attempt(CRASHED), (CRASHED, CRASHED), failed=2).failed("crash", "why")
    assert third == Settlement("failed", "3 attempts failed; the last one: why", "why", "crash")


def test_the_task_itself_may_say_how_many_attempts_it_has() -> None:
    once = TASK._replace(max_attempts=1)
    assert record(attempt(CRASHED), task=once).failed("exit", "why") == Settlement("failed", "why", "why", "exit")
    more = TASK._replace(max_attempts=5)
    assert record(attempt(CRASHED), failed=3, task=more).failed("exit", "why").event == "repeated"


def test_a_rest_has_its_bounds() -> None:
    patient = TASK._replace(max_attempts=10**6)
    assert record(attempt(CRASHED), failed=10**5, task=patient).failed("exit", "why").rest_until == NOW + 3600


def test_the_same_again_is_not_tried_where_it_would_come_to_the_same() -> None:
    found = record(attempt(CRASHED)).failed(failures.CONTEXT_TOO_LONG, "too long")
    assert (found.event, found.reason) == ("failed", "too long")


def test_F09_attempts_within_an_hour_are_limited_whatever_they_ended_with() -> None:
    patient = TASK._replace(max_attempts=100)
    mixed = (CRASHED, LOST, CRASHED, LOST, CRASHED, LOST, CRASHED, LOST)
    assert record(attempt(CRASHED), mixed, 4, patient).failed("crash", "why").event == "repeated"
    for found in (
        record(attempt(CRASHED), (*mixed, LOST), 4, patient).failed("crash", "why"),
        record(attempt(LOST), (*mixed, CRASHED), 4, patient).came_to_nothing("lost", "why"),
    ):
        assert found.event == "failed"
        assert found.reason == "10 attempts within an hour, which is the limit; the last one: why"


def test_neither_what_a_pause_sees_to_nor_what_a_person_asked_for_counts() -> None:
    patient = TASK._replace(max_attempts=100)
    others = (QUOTA, KILLED) * 20
    assert record(attempt(LOST), others, task=patient).came_to_nothing("lost", "why").rest_until == 0
    assert record(attempt(CRASHED), others, task=patient).failed("crash", "why").event == "repeated"


def test_what_is_longer_ago_than_an_hour_or_before_a_retry_does_not_count() -> None:
    nine = record(attempt(LOST), (LOST,) * 9)
    assert nine.came_to_nothing("lost", "why").event == "failed"
    old = [one._replace(claimed_at=NOW - 3601) for one in nine.earlier]
    assert nine._replace(earlier=old).came_to_nothing("lost", "why").event == "requeued"
    retried = TASK._replace(counted_from=nine.earlier[-1].fence)
    again = nine._replace(task=retried).came_to_nothing("lost", "why")
    assert (again.event, again.rest_until) == ("requeued", 0.0)


def test_the_limits_are_in_the_config_and_have_defaults() -> None:
    starter = limits_of(Config("/c", starter_text("codex").encode()))
    assert starter == limits_of(None) == Limits(3, 10, 10.0, 60.0, 3600.0)
