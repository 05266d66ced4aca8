"""F06: the machine sleeps, processes are stopped, the clock jumps."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from tests.e2e.claims import claim
from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import wait_for
from wg.graph.attempt import ProcessIdentity
from wg.graph.task import NewTask

_LIMIT = 8.0  # seconds, of which a busy machine takes some until the agent is at work


def test_F06_an_attempt_of_another_machine_is_never_declared_dead(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    service.add(NewTask("other", id="other", exec="true"))
    fence = claim(service, "t", deadline=time.time() - 1)
    with service.store() as store:
        store.start(fence, ProcessIdentity("elsewhere", "another-boot", 1, "1"), time.time())
    service.start()
    service.await_status("other", "done")
    assert service.attempts("t")[0].state == "running"


def test_F06_a_stopped_supervisor_frees_nothing(service: ServiceBox) -> None:
    gate, starts = service.box.root / "gate", service.box.root / "starts"
    service.add(NewTask("t", id="t", exec=f"echo x > {starts}; while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_file(starts)
    running = service.await_running("t")
    assert running.supervisor is not None
    os.kill(running.supervisor.pid, signal.SIGSTOP)
    gate.touch()
    service.add(NewTask("other", id="other", exec="sleep 0.5"))
    service.await_status("other", "done")
    assert service.attempts("t")[0].state == "running"
    os.kill(running.supervisor.pid, signal.SIGCONT)
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 1


@pytest.mark.parametrize("days", [-10, 10])
def test_F06_a_clock_that_jumps_frees_nothing(service: ServiceBox, days: int) -> None:
    """All that is recorded lies `days` away from the clock, for the dispatcher that runs and for the next one."""
    gate, starts = service.box.root / "gate", service.box.root / "starts"
    run = f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", exec=run, timeout=3600.0))
    service.start()
    service.await_file(starts)
    service.await_running("t")
    with service.store() as store, store._database.writing() as connection:
        for name in ("claimed_at", "launch_deadline"):
            connection.execute(f"UPDATE attempts SET {name} = {name} + ?", (days * 86400,))
    for name in ("one", "two"):
        service.add(NewTask(name, id=name, exec="true"))
        service.await_status(name, "done")
        assert service.attempts("t")[0].state == "running"
        service.box.wg("service", "stop")
        service.start()
    gate.touch()
    service.await_status("t", "done")
    assert starts.read_text() == "x\n"


@pytest.mark.parametrize("limit", ["timeout", "silence"])
def test_F06_time_in_which_the_machine_stood_still_uses_up_no_limit(service: ServiceBox, limit: str) -> None:
    """A virtual machine that is paused, while its clock goes on."""
    gate, starts = service.box.root / "gate", service.box.root / "starts"
    run = f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"
    if limit == "silence":
        service.set("poll_interval", f'silence_timeout = "{_LIMIT:g}s"\npoll_interval')
    service.add(NewTask("t", id="t", exec=run, timeout=_LIMIT if limit == "timeout" else 3600.0))
    service.start()
    service.await_file(starts)
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    (agent,) = psutil.Process(supervisor.pid).children()
    for pid in (supervisor.pid, agent.pid):
        os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + 1.2 * _LIMIT
    wait_for(lambda: time.monotonic() > end, "more than the limit has gone by")
    os.kill(supervisor.pid, signal.SIGCONT)
    wait_for(lambda: psutil.Process(supervisor.pid).status() == psutil.STATUS_SLEEPING, "it has looked, and waits on")
    os.kill(agent.pid, signal.SIGCONT)
    gate.touch()
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 1


def test_F06_all_of_wg_sleeps_while_the_agent_ends(service: ServiceBox) -> None:
    gate, starts = service.box.root / "gate", service.box.root / "starts"
    service.add(NewTask("t", id="t", exec=f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"))
    dispatcher = service.start()
    service.await_file(starts)
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    (agent,) = psutil.Process(supervisor.pid).children()
    for pid in (dispatcher, supervisor.pid):
        os.kill(pid, signal.SIGSTOP)
    gate.touch()
    wait_for(lambda: is_gone(agent.pid), "the agent has ended")
    for pid in (dispatcher, supervisor.pid):  # the dispatcher wakes first, and the supervisor has told nothing yet
        os.kill(pid, signal.SIGCONT)
    service.await_status("t", "done")
    assert starts.read_text() == "x\n"
