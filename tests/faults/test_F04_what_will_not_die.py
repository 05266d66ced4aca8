"""F04: the old process will not die."""

from __future__ import annotations

import os
import signal

from tests.e2e.service_box import ServiceBox, is_gone
from tests.e2e.test_kill_command import running_task
from tests.harness import wait_for
from wg.graph.task import NewTask


def test_F04_what_is_killed_and_does_not_end_is_said_and_not_started_twice(service: ServiceBox) -> None:
    running_task(service)
    supervisor = service.attempts("t")[0].supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGSTOP)
    refused = service.box.wg("kill", "t", "--requeue", "--wait", "1s", code=4)
    assert f"agent-1 has not ended within 1s: its supervisor, process {supervisor.pid} on " in refused.err
    assert service.task("t").status == "in-progress"
    assert "running, being killed by ann" in service.box.wg("status").out
    assert "running, being killed by ann" in service.box.wg("agents").out
    assert "by ann" in service.box.wg("show", "t").out
    assert len(service.attempts("t")) == 1
    os.kill(supervisor.pid, signal.SIGCONT)
    wait_for(lambda: len(service.attempts("t")) == 2, "it has ended, and the task is run again")
    service.box.wg("kill", "t")


def test_F04_a_new_dispatcher_waits_for_it_too(service: ServiceBox) -> None:
    """The agent has ended and its supervisor, which would tell, is stopped and cannot be asked to end."""
    starts, gate = service.box.root / "starts", service.box.root / "gate"
    run = f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", exec=run, timeout=3600.0))
    dispatcher = service.start()
    service.await_file(starts)
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGSTOP)
    gate.touch()
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    service.start()
    for name in ("one", "two"):
        service.add(NewTask(name, id=name, exec="true"))
        service.await_status(name, "done")
    assert [one.state for one in service.attempts("t")] == ["running"]
    assert "agent-1" in service.box.wg("status").out
    os.kill(supervisor.pid, signal.SIGCONT)
    service.await_status("t", "done")
    assert starts.read_text() == "x\n"


def test_F04_what_a_lost_supervisor_has_left_is_ended_before_anything_is_started(service: ServiceBox) -> None:
    """It is deaf to INT and TERM, and in a session of its own; the second attempt looks whether it lives."""
    left, twin = service.box.root / "left", service.box.root / "twin"
    deaf = f"trap '' INT TERM; echo $$ > {left}; while :; do sleep 1; done"
    first = f'setsid sh -c "{deaf.replace("$$", chr(92) + "$$")}" & sleep 1000'
    lives = f"grep -qs '^State:.[^ZX]' /proc/$(cat {left})/status"
    service.add(NewTask("t", id="t", exec=f"if test -f {left}; then ! {lives} || touch {twin}; else {first}; fi"))
    service.start()
    pid = int(service.await_file(left))
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    service.box.wg("service", "stop")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(supervisor.pid), "the supervisor is dead")
    assert not is_gone(pid)
    assert "running, its supervisor is gone: what it has left is ended first" in service.box.wg("status").out
    service.start()
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 2
    assert is_gone(pid)
    assert not twin.exists()
