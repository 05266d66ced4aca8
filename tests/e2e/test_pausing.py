"""`wg service pause` and `resume`: nothing new, over restarts and crashes; what runs goes on and is merged."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    box.env["USER"] = "ann"
    return ServiceBox(box)


def looked_again(service: ServiceBox) -> None:
    """The dispatcher has seen all that was there before: it has noticed a change of config made now."""
    digest = service.box.wg("--json", "service", "status").json["dispatcher"]["config_digest"]
    with (service.box.wg_home / "config.toml.codex").open("a") as file:
        file.write("# touched\n")
    wait_for(
        lambda: service.box.wg("--json", "service", "status").json["dispatcher"]["config_digest"] != digest,
        "the dispatcher has done a tick",
    )


def test_nothing_new_is_started_and_what_runs_is_merged(service: ServiceBox) -> None:
    service.agent("codex")
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", description=f"RUN: while ! test -f {gate}; do sleep 0.05; done; echo x > made"))
    service.start()
    service.await_running("t")
    said = service.box.wg("service", "pause").out
    assert "Agents that go on, and are settled and merged: 1" in said
    service.add(NewTask("u", id="u", exec="true", after=("t",)))
    gate.touch()
    service.await_status("t", "done")
    assert (service.box.project / "made").exists()
    looked_again(service)
    assert service.attempts("u") == []
    assert "ready tasks are started again" in service.box.wg("service", "resume").out
    service.await_status("u", "done")


@pytest.mark.parametrize("how", ["restart", "kill -9"])
def test_it_is_remembered_whatever_becomes_of_the_dispatcher(service: ServiceBox, how: str) -> None:
    service.box.wg("service", "pause")
    pid = service.start()
    service.add(NewTask("t", id="t", exec="true"))
    if how == "restart":
        service.box.wg("service", "restart")
    else:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: is_gone(pid), "it is dead")
        assert "it is paused: nothing new is started" in service.box.wg("service", "start").out
    looked_again(service)
    assert service.attempts("t") == []
    service.box.wg("service", "resume")
    service.await_status("t", "done")


def test_what_was_only_claimed_is_given_back(service: ServiceBox) -> None:
    """Its worktree is just being made when the pause begins."""
    service.agent("codex")
    gate, reached = service.box.root / "gate", service.box.root / "reached"
    held = f'*"worktree add"*) echo x > {reached}; while ! test -f {gate}; do sleep 0.05; done;;'
    git = service.bin / "git"
    git.write_text(f'#!/bin/sh\ncase "$*" in {held} esac\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    service.add(NewTask("t", id="t", description="RUN: echo x > made"))
    service.start()
    service.await_file(reached)
    service.box.wg("service", "pause")
    gate.touch()
    wait_for(lambda: service.attempts("t")[0].state == "settled", "the claim is given back")
    (attempt,) = service.attempts("t")
    assert attempt.supervisor is None and "paused before the agent was started" in attempt.verdict
    assert service.task("t").status == "open"
    service.box.wg("service", "resume")
    service.await_status("t", "done")


def test_everybody_is_told(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    assert service.box.wg("--json", "service", "pause").json["changed"] is True
    assert "paused already" in service.box.wg("service", "pause", env={"USER": "bob"}).out
    for _ in range(2):  # without a dispatcher, and with one
        for command in (["status"], ["service", "status"]):
            assert "paused by ann since" in service.box.wg(*command).out
            assert service.box.wg("--json", *command).json["paused"]["by"] == "ann"
        why = service.box.wg("why", "t").out
        assert "it is ready, but ann has paused the dispatcher" in why
        assert "wg service resume" in why
        service.start()
    service.box.wg("service", "resume")
    assert "It was not paused" in service.box.wg("service", "resume").out
    assert "paused" not in service.box.wg("service", "status").out
    service.await_status("t", "done")
