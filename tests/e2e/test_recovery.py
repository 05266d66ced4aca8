"""Killed dispatchers and supervisors, claims that never started, pids that are somebody else's (F1, F2, F3, F27)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import WG, Box, wait_for
from wg import processes
from wg.dispatch.attempt_files import AttemptFiles
from wg.executors.base import LaunchPlan
from wg.graph.attempt import Outcome, ProcessIdentity, RouteRecord, Usage, Workplace
from wg.graph.task import NewTask
from wg.locations import Project

ROUTE = RouteRecord("shell", "", "task --exec", "/none", "0" * 64, "-")
FINISHED = Outcome(0, True, "", "fine", "", Usage(), 5.0)


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def claim(service: ServiceBox, task_id: str, deadline: float) -> int:
    with service.store() as store:
        attempt = store.claim(task_id, ROUTE, 60.0, time.time(), deadline)
        assert attempt is not None
        store.prepare(attempt.fence, Workplace(str(service.box.project), "", "", ""))
    return attempt.fence


def project(service: ServiceBox) -> Project:
    return Project(str(service.box.project), str(service.dir))


def test_f2_a_killed_dispatcher_loses_nothing(service: ServiceBox) -> None:
    service.agent("codex")
    gate = service.box.root / "gate"
    run = f"RUN: echo once >> made.txt; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", description=run))
    pid = service.start()
    running = service.await_running("t")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")
    gate.touch()
    wait_for(lambda: service.attempts("t")[0].state == "ended", "the supervisor records the outcome by itself")
    assert service.task("t").status == "in-progress"
    service.start()
    service.await_status("t", "done")
    assert [one.fence for one in service.attempts("t")] == [running.fence]
    assert (service.box.project / "made.txt").read_text() == "once\n"


def test_f2_a_running_agent_is_taken_over_and_not_doubled(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    starts = service.box.root / "starts"
    service.add(NewTask("t", id="t", exec=f"echo x >> {starts}; while ! test -f {gate}; do sleep 0.05; done"))
    service.add(NewTask("other", id="other", exec="true"))
    pid = service.start()
    service.await_file(starts)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")
    service.start()
    service.await_status("other", "done")
    assert service.await_running("t").fence == 1
    gate.touch()
    service.await_status("t", "done")
    assert starts.read_text() == "x\n"


def test_f27_a_killed_supervisor_takes_its_whole_tree_along(service: ServiceBox) -> None:
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


def test_lost_attempts_are_not_repeated_for_ever(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="kill -9 $PPID; sleep 1000"))
    service.start()
    reason = service.await_status("t", "failed").reason
    assert reason.startswith("3 attempts in a row never started or were lost")
    assert len(service.attempts("t")) == 3


def test_f1_a_claim_that_never_started_is_free_at_once_after_a_restart(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    claim(service, "t", deadline=time.time() + 3600)
    service.start()
    service.await_status("t", "done")
    first, second = service.attempts("t")
    assert first.outcome is not None and first.outcome.failure_class == "interrupted"
    assert second.outcome is not None and second.outcome.succeeded


def test_f1_a_supervisor_that_comes_too_late_runs_nothing(service: ServiceBox) -> None:
    proof = service.box.root / "proof"
    service.add(NewTask("t", id="t", exec="true"))
    fence = claim(service, "t", deadline=time.time() - 1)
    plan = LaunchPlan(("/bin/sh", "-c", f"touch {proof}"), {}, str(service.box.project), "")
    AttemptFiles(project(service), fence).write_launch("shell", plan, 60.0)
    service.start()
    service.await_status("t", "done")
    service.box.wg("supervisor", str(fence), code=1)
    assert not proof.exists()


def test_f1_a_supervisor_on_its_way_is_waited_for(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    service.add(NewTask("other", id="other", exec="true"))
    fence = claim(service, "t", deadline=time.time() + 3600)
    marks = {"WG_ATTEMPT": str(fence), "WG_DIR": str(service.dir)}
    coming = subprocess.Popen(["sleep", "1000"], env={**service.box.env, **marks})
    service.start()
    service.await_status("other", "done")
    assert service.attempts("t")[0].state == "claimed"
    coming.kill()
    coming.wait()
    service.await_status("t", "done")


def test_f3_a_pid_that_is_somebody_elses_is_neither_waited_for_nor_signalled(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    fence = claim(service, "t", deadline=time.time() + 3600)
    stranger = subprocess.Popen(["sleep", "1000"], env=service.box.env)
    there = processes.identity_of(stranger.pid)
    assert there is not None
    with service.store() as store:
        store.start(fence, there._replace(started="1"), time.time())
    service.start()
    service.await_status("t", "done")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_f6_an_attempt_of_another_machine_is_never_declared_dead(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    service.add(NewTask("other", id="other", exec="true"))
    fence = claim(service, "t", deadline=time.time() - 1)
    with service.store() as store:
        store.start(fence, ProcessIdentity("elsewhere", "another-boot", 1, "1"), time.time())
    service.start()
    service.await_status("other", "done")
    assert service.attempts("t")[0].state == "running"


def test_f6_a_stopped_supervisor_frees_nothing(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
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


def test_an_outcome_that_the_store_was_not_told_is_taken_in(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    fence = claim(service, "t", deadline=time.time() + 3600)
    alive = subprocess.Popen(["sleep", "1000"], env=service.box.env)
    supervisor = processes.identity_of(alive.pid)
    assert supervisor is not None
    with service.store() as store:
        store.start(fence, supervisor, time.time())
    files = AttemptFiles(project(service), fence)
    Path(files.directory).mkdir(parents=True)
    files.write_outcome(FINISHED)
    service.start()
    service.await_status("t", "done")
    assert service.attempts("t")[0].outcome == FINISHED
    alive.kill()
    alive.wait()


def test_a_worktree_that_a_killed_dispatcher_did_not_remove_is_removed(service: ServiceBox) -> None:
    service.agent("codex")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    service.await_status("t", "done")
    worktree = service.dir / "worktrees" / "agent-1"
    wait_for(lambda: not worktree.exists(), "the worktree is removed")
    service.box.wg("service", "stop")
    service.box.git("worktree", "add", "-q", "-b", "wg/agent-1/t", str(worktree), "main")
    service.start()
    wait_for(lambda: not worktree.exists(), "the worktree is removed")


def test_a_supervisor_for_an_attempt_that_is_not_there_says_so(service: ServiceBox) -> None:
    missing = service.box.run(WG, "supervisor", "77", code=1)
    assert "plan.json" in missing.err


def test_an_outcome_waits_in_its_file_while_the_store_is_away(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    pid = service.start()
    running = service.await_running("t")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")
    (service.dir / "db").rename(service.dir / "away")
    gate.touch()
    assert running.supervisor is not None
    supervisor = running.supervisor.pid
    wait_for(lambda: is_gone(supervisor), "the supervisor has done its work")
    (service.dir / "away").rename(service.dir / "db")
    assert service.attempts("t")[0].state == "running"
    service.start()
    service.await_status("t", "done")


def test_an_outcome_reaches_the_store_where_the_attempts_directory_is_gone(service: ServiceBox) -> None:
    """Somebody clears .wg/attempts while an agent runs: what it did is recorded, and not done twice."""
    ran, go = service.box.root / "ran", service.box.root / "go"
    service.add(NewTask("t", id="t", exec=f"echo x >> {ran}; while ! test -e {go}; do sleep 0.02; done"))
    service.start()
    wait_for(ran.exists, "the task runs")
    shutil.rmtree(service.dir / "attempts")
    go.touch()
    service.await_status("t", "done")
    assert ran.read_text() == "x\n"


def test_an_outcome_reaches_the_store_where_its_file_cannot_be_written(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec='mkdir "$WG_DIR/attempts/$WG_ATTEMPT/outcome.json"; exit 5'))
    service.start()
    assert service.await_status("t", "failed").reason == "exit code 5"


def test_trouble_with_one_attempt_does_not_hold_up_the_others(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    broken = 'echo torn > "$WG_DIR/attempts/$WG_ATTEMPT/outcome.json"'
    service.add(NewTask("t", id="t", exec=f"{broken}; while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_running("t")
    wait_for(lambda: "is damaged" in service.dispatcher_log(), "it is logged", timeout=15)
    service.add(NewTask("other", id="other", exec="true"))
    service.await_status("other", "done")
    gate.touch()
    service.await_status("t", "done")


def test_a_damaged_outcome_keeps_nothing_running(service: ServiceBox) -> None:
    pids = service.box.root / "pid"
    service.add(NewTask("t", id="t", exec=f"sleep 1000 & echo $! > {pids}; sleep 1000"))
    service.start()
    child = int(service.await_file(pids))
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    (service.dir / "attempts" / "1" / "outcome.json").write_text("torn")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(child), "what the agent started is dead")


def test_an_agent_dies_with_its_supervisor_even_without_a_dispatcher(service: ServiceBox) -> None:
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


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_check_of_a_dispatcher_that_is_gone_does_not_run_beside_the_next(service: ServiceBox, how: str) -> None:
    gate, pids = service.box.root / "gate", service.box.root / "pids"
    check = f"echo $$ >> {pids}; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", exec="true", check=check))
    dispatcher = service.start()
    first = int(service.await_file(pids))
    if how == "killed":
        os.kill(dispatcher, signal.SIGKILL)
        wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    else:
        service.box.wg("service", "stop")
        assert is_gone(first)
    service.start()
    wait_for(lambda: len(pids.read_text().split()) == 2, "the check runs again")
    assert is_gone(first)
    gate.touch()
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 1


def test_a_worktree_made_for_an_attempt_that_was_interrupted_is_removed(service: ServiceBox) -> None:
    service.agent("codex")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    with service.store() as store:
        attempt = store.claim("t", ROUTE._replace(executor="codex"), 60.0, time.time(), time.time() + 3600)
    assert attempt is not None
    worktree = service.dir / "worktrees" / f"agent-{attempt.fence}"
    service.box.git("worktree", "add", "-q", "-b", f"wg/agent-{attempt.fence}/t", str(worktree), "main")
    service.start()
    service.await_status("t", "done")
    wait_for(lambda: not worktree.exists(), "the worktree is removed")
