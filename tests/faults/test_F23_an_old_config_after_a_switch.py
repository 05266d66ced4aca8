"""F23: the config is switched while the dispatcher runs."""

from __future__ import annotations

from tests.e2e.service_box import ServiceBox
from tests.e2e.test_follow import loaded_profile
from tests.faults.slow_git import stopping
from tests.harness import wait_for
from wg.graph.task import NewTask


def test_F23_the_next_attempt_runs_what_was_switched_to_and_the_running_one_is_left_alone(
    service: ServiceBox,
) -> None:
    gate = service.box.root / "gate"
    wait = f"while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("first", id="first", description=f"RUN: echo 1 > one; {wait}"))
    service.start()
    before = service.await_running("first")
    service.use("claude")
    service.add(NewTask("second", id="second", description="RUN: echo 2 > two"))
    service.await_status("second", "done")
    assert service.await_running("first").supervisor == before.supervisor
    gate.touch()
    service.await_status("first", "done")
    assert service.environment("codex-1")["WG_EXECUTOR"] == "codex"
    given = service.environment("claude-2")
    assert (given["WG_EXECUTOR"], given["WG_MODEL"]) == ("claude", "claude:opus")
    assert given["WG_ACTIVE_PROFILE"] == "claude"
    argv = service.argv("claude-2")
    assert argv[argv.index("--model") + 1] == "opus"
    digests = [service.attempts(task)[0].route.config_digest for task in ("first", "second")]
    assert digests == [service.environment(name)["WG_CONFIG_SHA256"] for name in ("codex-1", "claude-2")]
    assert digests[0] != digests[1]
    assert loaded_profile(service) == "claude"


def test_F23_a_switch_between_claim_and_start_is_not_missed(service: ServiceBox) -> None:
    gate = stopping(service, before="worktree add")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    wait_for(lambda: service.attempts("t"), "it is claimed")
    service.use("claude")
    wait_for(lambda: loaded_profile(service) == "claude", "the switch is seen")
    gate.touch()
    service.await_status("t", "done")
    first, second = service.attempts("t")
    assert (first.route.executor, first.state) == ("codex", "settled")
    assert first.outcome is not None and "the config changed" in first.outcome.message
    assert second.route.executor == "claude"
    assert not list(service.records.glob("codex-*"))
