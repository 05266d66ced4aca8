"""Keys travel in the environment of the agent alone, and what wg keeps is its user's own (decision 10, F29)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine, started
from tests.harness import Box, wait_for
from tests.trees import files_holding, paths_below

IN_ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "sk-ant-planted-1",
    "OPENAI_API_KEY": "sk-planted-2",
    "MY_ENDPOINT_KEY": "planted-3",  # the config names it: api_key_env
}
IN_FILE = "planted-4"  # the config names its file: api_key_file
SECRETS = [*IN_ENVIRONMENT.values(), IN_FILE]
ENDPOINTS = """
[[llm_endpoints.endpoints]]
name = "one"
url = "http://127.0.0.1:9/v1"
api_key_env = "MY_ENDPOINT_KEY"

[[llm_endpoints.endpoints]]
name = "two"
url = "http://127.0.0.1:9/v1"
api_key_file = "{file}"
"""
COMMANDS = [
    ["status"],
    ["show", "codex"],
    ["explain", "codex"],
    ["prompt", "codex", "--scope", "full"],
    ["explain", "--role", "evaluator"],
    ["service", "status"],
    ["config", "show"],
    ["config", "lint"],
    ["profile", "show"],
    ["doctor"],
]


@pytest.fixture
def loose_umask() -> Iterator[None]:
    """Under this umask whatever is not made private on purpose is open to all."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def machine(box: Box, loose_umask: None) -> Machine:
    """Three agents of all kinds run, with keys in their environment, and wait at the gate."""
    box.env |= IN_ENVIRONMENT
    machine = started(box)
    machine.wg("profile", "create", "other", "--from", "codex")
    key = box.home / "key"
    key.write_text(IN_FILE)
    with machine.config.open("a") as config:
        config.write(ENDPOINTS.format(file=key))
    machine.add("codex", "--check", "true", gated=True)
    machine.add("claude", "--model", "claude:opus", gated=True)
    wait = f"while ! test -e '{machine.gate}'; do sleep 0.02; done"
    machine.wg("add", "shell", "--id", "shell", "--exec", f"env > shell-env.new; mv shell-env.new shell-env; {wait}")
    for task in ("codex", "claude"):
        machine.await_run(task)
    wait_for(lambda: (machine.project / "shell-env").exists(), "the command runs")
    return machine


def test_F29_a_planted_key_is_in_the_agents_environment_and_nowhere_else(machine: Machine) -> None:
    for task in ("codex", "claude"):
        assert IN_ENVIRONMENT.items() <= machine.runs(task)[0].env.items()
    assert IN_ENVIRONMENT["OPENAI_API_KEY"] in (machine.project / "shell-env").read_text()
    processes = [" ".join(argv) for _, argv, _ in machine.processes()]
    assert any("supervisor" in line for line in processes)
    assert any("gpt-5.5" in line for line in processes)
    assert [line for line in processes if holds_secret(line)] == []
    for command in COMMANDS:
        for options in ([], ["--json"]):
            printed = machine.wg(*options, *command, code=None)
            assert not holds_secret(f"{printed.out}{printed.err}"), command
    assert files_with_secrets(machine) == [], "while agents run"
    machine.open_gate()
    for task in ("codex", "claude", "shell"):
        machine.await_status(task, "done")
    machine.wg("service", "stop")
    assert files_with_secrets(machine) == []


def test_F29_what_wg_keeps_is_private(machine: Machine) -> None:
    kept = list(everything(machine))
    names = {path.name for path in kept}
    assert {"graph.db", "graph.db-wal", "dispatcher.log", "plan.json", "prompt", "stdout.log"} <= names
    assert {"config.toml.codex", "config.toml.other", "state.json"} <= names
    machine.open_gate()
    for task in ("codex", "claude", "shell"):
        machine.await_status(task, "done")
    kept += everything(machine)
    assert "outcome.json" in {path.name for path in kept}
    assert [f"{path} {mode(path):o}" for path in kept if mode(path) & 0o077] == []


def holds_secret(text: str) -> bool:
    return any(secret in text for secret in SECRETS)


def files_with_secrets(machine: Machine) -> list[Path]:
    tops = (machine.dir, machine.box.wg_home)
    assert any(path.name == "graph.db" for path in paths_below(*tops))
    return files_holding(SECRETS, *tops)


def everything(machine: Machine) -> Iterator[Path]:
    """All that wg keeps for itself; a worktree is the user's own files, behind the closed door of .wg."""
    yield machine.dir
    for top in (*(machine.dir / name for name in ("db", "attempts", "service")), machine.box.wg_home):
        yield from [top, *paths_below(top)]


def mode(path: Path) -> int:
    """Its permissions; a link has none of its own."""
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return 0  # SQLite's side files come and go
    return 0 if stat.S_ISLNK(found) else stat.S_IMODE(found)
