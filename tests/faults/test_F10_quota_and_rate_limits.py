"""F10: quota, rate limit and auth errors pause the route, and nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.faults.provider import Provider
from tests.harness import Box, wait_for
from wg.executors import failures
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.limit("codex", poll_interval=1, retry_delay="1s", route_pause_first="1h")
    return made


def pauses(service: ServiceBox) -> list[dict[str, object]]:
    found: list[dict[str, object]] = service.box.wg("--json", "status").json["paused_routes"]
    return found


def await_ticks(service: ServiceBox) -> None:
    """Await that the dispatcher has looked at everything twice more: a shell task is done after each other."""
    for _ in range(2):
        name = f"tick-{time.monotonic_ns()}"
        service.add(NewTask(name, id=name, exec="true"))
        service.await_status(name, "done")


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        ("quota", failures.QUOTA),
        ("usage-limit", failures.QUOTA),
        ("429", failures.RATE_LIMIT),
        ("401", failures.AUTH),
        ("500", failures.OVERLOAD),
        ("refused", failures.NETWORK),
    ],
)
def test_F10_trouble_with_a_provider_pauses_its_route_once_and_is_not_charged(
    service: ServiceBox, case: str, kind: str
) -> None:
    provider = Provider(service)
    provider.says_no(case)
    for name in ("a", "b", "c"):
        provider.add(name)
    service.limit("codex", max_agents=1)
    service.start()
    assert provider.await_pause() == kind
    await_ticks(service)
    assert provider.calls() == 1, "no hot loop"
    wait_for(lambda: service.task("c").note, "the notes say why")
    task = service.task("a")
    assert (task.status, task.failures) == ("open", 0)
    assert f"the route codex is paused ({kind})" in task.note
    assert f"the route codex is paused ({kind})" in service.task("c").note
    provider.says_yes()
    service.box.wg("service", "unpause", "codex")
    for name in ("a", "b", "c"):
        service.await_status(name, "done")
    assert pauses(service) == []
    assert len(service.attempts("a")) == 2


def test_F10_other_routes_go_on(service: ServiceBox) -> None:
    codex, claude = Provider(service), Provider(service, "claude")
    codex.says_no("quota")
    codex.add("a")
    claude.add("other", model="claude:opus")
    service.add(NewTask("shell", id="shell", exec="true"))
    service.start()
    codex.await_pause()
    service.await_status("other", "done")
    service.await_status("shell", "done")
    claude.add("later", model="claude:haiku")
    service.await_status("later", "done")
    assert codex.calls() == 1


def test_F10_an_unknown_model_pauses_only_itself(service: ServiceBox) -> None:
    provider = Provider(service)
    provider.says_no("unknown-model")
    provider.add("a", model="codex:gpt-9")
    service.start()
    assert provider.await_pause("codex:gpt-9") == failures.MODEL_NOT_FOUND
    provider.says_yes()
    provider.add("b")
    service.await_status("b", "done")
    assert service.task("a").status == "open"
    assert len(service.attempts("a")) == 1


def test_F10_the_pause_lasts_until_the_limit_ends_and_one_attempt_goes_first(service: ServiceBox) -> None:
    provider = Provider(service)
    end = int(time.time()) + 15
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
    provider.says_no("usage-limit", "Try again at Jan 1st, 2100 12:00 AM.", f"It resets at {moment}.")
    for name in ("a", "b", "c"):
        provider.add(name)
    service.limit("codex", max_agents=1)
    service.start()
    provider.await_pause()
    service.limit("codex", max_agents=8)
    assert pauses(service)[0]["until"] == end
    provider.says_yes()
    for name in ("a", "b", "c"):
        service.await_status(name, "done")
    second, *others = sorted(attempt.claimed_at for name in "abc" for attempt in service.attempts(name)[-1:])
    assert second >= end, "nothing before its time"
    probe = next(one for name in "abc" for one in service.attempts(name) if one.claimed_at == second)
    assert probe.outcome is not None
    assert all(claimed >= probe.outcome.ended_at for claimed in others), "one attempt goes first, alone"
    assert provider.calls() == 4
    assert pauses(service) == []


def test_F10_the_success_of_what_was_under_way_before_the_trouble_ends_no_pause(service: ServiceBox) -> None:
    provider = Provider(service)
    gate = service.box.root / "gate"
    run = f"RUN: while ! test -f {gate}; do sleep 0.05; done; echo x > early.txt"
    service.add(NewTask("early", id="early", description=run))
    service.start()
    service.await_running("early")
    provider.says_no("429")
    provider.add("a")
    provider.await_pause()
    gate.touch()
    service.await_status("early", "done")
    await_ticks(service)
    assert [pause["route"] for pause in pauses(service)] == ["codex"]
    assert provider.calls() == 2


def test_F10_while_it_fails_one_attempt_at_a_time_tries_it_after_ever_longer_pauses(service: ServiceBox) -> None:
    provider = Provider(service)
    provider.says_no("500")
    for name in ("a", "b", "c"):
        provider.add(name)
    service.limit("codex", max_agents=1, route_pause_first="1s", route_pause_longest="2s")
    service.start()
    provider.await_pause()
    service.limit("codex", max_agents=8)
    wait_for(lambda: provider.calls() >= 4, "it is tried again")
    found = sorted((one for name in "abc" for one in service.attempts(name)), key=lambda one: one.claimed_at)
    ended = [one for one in found if one.outcome is not None]
    for before, after in zip(ended, found[1:], strict=False):
        assert before.outcome is not None
        assert after.claimed_at >= before.outcome.ended_at + 1, "alone, and not before the pause is over"
    assert all(service.task(name).failures == 0 for name in "abc")
    provider.says_yes()
    for name in ("a", "b", "c"):
        service.await_status(name, "done")
    assert pauses(service) == []


def test_F10_a_pause_survives_the_death_of_the_dispatcher(service: ServiceBox) -> None:
    provider = Provider(service)
    provider.says_no("quota")
    provider.add("a")
    pid = service.start()
    provider.await_pause()
    wait_for(lambda: service.task("a").status == "open", "the attempt is settled")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")
    service.start()
    await_ticks(service)
    assert provider.calls() == 1
    assert pauses(service)[0]["kind"] == failures.QUOTA


def test_F10_a_mended_config_is_tried_at_once_and_another_one_is_not(service: ServiceBox) -> None:
    provider = Provider(service)
    provider.says_no("401")
    provider.add("a")
    service.start()
    provider.await_pause()
    await_ticks(service)
    assert provider.calls() == 1
    service.limit("codex", max_agents=7)  # any change might be the one that mends it
    wait_for(lambda: provider.calls() == 2, "it is tried with the new config")
    wait_for(lambda: [one["failures"] for one in pauses(service)] == [2], "the second refusal is taken in")
    await_ticks(service)
    assert provider.calls() == 2, "once"
    assert pauses(service)[0]["kind"] == failures.AUTH


def test_F10_a_changed_config_does_not_end_a_quota(service: ServiceBox) -> None:
    provider = Provider(service)
    provider.says_no("quota")
    provider.add("a")
    service.start()
    provider.await_pause()
    service.limit("codex", max_agents=7)
    await_ticks(service)
    assert provider.calls() == 1


def test_F10_everything_tells_of_a_pause_and_what_would_go_on(service: ServiceBox) -> None:
    provider = Provider(service)
    Provider(service, "claude")
    provider.says_no("quota")
    provider.add("a")
    service.start()
    provider.await_pause()
    wait_for(lambda: service.task("a").note, "the task's note says it")
    said = re.compile(r"codex is paused \(quota\), until .* \(in .*\): exit code 1: Quota exceeded")
    wg = service.box.wg
    status = wg("status").out
    assert said.search(status)
    assert "wg service unpause codex" in status
    assert "to go on meanwhile: wg profile use claude\n" in status
    found = wg("--json", "status").json
    assert found["go_on"] == ["claude"]
    (pause,) = found["paused_routes"]
    assert (pause["route"], pause["holding"], pause["attempt"]) == ("codex", True, 1)
    assert said.search(wg("service", "status").out)
    assert wg("--json", "service", "status").json["paused_routes"][0]["route"] == "codex"
    assert said.search(wg("explain", "a").out)
    assert said.search(wg("why", "a").out)
    (cause,) = wg("--json", "why", "a").json["causes"]
    assert cause["kind"] == "route-paused"
    assert "codex is paused" in wg("show", "a").out
    log = service.dispatcher_log()
    assert log.count("the route codex is paused") == 1, log
    provider.says_yes()  # to whoever asks
    service.box.wg("profile", "use", "claude")
    service.await_status("a", "done")
    assert "to go on meanwhile" not in wg("status").out


def test_F10_unpause_refuses_what_is_not_paused(service: ServiceBox) -> None:
    wg = service.box.wg
    assert "'codex' is not paused" in wg("service", "unpause", "codex", code=3).err
    wg("service", "unpause", code=2)
    wg("service", "unpause", "codex", "--all", code=2)
    assert json.loads(wg("--json", "service", "unpause", "--all").out) == {"unpaused": []}
