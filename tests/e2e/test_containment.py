"""What codex may touch from inside its sandbox: its worktree and the store, and nothing that routes or is executed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clis import Clis
from tests.e2e.machine import Machine
from tests.e2e.test_smoke import deny_tmp
from tests.harness import Box
from tests.rehearsal import Rehearsal

pytestmark = pytest.mark.clis


@pytest.fixture
def rehearsal(box: Box) -> Iterator[Rehearsal]:
    with Rehearsal(box.root / "requests.jsonl", box.env) as started:
        yield started


def test_codex_can_report_and_cannot_change_what_routes_or_is_executed(
    box: Box, clis: Clis, rehearsal: Rehearsal
) -> None:
    machine = Machine(box)
    box.env |= rehearsal.codex_env(box.home / ".codex")
    box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
    box.repository()
    machine.wg("profile", "use", "codex")
    machine.wg("init")
    machine.wg("config", "init", "--route", "codex-cli", "--project")
    deny_tmp(machine.dir / "config.toml")
    protected = [
        machine.dir / "config.toml",
        machine.dir / "project.toml",
        machine.dir / "attempts" / "1" / "plan.json",
        machine.dir / "service" / "dispatcher.log",
        machine.config,
        box.wg_home / "state.json",
        machine.project / ".git" / "HEAD",
        machine.project / ".git" / "config",
        machine.project / "README",
    ]
    new = [
        machine.dir / "new",
        machine.dir / "attempts" / "new",
        box.wg_home / "config.toml.new",
        machine.project / ".git" / "hooks" / "pre-commit",
        machine.project / "new",
    ]
    allowed = machine.dir / "db" / "new"
    machine.wg("add", "Break out", "--id", "t", "-d", script([*protected, *new, allowed]))
    machine.start()
    task = machine.await_status("t", "done")
    printed = (machine.project / "result").read_text().splitlines()
    assert printed == [*(f"refused {path}" for path in [*protected, *new]), f"wrote {allowed}", "commit refused"]
    assert not [path for path in new if path.exists()]
    assert not [path for path in protected if b"broken in" in path.read_bytes()]
    assert allowed.read_text() == "broken in\n"
    assert "said from inside" in [entry["message"] for entry in task["log"]]
    assert task["attempts"][0]["claim"] == "done"


def script(paths: list[Path]) -> str:
    """Try to append to each path, and to commit; the worktree's own `result` says what became of it. Then report."""
    lines = [
        f"REHEARSE: run if (echo broken in >> '{path}') 2>/dev/null; then echo 'wrote {path}'; "
        f"else echo 'refused {path}'; fi >> result"
        for path in paths
    ]
    commit = "git commit -qm x --allow-empty 2>/dev/null"
    lines.append(f"REHEARSE: run if {commit}; then echo committed; else echo 'commit refused'; fi >> result")
    lines.append('REHEARSE: run "$WG_BIN" log "said from inside" && "$WG_BIN" done')
    return "\n".join(lines)
