"""`.wg/worktree-setup`: run once in each new worktree, never ignored, ended with its attempt."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def hook(service: ServiceBox, script: str, name: str = "worktree-setup") -> Path:
    path = service.dir / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["worktree-setup", "worktree-setup.sh"])
def test_it_runs_once_in_a_new_worktree_before_the_agent(service: ServiceBox, name: str) -> None:
    hook(service, 'echo "$1 $2 $PWD $WG_TASK_ID" >> $RECORDS/setup; echo said; echo x > prepared', name)
    command = "test -f prepared && rm prepared; test $WG_ATTEMPT = 2 && echo x > made"
    service.add(NewTask("t", id="t", description=f"RUN: {command}"))
    service.start()
    service.await_status("t", "failed")
    service.box.wg("retry", "t")
    service.await_status("t", "done")
    worktree = service.dir / "worktrees" / "agent-1"
    expected = f"{worktree} {service.box.project} {worktree} t\n"
    assert (service.records / "setup").read_text() == expected, "not again where the next attempt goes on"
    assert (service.dir / "attempts" / "1" / "setup.log").read_text() == "said\n"


def test_it_runs_again_in_a_worktree_that_was_made_again(service: ServiceBox) -> None:
    hook(service, "echo x >> $RECORDS/setup")
    service.add(NewTask("t", id="t", description="RUN: echo x > made; test $WG_ATTEMPT = 2"))
    service.start()
    service.await_status("t", "failed")
    service.box.git("worktree", "remove", "--force", str(service.dir / "worktrees" / "agent-1"))
    service.box.wg("retry", "t")
    service.await_status("t", "done")
    assert (service.records / "setup").read_text() == "x\n" * 2


def test_it_runs_where_a_merge_is_checked(service: ServiceBox) -> None:
    hook(service, "echo $PWD >> $RECORDS/setup; echo x > prepared")
    (service.box.project / ".gitignore").write_text(".wg\nprepared\n")
    service.box.git("commit", "-qam", "ignore")
    gate = service.box.root / "gate"
    command = f"echo x > made; touch $RECORDS/up; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", description=f"RUN: {command}", check="test -f prepared"))
    service.start()
    wait_for((service.records / "up").exists, "the agent works")
    (service.box.project / "README").write_text("person\n")
    service.box.git("commit", "-qam", "meanwhile")
    gate.touch()
    service.await_status("t", "done")
    assert [Path(line).name for line in (service.records / "setup").read_text().split()] == ["agent-1", "merge-1"]


@pytest.mark.parametrize(
    ("script", "said"), [("echo x > junk; echo no compiler here; exit 4", "exit code 4: no compiler here"), (None, "")]
)
def test_where_it_fails_no_agent_is_started(service: ServiceBox, script: str | None, said: str) -> None:
    path = hook(service, script or "true")
    if script is None:
        path.chmod(0o644)
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s")
    service.add(NewTask("t", id="t", description="RUN: touch $RECORDS/started"))
    service.start()
    reason = service.await_status("t", "failed").reason
    assert str(path) in reason and said in reason
    assert not (service.records / "started").exists()
    assert len(service.attempts("t")) == 3
    wait_for(lambda: not list((service.dir / "worktrees").iterdir()), "its worktrees are removed, junk and all")


def test_what_keeps_it_from_starting_is_shown_before_the_last_attempt(service: ServiceBox) -> None:
    hook(service, "echo no compiler here; exit 4")
    service.limit("codex", retry_delay="1h")
    service.add(NewTask("t", id="t", description="RUN: true"))
    service.start()
    wait_for(lambda: service.task("t").resting_until, "it has been tried twice, and rests")
    for command in ("why", "show"):
        assert "no compiler here" in service.box.wg(command, "t").out, command


def test_it_is_ended_at_its_time_limit_with_all_that_it_started(service: ServiceBox) -> None:
    service.set('worktree_setup_timeout = "10m"', 'worktree_setup_timeout = "10s"')
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s")
    hook(service, "setsid sleep 1000 & echo $! >> $RECORDS/pids; sleep 1000")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    assert "did not end within 10s" in service.await_status("t", "failed").reason
    pids = [int(pid) for pid in (service.records / "pids").read_text().split()]
    assert len(pids) == 3 and all(is_gone(pid) for pid in pids)


def test_it_does_not_hold_up_other_tasks(service: ServiceBox) -> None:
    hook(service, "case $WG_TASK_ID in slow*) while ! test -f $RECORDS/go; do sleep 0.05; done;; esac")
    for number in range(6):
        service.add(NewTask("slow", id=f"slow{number}", description="RUN: echo x > $WG_TASK_ID"))
    service.add(NewTask("quick", id="quick", description="RUN: echo x > quick"))
    service.start()
    service.await_status("quick", "done")
    (service.records / "go").touch()
    for number in range(6):
        service.await_status(f"slow{number}", "done")


def test_one_that_a_dispatcher_has_started_is_ended_when_that_stops(service: ServiceBox) -> None:
    hook(service, "echo $$ >> $RECORDS/pids; while ! test -f $RECORDS/go; do sleep 0.05; done")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    first = int(service.await_file(service.records / "pids"))
    service.box.wg("service", "stop")
    assert is_gone(first)
    (service.records / "go").touch()
    service.start()
    service.await_status("t", "done")
    assert [one.outcome and one.outcome.failure_class for one in service.attempts("t")] == ["interrupted", ""]


def test_one_whose_dispatcher_was_killed_does_not_run_beside_the_next(service: ServiceBox) -> None:
    hook(service, "echo $$ >> $RECORDS/pids; while ! test -f $RECORDS/go; do sleep 0.05; done")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    dispatcher = service.start()
    first = int(service.await_file(service.records / "pids"))
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    os.kill(first, signal.SIGKILL)
    (service.records / "go").touch()
    service.start()
    service.await_status("t", "done")
    wait_for(lambda: not list((service.dir / "worktrees").iterdir()), "no worktree is left")
