"""F17: a merge against the wrong base deletes code."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    """A task whose agent has made `mine`, and waits at the gate."""
    made = ServiceBox(box)
    made.agent("codex")
    command = f"echo x > mine; touch $RECORDS/up; while ! test -f {box.root}/gate; do sleep 0.05; done"
    made.add(NewTask("t", id="t", description=f"RUN: {command}"))
    made.start()
    wait_for((made.records / "up").exists, "the agent works")
    return made


def commit(service: ServiceBox, name: str) -> None:
    (service.box.project / name).write_text("theirs\n")
    service.box.git("add", name)
    service.box.git("commit", "-qm", name)


def test_F17_the_base_of_the_record_is_used_whatever_is_checked_out(service: ServiceBox) -> None:
    commit(service, "on-main")
    service.box.git("checkout", "-qb", "feature", "main~1")
    commit(service, "on-feature")
    feature = service.box.git("rev-parse", "feature")
    (service.dir / "project.toml").write_text('base_branch = "feature"\n')
    (service.box.root / "gate").touch()
    service.await_status("t", "done")
    files = service.box.git("ls-tree", "--name-only", "main").splitlines()
    assert {"mine", "on-main"} <= set(files), "what came to main meanwhile is still there"
    assert service.box.git("rev-parse", "feature") == feature
    assert service.box.git("status", "--porcelain") == ""


def test_F17_a_base_that_was_rewritten_is_not_moved(service: ServiceBox) -> None:
    service.box.git("reset", "-q", "--hard", "HEAD~1")
    tip = service.box.git("rev-parse", "main")
    (service.box.root / "gate").touch()
    assert "no longer contains the commit" in service.await_status("t", "waiting").reason
    assert service.box.git("rev-parse", "main") == tip
    assert service.box.git("show", "wg/agent-1/t:mine") == "x"
