"""What dispatchers and supervisors that were killed leave behind, beside what tests/faults holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.claims import claim
from tests.e2e.service_box import ServiceBox, is_gone
from tests.graph.records import ROUTE
from tests.harness import WG, Box, wait_for
from wg import processes
from wg.dispatch.attempt_files import AttemptFiles
from wg.graph.attempt import Outcome, Usage
from wg.graph.task import NewTask
from wg.locations import Project
from wg.worktrees.git import PARENT

FINISHED = Outcome(0, True, "", "fine", "", Usage(), 5.0)


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def project(service: ServiceBox) -> Project:
    return Project(str(service.box.project), str(service.dir))


def test_a_git_that_a_killed_dispatcher_had_begun_is_awaited(service: ServiceBox) -> None:
    """Two in one worktree would leave neither whole."""
    lock, finished, seen = service.dir / "service" / "lock", service.box.root / "finished", service.box.root / "seen"
    slow_git = f"while ! test -f {lock}; do sleep 0.05; done; sleep 2; touch {finished}"
    subprocess.run(  # its parent is gone at once
        ["sh", "-c", f"({slow_git}) </dev/null >/dev/null 2>&1 &"],
        cwd=service.box.project,
        env={**service.box.env, PARENT: "1073741824"},
        check=True,
    )
    service.add(NewTask("t", id="t", exec=f"test -f {finished} && touch {seen}"))
    service.start()
    service.await_status("t", "done")
    assert seen.exists()


def test_lost_attempts_are_not_repeated_for_ever(service: ServiceBox) -> None:
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s", poll_interval=1)
    service.add(NewTask("t", id="t", exec="kill -9 $PPID; sleep 1000"))
    service.start()
    reason = service.await_status("t", "failed").reason
    assert reason == "3 attempts within an hour, which is the limit; the last one: its supervisor was killed"
    assert len(service.attempts("t")) == 3


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


def test_trouble_with_one_attempt_does_not_hold_up_the_others(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    broken = 'echo torn > "$WG_DIR/attempts/$WG_ATTEMPT/outcome.json"'
    service.add(NewTask("t", id="t", exec=f"{broken}; while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_running("t")
    wait_for(lambda: "is damaged" in service.dispatcher_log(), "it is logged")
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
