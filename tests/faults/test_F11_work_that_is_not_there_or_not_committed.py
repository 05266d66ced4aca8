"""F11: the agent says done and did nothing, or left work uncommitted or untracked."""

from __future__ import annotations

import os

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box
from wg.graph.task import NewTask
from wg.worktrees.changes import LARGE_BYTES


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def run(service: ServiceBox, command: str, status: str) -> str:
    service.add(NewTask("t", id="t", description=f"RUN: {command}"))
    service.start()
    return service.await_status("t", status).reason


def test_F11_what_says_done_and_did_nothing_is_not_done(service: ServiceBox) -> None:
    assert "left no work" in run(service, '"$WG_BIN" done', "failed")


def test_F11_a_declared_artifact_is_work_if_it_stays_and_is_new(service: ServiceBox) -> None:
    out, old = service.box.root / "out.bin", service.box.root / "old.bin"
    old.write_text("of another day")
    os.utime(old, (1e9, 1e9))
    for name, artifact, command in (
        ("made", str(out), f"echo x > {out}"),
        ("old", str(old), "true"),
        ("ignored", ".wg/out.bin", "mkdir -p .wg; echo x > .wg/out.bin"),
        ("absent", "nowhere", "true"),
    ):
        service.add(NewTask(name, id=name, description=f"RUN: {command}", labels=(("artifact", artifact),)))
    service.start()
    service.await_status("made", "done")
    for name in ("old", "ignored", "absent"):
        reason = service.await_status(name, "failed").reason
        assert "left no work" in reason
        assert ("git ignores .wg/out.bin" in reason) == (name == "ignored")


def test_F11_work_that_is_modified_staged_or_untracked_is_merged(service: ServiceBox) -> None:
    run(
        service,
        'echo a > README; echo b > staged; git add staged; mkdir d; echo c > d/untracked; "$WG_BIN" done',
        "done",
    )
    project = service.box.project
    assert [(project / name).read_text() for name in ("README", "staged", "d/untracked")] == ["a\n", "b\n", "c\n"]


@pytest.mark.parametrize("end", ["exit 3", '"$WG_BIN" fail --reason no', "kill -9 $$"])
def test_F11_nothing_is_lost_where_the_agent_failed(service: ServiceBox, end: str) -> None:
    dump = f"head -c {LARGE_BYTES + 1} /dev/zero > dump"
    run(service, f"echo a > README; echo b > untracked; echo KEY > .env; {dump}; {end}", "failed")
    assert service.box.git("show", "wg/agent-1/t:README") == "a"
    assert service.box.git("show", "wg/agent-1/t:untracked") == "b"
    assert service.box.git("ls-tree", "--name-only", "wg/agent-1/t", ".env", "dump") == ""
    worktree = service.dir / "worktrees" / "agent-1"
    assert (worktree / ".env").exists() and (worktree / "dump").exists()
    verdict = service.attempts("t")[0].verdict
    assert ".env (looks like a secret)" in verdict and "dump (larger than 10 MB)" in verdict


def test_F11_a_secret_is_held_for_a_person(service: ServiceBox) -> None:
    reason = run(service, "echo x > x; echo KEY=1 > .env", "waiting")
    assert ".env" in reason
    worktree = service.dir / "worktrees" / "agent-1"
    assert str(worktree) in reason
    (worktree / ".env").unlink()
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()
    assert not (service.box.project / ".env").exists()
