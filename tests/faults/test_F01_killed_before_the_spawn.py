"""F01: the dispatcher is killed between the claim and the agent's start."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from tests.e2e.claims import claim
from tests.e2e.service_box import ServiceBox, is_gone
from tests.faults.slow_git import stopping
from tests.harness import wait_for
from wg.dispatch.attempt_files import AttemptFiles
from wg.executors.base import LaunchPlan
from wg.graph.task import NewTask
from wg.locations import Project


def test_F01_a_claim_that_never_started_is_free_at_once_after_a_restart(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    claim(service, "t", deadline=time.time() + 3600)
    service.start()
    service.await_status("t", "done")
    first, second = service.attempts("t")
    assert first.outcome is not None and first.outcome.failure_class == "interrupted"
    assert second.outcome is not None and second.outcome.succeeded


def test_F01_a_supervisor_that_comes_too_late_runs_nothing(service: ServiceBox) -> None:
    proof = service.box.root / "proof"
    service.add(NewTask("t", id="t", exec="true"))
    fence = claim(service, "t", deadline=time.time() - 1)
    plan = LaunchPlan(("/bin/sh", "-c", f"touch {proof}"), {}, str(service.box.project), "")
    files = AttemptFiles(Project(str(service.box.project), str(service.dir)), fence)
    files.create()
    files.write_launch("shell", plan, 60.0)
    service.start()
    service.await_status("t", "done")
    service.box.wg("supervisor", str(fence), code=1)
    assert not proof.exists()


def test_F01_a_supervisor_on_its_way_is_waited_for(service: ServiceBox) -> None:
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


def test_F01_a_dispatcher_that_is_killed_while_it_makes_the_worktree(service: ServiceBox) -> None:
    gate = stopping(service, before="worktree add")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    dispatcher = service.start()
    wait_for(gate.with_name("git-gate.reached").exists, "git is about to make the worktree")
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    gate.touch()
    service.start()
    task = service.await_status("t", "done")
    first, second = service.attempts("t")
    assert first.supervisor is None and first.outcome is not None
    assert (first.outcome.failure_class, task.failures) == ("interrupted", 0)
    assert second.outcome is not None and second.outcome.succeeded
    assert len(list(service.records.glob("*.argv"))) == 1
