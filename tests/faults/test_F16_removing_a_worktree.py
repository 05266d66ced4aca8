"""F16: removing a worktree must never delete the repository or a sibling."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import READ_ONLY, NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def commands(service: ServiceBox) -> None:
    """All that could remove agent-1."""
    service.box.wg("worktree", "gc", code=None)
    service.box.wg("worktree", "rm", "agent-1", "--discard", code=None)
    service.box.wg("service", "stop")
    service.start()
    service.add(NewTask("last", id="last", exec="true"))
    service.await_status("last", "done")


@pytest.mark.parametrize("workplace", ["", READ_ONLY])
def test_F16_a_link_in_the_place_of_a_worktree_is_not_followed(service: ServiceBox, workplace: str) -> None:
    """The agent puts a link to the project where its worktree was."""
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s")
    project = service.box.project
    (project / "untracked").write_text("mine")
    swap = f"here=$PWD; cd / && mv $here {service.box.root}/moved && ln -s {project} $here; exit 3"
    service.add(NewTask("t", id="t", description=f"RUN: {swap}", workplace=workplace))
    service.start()
    service.await_status("t", "failed")
    commands(service)
    assert (project / "README").exists() and (project / "untracked").exists() and (project / ".git" / "HEAD").exists()
    assert (service.box.root / "moved" / "README").exists()
    assert (service.dir / "worktrees" / "agent-1").is_symlink()
    service.box.wg("retry", "t")
    wait_for(lambda: len(service.attempts("t")) > 1, "it is tried again")
    service.await_status("t", "failed")
    assert service.box.git("status", "--porcelain") == "?? untracked"


def test_F16_a_sibling_is_never_removed(service: ServiceBox) -> None:
    """The agent copies another worktree's .git over its own, so that git takes it for the sibling."""
    gate = service.box.root / "gate"
    service.add(NewTask("s", id="s", description=f"RUN: echo x > x; while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    sibling = service.dir / "worktrees" / "agent-1"
    wait_for((sibling / "x").exists, "the sibling works")
    service.add(NewTask("t", id="t", description=f"RUN: cp {sibling}/.git .git; echo y > y; exit 3"))
    service.await_status("t", "failed")
    service.box.wg("worktree", "gc", code=None)
    service.box.wg("worktree", "rm", "agent-2", "--discard", code=None)
    assert (sibling / "x").exists()
    gate.touch()
    service.await_status("s", "done")
    assert (service.box.project / "x").exists()
    assert not (service.box.project / "y").exists()


def test_F16_links_in_a_worktree_are_removed_and_not_followed(service: ServiceBox) -> None:
    precious = service.box.root / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    link = f"ln -s {precious} link; ln -s {service.box.project} project; exit 3"
    service.add(NewTask("t", id="t", description=f"RUN: {link}", workplace=READ_ONLY))
    service.start()
    service.await_status("t", "failed")
    worktree = Path(service.dir / "worktrees" / "agent-1")
    wait_for(lambda: not worktree.exists(), "the worktree is removed")
    assert (precious / "file").exists()
    assert (service.box.project / "README").exists()
