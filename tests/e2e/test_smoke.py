"""The user's smoke with the real codex and the real claude (SPEC-profiles.md, section 11, last point)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.clis import Clis
from tests.e2e.machine import Machine, digest
from tests.harness import WG, Box, wait_for
from tests.rehearsal import Rehearsal
from tests.trees import files_holding
from wg.config.starters import starter_text

pytestmark = pytest.mark.clis

SECRET = "sk-planted-0123456789"  # both programs get it as their key
# with these codex cannot write below /tmp, where the project of a test is, except where wg lets it
NO_TMP = """extra_args = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true", \
"-c", "sandbox_workspace_write.exclude_tmpdir_env_var=true"]"""


@pytest.fixture
def machine(box: Box, clis: Clis, rehearsal: Rehearsal) -> Machine:
    """The real programs on PATH, pointed at the rehearsal, and behind decoys of `wg` on every PATH."""
    box.env |= rehearsal.codex_env(box.home / ".codex") | {"REHEARSAL_KEY": SECRET}
    box.env |= rehearsal.claude_env(box.home / ".claude") | {"ANTHROPIC_API_KEY": SECRET}
    directory = decoys(box)
    box.env["PATH"] = f"{directory}:{clis.directory}:{box.env['PATH']}"
    return Machine(box)


@pytest.fixture
def rehearsal(box: Box) -> Iterator[Rehearsal]:
    with Rehearsal(box.root / "requests.jsonl", box.env) as started:
        yield started


def test_in_a_git_repository(machine: Machine, rehearsal: Rehearsal) -> None:
    machine.box.repository()
    machine.wg("profile", "use", "codex")
    deny_tmp(machine.config)
    first = start_first(machine, rehearsal)
    pid = dispatcher(machine)
    codex_config = digest(machine.config)

    machine.wg("profile", "use", "claude")
    add(machine, "second", "REHEARSE: run " + report("claude is here"))
    second = machine.await_status("second", "done")
    check_claude(machine, rehearsal, second)
    assert machine.show("test")["status"] == "in-progress", "the running one is left alone"
    assert first.is_running()

    machine.open_gate()
    check_first_is_done(machine, codex_config)
    base = machine.box.git("ls-tree", "--name-only", "main").splitlines()
    assert {"test.txt", "second.txt"} <= set(base)
    assert dispatcher(machine) == pid, "without a restart"
    check_decoys_and_secrets(machine, rehearsal)


def test_in_a_plain_directory(machine: Machine, rehearsal: Rehearsal) -> None:
    machine.wg("profile", "use", "codex")
    assert machine.config.read_text() == starter_text("codex"), "it is the starter itself that runs"
    first = start_first(machine, rehearsal)
    pid = dispatcher(machine)
    codex_config = digest(machine.config)

    machine.wg("profile", "use", "claude")
    add(machine, "second", "REHEARSE: run " + report("claude is here"))
    assert first.is_running(), "the running one is left alone"

    machine.open_gate()
    check_first_is_done(machine, codex_config)
    second = machine.await_status("second", "done")
    check_claude(machine, rehearsal, second)
    assert {"test.txt", "second.txt"} <= set(os.listdir(machine.project))
    assert dispatcher(machine) == pid, "without a restart"
    check_decoys_and_secrets(machine, rehearsal)


def dispatcher(machine: Machine) -> int:
    pid: int = machine.wg("--json", "service", "status").json["dispatcher"]["identity"]["pid"]
    return pid


def decoys(box: Box) -> Path:
    """A directory with a `wg` that leaves a mark, first on PATH and on the PATH that a login shell sets."""
    directory = box.root / "decoys"
    directory.mkdir()
    decoy = directory / "wg"
    # inside codex's sandbox only the project's database directory can be marked
    decoy.write_text(f'#!/bin/sh\ntouch "{box.root}/decoy-called"\ntouch "$WG_DIR/db/decoy-called"\nexit 1\n')
    decoy.chmod(0o755)
    line = f'export PATH="{directory}:$PATH"\n'
    for name in (".bash_profile", ".profile", ".bashrc", "bash_env"):
        (box.home / name).write_text(line)
    box.env["BASH_ENV"] = str(box.home / "bash_env")
    return directory


def deny_tmp(config: Path) -> None:
    """Let codex's sandbox protect /tmp, with the project in it, as it does all other places."""
    text = config.read_text()
    head, codex, tail = text.partition("[executors.codex]")
    assert "extra_args = []" in tail
    config.write_text(head + codex + tail.replace("extra_args = []", NO_TMP))
    assert config.is_symlink()


def report(message: str) -> str:
    """What an agent does: it makes a file, looks for `wg`, and reports by the program that it was given."""
    report = f'"$WG_BIN" log "{message}" && "$WG_BIN" done && echo yes >> $WG_TASK_ID.txt'
    return f'command -v wg > "$WG_TASK_ID.txt" && {report}'


def add(machine: Machine, title: str, script: str) -> None:
    machine.wg("add", title, "-d", script)


def start_first(machine: Machine, rehearsal: Rehearsal) -> psutil.Process:
    """`wg init && wg add test && wg service start`; returns codex's process, checked, while it waits for its answer."""
    machine.wg("init")
    add(machine, "test", f"REHEARSE: wait {machine.gate}\nREHEARSE: run {report('codex is here')}")
    machine.start()
    (request,) = wait_for(lambda: rehearsal.requests(), "the endpoint sees a request")
    assert (request["protocol"], request["path"], request["model"]) == ("responses", "/v1/responses", "gpt-5.5")
    assert request["user_agent"].startswith("codex_exec/")
    process = agent(machine, "test", "codex")
    argv = process.cmdline()
    directory = machine.show("test")["attempts"][0]["workplace"]["directory"]
    assert argv[1:3] == ["exec", "--json"]
    assert argv[argv.index("-m") + 1] == "gpt-5.5"
    assert argv[argv.index("-C") + 1] == directory
    check_environment(machine, process, "test", "codex", "codex:gpt-5.5")
    status = machine.wg("status").out
    assert "codex:gpt-5.5" in status
    assert "claude" not in status
    return process


def agent(machine: Machine, task_id: str, name: str) -> psutil.Process:
    """The one process of that program which works on the task."""

    def found() -> list[psutil.Process]:
        return [
            process
            for process, argv, env in machine.processes()
            if Path(argv[0]).name == name and env.get("WG_TASK_ID") == task_id
        ]

    processes: list[psutil.Process] = wait_for(found, f"{name} runs on {task_id}")
    assert len(processes) == 1
    return processes[0]


def check_environment(machine: Machine, process: psutil.Process, task_id: str, executor: str, model: str) -> None:
    given = {name: value for name, value in process.environ().items() if name.startswith("WG_")}
    assert given == {
        "WG_HOME": str(machine.box.wg_home),
        "WG_DIR": str(machine.dir),
        "WG_BIN": WG,
        "WG_TASK_ID": task_id,
        "WG_ATTEMPT": str(machine.attempts(task_id)[0]["fence"]),
        "WG_EXECUTOR": executor,
        "WG_MODEL": model,
        "WG_ACTIVE_PROFILE": executor,
        "WG_CONFIG_SHA256": digest(machine.config),
    }


def check_first_is_done(machine: Machine, config_digest: str) -> None:
    task = machine.await_status("test", "done")
    (attempt,) = task["attempts"]
    route = attempt["route"]
    assert (route["executor"], route["model"], route["profile"]) == ("codex", "codex:gpt-5.5", "codex")
    assert route["config_digest"] == config_digest
    check_report(machine, task, "codex is here")


def check_claude(machine: Machine, rehearsal: Rehearsal, task: Any) -> None:
    requests = rehearsal.requests("messages")
    assert requests
    for request in requests:
        assert request["path"].partition("?")[0] == "/v1/messages"
        assert request["model"].startswith("claude-opus")
    (attempt,) = task["attempts"]
    route = attempt["route"]
    assert (route["executor"], route["model"], route["profile"]) == ("claude", "claude:opus", "claude")
    assert route["config_digest"] == digest(machine.config)
    check_report(machine, task, "claude is here")


def check_report(machine: Machine, task: Any, message: str) -> None:
    """What the agent said from inside has arrived, by the right program."""
    assert message in [entry["message"] for entry in task["log"]]
    assert task["attempts"][0]["claim"] == "done"
    found, reported = (machine.project / f"{task['id']}.txt").read_text().splitlines()
    assert found == str(machine.box.root / "decoys" / "wg"), "the decoy was first on the agent's PATH"
    assert reported == "yes"


def check_decoys_and_secrets(machine: Machine, rehearsal: Rehearsal) -> None:
    assert not (machine.box.root / "decoy-called").exists()
    assert not (machine.dir / "db" / "decoy-called").exists()
    assert all(request["api_key"] for request in rehearsal.requests()), "both programs had their key"
    assert files_holding([SECRET], machine.dir, machine.box.wg_home) == []
