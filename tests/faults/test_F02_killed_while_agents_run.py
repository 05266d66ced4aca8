"""F02: the dispatcher is killed while agents run."""

from __future__ import annotations

import os
import signal

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import wait_for
from wg.graph.task import NewTask


def kill(dispatcher: int) -> None:
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")


def test_F02_a_killed_dispatcher_loses_nothing(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    run = f"RUN: echo once >> made.txt; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", description=run))
    pid = service.start()
    running = service.await_running("t")
    kill(pid)
    gate.touch()
    wait_for(lambda: service.attempts("t")[0].state == "ended", "the supervisor records the outcome by itself")
    assert service.task("t").status == "in-progress"
    service.start()
    service.await_status("t", "done")
    assert [one.fence for one in service.attempts("t")] == [running.fence]
    assert (service.box.project / "made.txt").read_text() == "once\n"


def test_F02_a_running_agent_is_taken_over_and_not_doubled(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    starts = service.box.root / "starts"
    service.add(NewTask("t", id="t", exec=f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"))
    service.add(NewTask("other", id="other", exec="true"))
    pid = service.start()
    service.await_file(starts)
    kill(pid)
    service.start()
    service.await_status("other", "done")
    assert service.await_running("t").fence == 1
    gate.touch()
    service.await_status("t", "done")
    assert starts.read_text() == "x\n"


def test_F02_no_worktree_has_two_writers_however_often_dispatchers_die(service: ServiceBox) -> None:
    """Each agent leaves a mark where it works for as long as it does, and tells if it finds another's."""
    gate, twins = service.box.root / "gate", service.box.root / "twins"
    alone = f"test ! -e busy || echo $WG_ATTEMPT >> {twins}; touch busy"
    run = f"RUN: {alone}; while ! test -f {gate}; do sleep 0.05; done; rm busy; echo x > $WG_TASK_ID.txt"
    names = ("a", "b", "c")
    for name in names:
        service.add(NewTask(name, id=name, description=run))
    for _ in range(4):
        kill(service.start())  # at whatever it is at
    service.start()
    for name in names:
        service.await_running(name)
    gate.touch()
    for name in names:
        service.await_status(name, "done")
        started = [one for one in service.attempts(name) if one.supervisor is not None]
        assert len(started) == 1, started
    assert not twins.exists()
