"""F27: the time limit is reached, or the supervisor is killed."""

from __future__ import annotations

import os
import signal

from tests.e2e.service_box import ServiceBox, is_gone
from tests.e2e.test_kill_command import running_task
from tests.harness import wait_for
from wg.graph.task import NewTask


def test_F27_the_time_limit_ends_the_whole_tree(service: ServiceBox) -> None:
    pid = service.box.root / "pid"
    command = f"trap '' INT TERM; setsid sh -c 'echo $$ > {pid}; exec sleep 1000' & sleep 1000"
    service.add(NewTask("t", id="t", exec=command, timeout=5.0))
    service.start()
    grandchild = int(service.await_file(pid))
    assert service.await_status("t", "failed").reason == "the time limit of 5s was reached"
    assert is_gone(grandchild)
    outcome = service.attempts("t")[0].outcome
    assert outcome is not None and outcome.failure_class == "timeout"


def test_F27_a_killed_supervisor_takes_its_whole_tree_along(service: ServiceBox) -> None:
    once, pids = service.box.root / "once", service.box.root / "pids"
    tree = f"setsid sh -c 'echo $$ >> {pids}; exec sleep 1000' & echo $$ >> {pids}; sleep 1000"
    service.add(NewTask("t", id="t", exec=f"if ! test -f {once}; then touch {once}; {tree}; fi"))
    service.start()
    running = service.await_running("t")
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2, "the tree has grown")
    assert running.supervisor is not None
    os.kill(running.supervisor.pid, signal.SIGKILL)
    service.await_status("t", "done")
    assert all(is_gone(int(pid)) for pid in pids.read_text().split())
    first, second = service.attempts("t")
    assert first.outcome is not None and first.outcome.failure_class == "lost"
    assert second.outcome is not None and second.outcome.succeeded


def test_F27_an_agent_dies_with_its_supervisor_even_without_a_dispatcher(service: ServiceBox) -> None:
    pids = service.box.root / "pid"
    service.add(NewTask("t", id="t", exec=f"echo $$ > {pids}; while true; do sleep 0.05; done"))
    dispatcher = service.start()
    agent = int(service.await_file(pids))
    running = service.await_running("t")
    assert running.supervisor is not None
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    os.kill(running.supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(agent), "the agent is dead")


def test_F27_wg_kill_ends_the_whole_tree_and_the_task_is_told_why(service: ServiceBox) -> None:
    grandchild = running_task(service)
    said = service.box.wg("kill", "t", "--reason", "it loops").out
    assert said == "agent-1 has ended; t is failed (killed by ann: it loops)\n"
    assert is_gone(grandchild)
    task = service.task("t")
    assert (task.status, task.reason, task.failures) == ("failed", "killed by ann: it loops", 1)
    (attempt,) = service.attempts("t")
    assert attempt.outcome is not None and attempt.outcome.failure_class == "killed"
