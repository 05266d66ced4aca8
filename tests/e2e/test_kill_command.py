"""`wg kill`: the whole tree ends, the task is told why, and nothing else is touched (faults F3, F4, F27)."""

from __future__ import annotations

import os
import shutil
import signal
import time

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.graph.records import OUTCOME, ROUTE
from tests.harness import Box, Completed, wait_for
from wg.graph.attempt import Kill, Outcome, Usage
from wg.graph.task import NewTask

DEAF = 'trap "" INT TERM'
STUBBORN = f"{DEAF}; setsid sh -c '{DEAF}; echo $$ > {{pid}}; while :; do sleep 1; done' & wait; wait"


@pytest.fixture
def service(box: Box) -> ServiceBox:
    box.env["USER"] = "ann"
    return ServiceBox(box)


def running_task(service: ServiceBox, command: str = STUBBORN) -> int:
    """A task whose agent runs; returns the pid of a grandchild in a session of its own."""
    pid = service.box.root / "pid"
    service.add(NewTask("t", id="t", exec=command.format(pid=pid)))
    service.start()
    grandchild = int(service.await_file(pid))
    service.await_running("t")
    return grandchild


def test_requeued_it_is_run_again_and_not_charged(service: ServiceBox) -> None:
    running_task(service)
    said = service.box.wg("--json", "kill", "agent-1", "--requeue").json
    assert (said["agent"], said["task"], said["verdict"]) == ("agent-1", "t", "killed by ann")
    wait_for(lambda: len(service.attempts("t")) == 2, "another agent is started on it")
    service.await_running("t")
    assert service.task("t").failures == 0
    service.box.wg("kill", "t")
    assert [one.verdict for one in service.attempts("t")] == ["killed by ann", "killed by ann"]


@pytest.mark.parametrize(("option", "status"), [([], "failed"), (["--requeue"], "open")])
def test_it_works_without_a_dispatcher(service: ServiceBox, option: list[str], status: str) -> None:
    grandchild = running_task(service)
    service.box.wg("service", "stop")
    service.box.wg("kill", "t", *option)
    assert is_gone(grandchild)
    assert service.task("t").status == status
    assert [one.state for one in service.attempts("t")] == ["settled"]


def test_a_supervisor_that_was_killed_leaves_nothing_behind_either(service: ServiceBox) -> None:
    grandchild = running_task(service)
    service.box.wg("service", "stop")
    supervisor = service.attempts("t")[0].supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(supervisor.pid), "the supervisor is dead")
    assert not is_gone(grandchild)
    for command in (["status"], ["service", "status"], ["agents"], ["attempts", "t"]):
        assert "its supervisor is gone" in service.box.wg(*command).out
    service.box.wg("kill", "t")
    assert is_gone(grandchild)
    assert service.task("t").reason == "killed by ann"


def test_what_is_not_started_yet_never_will_be(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    with service.store() as store:
        assert store.claim("t", ROUTE, 60.0, time.time(), time.time() + 3600) is not None
    service.box.wg("kill", "t")
    assert service.task("t").reason == "killed by ann"


def test_a_wish_whose_owner_died_before_the_signal_is_fulfilled(service: ServiceBox) -> None:
    grandchild = running_task(service)
    with service.store() as store:
        store.kill(1, Kill("fail", "bob", ""), time.time())
    assert service.await_status("t", "failed").reason == "killed by bob"
    assert is_gone(grandchild)


def test_a_wish_is_kept_over_a_restart_of_the_dispatcher(service: ServiceBox) -> None:
    running_task(service)
    service.box.wg("service", "stop")
    with service.store() as store:
        store.kill(1, Kill("fail", "bob", ""), time.time())
    service.start()
    assert service.await_status("t", "failed").reason == "killed by bob"


def test_what_has_ended_cannot_be_killed(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    service.start()
    service.await_status("t", "done")
    refused = service.box.wg("kill", "t", code=1)
    assert "agent-1 has ended already: the command succeeded" in refused.err
    assert service.task("t").status == "done"


def test_who_is_not_there_is_not_found(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    assert "no agent has been started on t" in service.box.wg("kill", "t", code=3).err
    for name in ("agent-7", f"agent-{'9' * 40}", "u"):
        service.box.wg("kill", name, code=3)


def test_work_that_was_killed_is_not_merged(service: ServiceBox) -> None:
    service.agent("codex")
    service.add(NewTask("t", id="t", description="RUN: echo x > made; echo y > $RECORDS/made; sleep 1000"))
    service.start()
    service.await_file(service.records / "made")
    service.box.wg("kill", "t")
    assert not (service.box.project / "made").exists()
    assert (service.dir / "worktrees" / "agent-1" / "made").read_text() == "x\n", "a person may want to look at it"


def test_why_and_kill_tell_of_what_nobody_judges(service: ServiceBox) -> None:
    running_task(service, "echo $$ > {pid}; exec sleep 1000")
    supervisor = service.attempts("t")[0].supervisor
    assert supervisor is not None
    service.box.wg("service", "stop")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(supervisor.pid), "the supervisor is dead")
    said = service.box.wg("why", "t").out
    assert "agent-1 is dead, and no dispatcher is running to judge what it did" in said and "wg service start" in said
    with service.store() as store:
        store.end(1, Outcome(0, True, "", "", "", Usage(), time.time()), time.time())
    assert "agent-1 has ended, and no dispatcher is running" in service.box.wg("why", "t").out
    assert "t is failed (killed by ann)" in service.box.wg("kill", "t").out


def refused_to_agents(box: Box, *command: str) -> Completed:
    return box.wg(*command, code=1, env={"WG_ATTEMPT": "1"})


@pytest.mark.parametrize(
    "command",
    ["kill t", "service stop", "service restart", "service pause", "service resume", "service tick"],
)
def test_agents_may_not_do_what_is_for_people(service: ServiceBox, command: str) -> None:
    service.add(NewTask("t", id="t", exec="sleep 1000"))
    pid = service.start()
    service.await_running("t")
    assert "an agent cannot" in refused_to_agents(service.box, *command.split()).err
    assert not is_gone(pid)
    assert service.task("t").status == "in-progress"
    with service.store() as store:
        assert store.service_pause() is None
    service.box.wg("service", "stop", "--kill-agents")


def test_what_has_ended_is_killed_without_a_dispatcher_to_judge_it(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    with service.store() as store:
        attempt = store.claim("t", ROUTE, 60.0, 1.0, 61.0)
        assert attempt is not None
        store.end(attempt.fence, OUTCOME, 3.0)
    assert "t is failed (killed by ann)" in service.box.wg("kill", "t").out


@pytest.mark.parametrize("requeue", [True, False])
def test_a_check_is_ended_too(service: ServiceBox, requeue: bool) -> None:
    pids = service.box.root / "pids"
    service.add(NewTask("t", id="t", exec="true", check=f"echo $$ >> {pids}; sleep 1000", max_attempts=1))
    service.start()
    first = int(service.await_file(pids))
    said = service.box.wg("kill", "t", *(["--requeue"] if requeue else [])).out
    assert is_gone(first)
    assert "killed by ann" in said
    if requeue:
        wait_for(lambda: len(pids.read_text().split()) == 2, "it is tried again")
        service.box.wg("kill", "t")
    assert service.task("t").status == "failed"


def test_a_setup_is_ended_too(service: ServiceBox) -> None:
    service.agent("codex")
    pids, hook = service.box.root / "pids", service.dir / "worktree-setup"
    hook.write_text(f"#!/bin/sh\necho $$ >> {pids}\nsleep 1000\n")
    hook.chmod(0o755)
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    first = int(service.await_file(pids))
    assert "t is failed (killed by ann)" in service.box.wg("kill", "t").out
    assert is_gone(first)


def test_a_copy_of_a_project_controls_nothing_of_the_other(service: ServiceBox) -> None:
    grandchild = running_task(service)
    copy = service.box.root / "copy"
    shutil.copytree(service.box.project, copy, symlinks=True)
    assert not service.box.wg("--json", "service", "status", cwd=copy).json["running"]
    refused = service.box.wg("kill", "t", cwd=copy, code=1).err
    assert "is a copy" in refused and f"hint: wg --dir {service.box.project} kill agent-1 ends it" in refused
    assert "is a copy" in service.box.wg("service", "stop", "--kill-agents", cwd=copy, code=1).err
    assert not is_gone(grandchild)
    assert service.box.wg("--json", "service", "status").json["running"]
    service.box.wg("--dir", str(service.box.project), "kill", "agent-1", cwd=copy)
