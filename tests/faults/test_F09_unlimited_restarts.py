"""F09: attempts are limited, in a row and in an hour; then the task has failed, and says why."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.executors import failures
from wg.graph.task import NewTask

EXIT_7 = "exit code 7: codex ended without turn.completed"


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.limit("codex", poll_interval=1, retry_delay="1s", max_attempts=3)
    made.agent("codex")
    return made


@pytest.mark.parametrize(
    ("command", "more", "failure"),
    [
        ('echo \'{"type":"turn.failed","error":{"message":"odd"}}\'; exit 1', {}, failures.EXIT),
        ("exit 7", {}, failures.CRASH),
        ("kill -9 $PPID", {}, failures.CRASH),
        ("sleep 1000", {"timeout": 1.0}, failures.TIMEOUT),
        ("true", {}, failures.NO_EVIDENCE),
        ("echo x > x", {"check": "false"}, failures.CHECK_FAILED),
    ],
)
def test_F09_what_fails_for_a_reason_of_the_task_has_so_many_attempts(
    service: ServiceBox, command: str, more: dict[str, object], failure: str
) -> None:
    service.limit("codex", max_attempts=2)
    service.add(NewTask("t", id="t", description=f"RUN: {command}", **more))  # type: ignore[arg-type]
    service.start()
    task = service.await_status("t", "failed")
    assert task.reason.startswith("2 attempts failed; the last one: ")
    first, second = service.attempts("t")
    for attempt in (first, second):
        assert attempt.outcome is not None
        assert attempt.outcome.failure_class == failure
    assert first.outcome is not None
    assert second.claimed_at >= first.outcome.ended_at + 1, "it has rested in between"


def test_F09_in_between_the_task_says_why_and_when_it_is_tried_again(service: ServiceBox) -> None:
    service.limit("codex", retry_delay="1h")
    service.add(NewTask("t", id="t", description="RUN: exit 7"))
    service.start()
    wait_for(lambda: service.task("t").failures, "the attempt is settled")
    task = service.task("t")
    assert task.status == "open"
    assert (task.reason, task.failures) == (EXIT_7, 1)
    wg = service.box.wg
    assert "tried again at " in wg("show", "t").out
    (cause,) = wg("--json", "why", "t").json["causes"]
    assert cause["kind"] == "delayed"
    assert cause["text"].startswith("it is tried again at ")
    assert cause["text"].endswith(f": {EXIT_7}")
    assert "tried again at " in wg("ready").out
    assert len(service.attempts("t")) == 1


def test_F09_a_retry_that_succeeds(service: ServiceBox) -> None:
    once = service.box.root / "once"
    run = f"RUN: if ! test -f {once}; then touch {once}; exit 7; fi; echo x > x"
    service.add(NewTask("t", id="t", description=run))
    service.start()
    assert service.await_status("t", "done").failures == 1
    assert (service.box.project / "x").exists()


def test_F09_the_agents_own_word_that_it_failed_is_final(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description='RUN: "$WG_BIN" fail --reason no; exit 1'))
    service.start()
    assert service.await_status("t", "failed").reason == "no"
    assert len(service.attempts("t")) == 1


def test_F09_attempts_within_an_hour_are_limited_and_retry_begins_anew(service: ServiceBox) -> None:
    service.limit("codex", max_attempts=100, max_attempts_per_hour=2)
    service.add(NewTask("t", id="t", description="RUN: exit 7"))
    service.start()
    reason = service.await_status("t", "failed").reason
    assert reason == f"2 attempts within an hour, which is the limit; the last one: {EXIT_7}"
    service.box.wg("retry", "t")
    service.await_status("t", "failed")
    assert len(service.attempts("t")) == 4, "both limits hold for it anew"


def test_F09_the_task_may_have_a_limit_of_its_own(service: ServiceBox) -> None:
    service.box.wg("add", "t", "--id", "t", "-d", "RUN: exit 7", "--max-attempts", "1")
    service.start()
    assert service.await_status("t", "failed").reason == EXIT_7
    assert len(service.attempts("t")) == 1


def test_F09_no_more_agents_of_a_kind_than_its_own_limit_and_others_go_on(service: ServiceBox) -> None:
    service.set("[executors.codex]\n", "[executors.codex]\nmax_agents = 1\n")
    gate, there = service.box.root / "gate", service.box.root / "there"
    there.mkdir()
    for name in ("a", "b"):
        run = f"touch {there}/{name}; while ! test -f {gate}; do sleep 0.05; done; echo x > {name}.txt"
        service.add(NewTask(name, id=name, description=f"RUN: {run}"))
    for name in ("s1", "s2"):
        service.add(NewTask(name, id=name, exec="true"))
    service.start()
    service.await_running("a")
    for name in ("s1", "s2"):
        service.await_status(name, "done")
    assert service.task("b").status == "open"
    (cause,) = service.box.wg("--json", "why", "b").json["causes"]
    assert "codex (1 run)" in cause["text"]
    gate.touch()
    service.await_status("b", "done")
