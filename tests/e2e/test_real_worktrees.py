"""Read-only tasks and conflict rounds with the real programs: what their sandboxes and tools allow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clis import Clis
from tests.e2e.machine import Machine
from tests.e2e.test_smoke import deny_tmp
from tests.harness import Box, wait_for
from tests.rehearsal import Rehearsal
from wg.graph.store import Store
from wg.graph.task import READ_ONLY, NewTask

pytestmark = pytest.mark.clis


@pytest.fixture
def rehearsal(box: Box) -> Iterator[Rehearsal]:
    with Rehearsal(box.root / "requests.jsonl", box.env) as started:
        yield started


@pytest.fixture
def machine(box: Box, clis: Clis, rehearsal: Rehearsal) -> Machine:
    box.env |= rehearsal.codex_env(box.home / ".codex") | rehearsal.claude_env(box.home / ".claude")
    box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
    box.repository()
    made = Machine(box)
    made.wg("profile", "use", "codex")
    made.wg("init")
    return made


def script(paths: list[Path | str]) -> str:
    """Try to write each path, and report which could be written. The space is for dash, to which $(( is arithmetic."""
    tries = "; ".join(f"(echo x >> '{path}') 2>/dev/null && echo 'wrote {path}'" for path in paths)
    return f'REHEARSE: run "$WG_BIN" log t "$( {tries}; echo end)"'


def test_a_read_only_codex_writes_nothing_but_the_store(machine: Machine) -> None:
    outside = [machine.dir / "new", machine.project / "new", machine.project / ".git" / "new"]
    allowed = machine.dir / "db" / "new"
    text = script(["README", "new", "/tmp/wg-test-of-read-only", *outside, allowed])
    with Store.open(str(machine.dir / "db" / "graph.db")) as store:
        store.add(NewTask("look", id="t", description=text, workplace=READ_ONLY), time.time(), "test")
    machine.start()
    task = machine.await_status("t", "done")
    (said,) = [entry["message"] for entry in task["log"]]
    assert said == f"wrote {allowed}\nend"
    assert not any(path.exists() for path in outside)


def test_a_read_only_claude_has_no_tool_that_writes(machine: Machine) -> None:
    machine.wg("profile", "use", "claude")
    with Store.open(str(machine.dir / "db" / "graph.db")) as store:
        text = 'REHEARSE: run "$WG_BIN" log t "seen $(cat README)"'
        store.add(NewTask("look", id="t", description=text, workplace=READ_ONLY), time.time(), "test")
    machine.start()
    task = machine.await_status("t", "done")
    assert [entry["message"] for entry in task["log"]] == ["seen hello"]
    printed = (machine.dir / "attempts" / "1" / "stdout.log").read_text().splitlines()
    (tools,) = [set(event["tools"]) for event in map(json.loads, printed) if event.get("subtype") == "init"]
    assert "Bash" in tools
    assert not tools & {"Edit", "Write", "NotebookEdit", "MultiEdit"}


def test_a_real_codex_resolves_a_conflict_without_git(machine: Machine) -> None:
    """Its sandbox makes .git read-only: wg merges the base in, and concludes the merge."""
    machine.wg("config", "init", "--route", "codex-cli", "--project")
    deny_tmp(machine.dir / "config.toml")
    gate = machine.box.root / "gate"
    first = f"echo agent > README; echo x > up; while ! test -f {gate}; do sleep 0.05; done"
    then = "grep -q '<<<<<<<' README && grep -q person README && echo both > README"
    text = f"REHEARSE: run if test $WG_ATTEMPT = 1; then {first}; else {then}; fi"
    machine.wg("add", "Change it", "--id", "t", "-d", text)
    machine.start()
    wait_for((machine.dir / "worktrees" / "agent-1" / "up").exists, "the agent works")
    (machine.project / "README").write_text("person\n")
    machine.box.git("commit", "-qam", "meanwhile")
    gate.touch()
    task = machine.await_status("t", "done")
    assert (machine.project / "README").read_text() == "both\n"
    assert len(task["attempts"]) == 2
