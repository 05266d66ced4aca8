"""The rehearsal with the real codex and claude, and the golden files that came from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clis import Clis
from tests.harness import Box, Completed, wait_for
from tests.rehearsal import Rehearsal
from wg.rehearsal.script import FINAL_TEXT

GOLDEN = Path(__file__).parents[1] / "executors" / "output"


def codex(box: Box, rehearsal: Rehearsal, clis: Clis, prompt: str, *options: str, model: str = "gpt-5.5") -> Completed:
    """Run the real codex as wg does."""
    env = rehearsal.codex_env(box.home / ".codex") | {"WG_TASK_ID": "t1"}
    argv = [str(clis.codex), "exec", "--json", "--skip-git-repo-check", "-C", str(box.project), "-m", model]
    argv += ["-s", "workspace-write", "-c", "approval_policy=never"]
    argv += ["-c", "shell_environment_policy.ignore_default_excludes=false", *options, "-"]
    done = box.run(*argv, env=env, stdin=prompt, code=None)
    # it looks at the user's shell meanwhile, and may end before that has
    wait_for(lambda: not any("codex_snapshot" in line for line in box.command_lines()), "its look at the shell ends")
    return done


def claude(box: Box, rehearsal: Rehearsal, clis: Clis, prompt: str) -> Completed:
    """Run the real claude as wg does."""
    env = rehearsal.claude_env(box.home / ".claude") | {"WG_TASK_ID": "t1", "CLAUDE_CODE_MAX_RETRIES": "0"}
    argv = [str(clis.claude), "-p", "--output-format", "stream-json", "--verbose", "--model", "opus"]
    argv += ["--permission-mode", "bypassPermissions"]
    return box.run(*argv, env=env, stdin=prompt, code=None)


def run(name: str, box: Box, rehearsal: Rehearsal, clis: Clis, prompt: str) -> Completed:
    return codex(box, rehearsal, clis, prompt) if name == "codex" else claude(box, rehearsal, clis, prompt)


def last_event(output: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(output.splitlines()[-1])
    return event


@pytest.mark.clis
@pytest.mark.parametrize("model", ["gpt-5.5", "gpt-6-sol"])  # the two tool protocols of codex
def test_codex_runs_a_tool_and_ends(box: Box, rehearsal: Rehearsal, clis: Clis, model: str) -> None:
    done = codex(box, rehearsal, clis, "Make a file.", model=model)
    assert done.code == 0
    assert last_event(done.out)["usage"]["input_tokens"] == 200
    assert (box.project / "rehearsal-t1.txt").read_text() == "made by the rehearsal\n"
    seen = [(r["protocol"], r["model"], r["turn"], r["api_key"], r["prompt"]) for r in rehearsal.requests()]
    assert seen == [("responses", model, turn, True, "Make a file.") for turn in (0, 1)]
    assert rehearsal.requests()[0]["user_agent"].startswith("codex_exec/")


@pytest.mark.clis
def test_claude_runs_a_tool_and_ends(box: Box, rehearsal: Rehearsal, clis: Clis) -> None:
    done = claude(box, rehearsal, clis, "Make a file.")
    assert done.code == 0
    result = last_event(done.out)
    assert (result["type"], result["is_error"], result["result"]) == ("result", False, FINAL_TEXT)
    assert (box.project / "rehearsal-t1.txt").read_text() == "made by the rehearsal\n"
    seen = [(r["protocol"], r["model"], r["turn"], r["api_key"], r["prompt"]) for r in rehearsal.requests()]
    assert seen == [("messages", "claude-opus-4-8", turn, True, "Make a file.") for turn in (0, 1)]
    assert rehearsal.requests()[0]["user_agent"].startswith("claude-cli/")


@pytest.mark.clis
@pytest.mark.parametrize("name", ["codex", "claude"])
def test_commands_of_a_prompt_run_in_order(box: Box, rehearsal: Rehearsal, clis: Clis, name: str) -> None:
    prompt = "REHEARSE: run echo one >> log\nREHEARSE: run echo two >> log\nREHEARSE: run false"
    assert run(name, box, rehearsal, clis, prompt).code == 0
    assert (box.project / "log").read_text() == "one\ntwo\n"
    assert [request["turn"] for request in rehearsal.requests()] == [0, 1, 2, 3]


@pytest.mark.clis
def test_codex_shell_writes_only_where_it_may_and_knows_its_task(box: Box, rehearsal: Rehearsal, clis: Clis) -> None:
    """What wg relies on: `wg log` from inside the sandbox reaches .wg/db and nothing else of .wg."""
    database = box.project.parent / "graph" / "db"
    database.mkdir(parents=True)
    command = f"touch {database}/in; touch {database.parent}/out; env > env; true"
    roots = f'sandbox_workspace_write.writable_roots=["{database}"]'
    # Without these two all of /tmp is writable in the sandbox, and pytest's directories are there.
    closed = ["exclude_slash_tmp=true", "exclude_tmpdir_env_var=true"]
    options = ["-c", roots] + [part for key in closed for part in ("-c", f"sandbox_workspace_write.{key}")]
    assert codex(box, rehearsal, clis, f"REHEARSE: run {command}", *options).code == 0
    assert (database / "in").exists()
    assert not (database.parent / "out").exists()
    env = (box.project / "env").read_text().splitlines()
    assert "WG_TASK_ID=t1" in env
    assert not [line for line in env if line.startswith("REHEARSAL_KEY=")]


def comparable(event: dict[str, Any]) -> object:
    """What of a final event does not change from run to run."""
    if event["type"] == "turn.failed":
        return re.sub(r":\d+/", ":PORT/", event["error"]["message"])
    assert event["type"] == "result"
    return [event["is_error"], event["api_error_status"], re.sub(r":\d+\)", ":PORT)", event["result"])]


@pytest.mark.clis
@pytest.mark.parametrize("name", ["codex", "claude"])
@pytest.mark.parametrize(
    ("case", "directive"),
    [("401", "status 401"), ("429", "status 429"), ("500", "status 500"), ("cut", "cut")],
)
def test_errors_end_as_in_the_golden_files(
    box: Box, rehearsal: Rehearsal, clis: Clis, name: str, case: str, directive: str
) -> None:
    done = run(name, box, rehearsal, clis, f"Make a file.\nREHEARSE: {directive}")
    assert done.code == 1
    golden = (GOLDEN / f"{name}-{case}.jsonl").read_text()
    assert comparable(last_event(done.out)) == comparable(last_event(golden))
    assert not list(box.project.iterdir())
