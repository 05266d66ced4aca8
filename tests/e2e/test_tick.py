"""`wg service tick`: what a dispatcher would do now, once, in the foreground."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def test_it_starts_what_is_ready_leaves_it_running_and_settles_it_the_next_time(service: ServiceBox) -> None:
    service.agent("codex")
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", description=f"RUN: while ! test -f {gate}; do sleep 0.05; done; echo x > made"))
    said = service.box.wg("service", "tick").out
    assert "attempt 1 of t: codex:gpt-5.5 from " in said
    assert said.endswith("1 running, 0 ready, 0 blocked\n")
    service.await_running("t")
    gate.touch()
    wait_for(lambda: service.attempts("t")[0].state == "ended", "the agent has ended, and nobody settles it")
    assert service.task("t").status == "in-progress"
    said = service.box.wg("service", "tick").out
    assert "attempt 1 of t succeeded: merged into main" in said
    assert (service.box.project / "made").exists()
    assert not list((service.dir / "worktrees").iterdir()), "it waits for what it has begun"
    assert service.pids_of("dispatcher") == []


def test_it_is_refused_while_a_dispatcher_runs(service: ServiceBox) -> None:
    pid = service.start()
    assert f"process {pid}" in service.box.wg("service", "tick", code=4).err


def test_it_says_why_nothing_is_started(service: ServiceBox) -> None:
    service.box.env["PATH"] = f"{service.bin}:/usr/bin:/bin"
    service.add(NewTask("t", id="t"))
    said = service.box.wg("--json", "service", "tick").json["decided"]
    assert any(line.startswith("t waits: the program codex is not on PATH") for line in said)
    service.box.wg("service", "pause", env={"USER": "ann"})
    assert "nothing new is started: paused by ann" in service.box.wg("service", "tick").out
    assert service.attempts("t") == []


def test_it_follows_no_profile_of_its_own(service: ServiceBox) -> None:
    assert "wg profile use claude" in service.box.wg("--profile", "claude", "service", "tick", code=1).err
