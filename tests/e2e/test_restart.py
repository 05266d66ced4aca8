"""`wg service restart`: another dispatcher on the file in force; agents go on (fault F2)."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import Box
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def test_F02_agents_go_on_and_are_taken_over(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    pid = service.start()
    running = service.await_running("t")
    said = service.box.wg("--json", "service", "restart").json
    assert said["stopped"] == pid
    assert is_gone(pid) and not is_gone(said["pid"])
    assert running.supervisor is not None and not is_gone(running.supervisor.pid)
    gate.touch()
    service.await_status("t", "done")
    assert [one.fence for one in service.attempts("t")] == [running.fence]


def test_the_new_one_follows_the_file_that_is_in_force_now(service: ServiceBox) -> None:
    service.start()
    service.use("claude")
    assert "claude claude:" in service.box.wg("service", "restart").out


def test_where_none_runs_one_is_started(service: ServiceBox) -> None:
    said = service.box.wg("service", "restart").out
    assert "No dispatcher was running; another started (pid " in said


def test_what_keeps_the_new_one_from_starting_leaves_the_old_one_alone(service: ServiceBox) -> None:
    pid = service.start()
    assert "wg profile use claude" in service.box.wg("--profile", "claude", "service", "restart", code=1).err
    service.set("max_agents = 8", 'max_agents = "8"')
    service.box.wg("service", "restart", code=5)
    assert not is_gone(pid)
