"""The stand-in, by itself and with the real codex and claude, and the golden files that came from it."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.clis import Clis
from tests.harness import Box, Completed, wait_for
from tests.standin import Standin
from tests.standin.server import DEFAULT_COMMAND, FINAL_TEXT, read_script

GOLDEN = Path(__file__).parents[1] / "executors" / "output"


@pytest.fixture
def standin(box: Box) -> Iterator[Standin]:
    with Standin(box.root / "requests.jsonl", box.env) as started:
        yield started


def codex(box: Box, standin: Standin, clis: Clis, prompt: str, *options: str, model: str = "gpt-5.5") -> Completed:
    """Run the real codex as wg does."""
    env = standin.codex_env(box.home / ".codex") | {"WG_TASK_ID": "t1"}
    argv = [str(clis.codex), "exec", "--json", "--skip-git-repo-check", "-C", str(box.project), "-m", model]
    argv += ["-s", "workspace-write", "-c", "approval_policy=never"]
    argv += ["-c", "shell_environment_policy.ignore_default_excludes=false", *options, "-"]
    return box.run(*argv, env=env, stdin=prompt, code=None)


def claude(box: Box, standin: Standin, clis: Clis, prompt: str) -> Completed:
    """Run the real claude as wg does."""
    env = standin.claude_env(box.home / ".claude") | {"WG_TASK_ID": "t1", "CLAUDE_CODE_MAX_RETRIES": "0"}
    argv = [str(clis.claude), "-p", "--output-format", "stream-json", "--verbose", "--model", "opus"]
    argv += ["--permission-mode", "bypassPermissions"]
    return box.run(*argv, env=env, stdin=prompt, code=None)


def run(name: str, box: Box, standin: Standin, clis: Clis, prompt: str) -> Completed:
    return codex(box, standin, clis, prompt) if name == "codex" else claude(box, standin, clis, prompt)


def last_event(output: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(output.splitlines()[-1])
    return event


def ask(standin: Standin, prompt: str, *outputs: str) -> str:
    """One codex request without codex; `outputs` are what its tools returned so far."""
    user = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}
    results = [{"type": "function_call_output", "output": output} for output in outputs]
    body = json.dumps({"model": "m", "input": [user, *results]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{standin.port}/v1/responses", body)
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(response.read().decode())


def test_script_is_read_from_the_lines_of_the_prompt() -> None:
    prompt = "Do this.\n  STANDIN: run a b\nSTANDIN: wait /x y\nSTANDIN: run c\nSTANDIN: status 429 quota\n"
    script = read_script(prompt)
    assert script.commands == ("a b", "c")
    assert (script.wait, script.status, script.error_type, script.cut) == ("/x y", 429, "quota", False)
    assert read_script("Do this.").commands == (DEFAULT_COMMAND,)
    with pytest.raises(ValueError, match="jump"):
        read_script("STANDIN: jump")


def test_answer_follows_from_the_request_alone(standin: Standin) -> None:
    prompt = "STANDIN: run first\nSTANDIN: run second"
    assert '{\\"cmd\\": \\"second\\"}' in ask(standin, prompt, "result of the first")
    assert '{\\"cmd\\": \\"first\\"}' in ask(standin, prompt)
    assert FINAL_TEXT in ask(standin, prompt, "one", "two")
    assert [request["turn"] for request in standin.requests()] == [1, 0, 2]


def test_wait_holds_one_answer_and_no_other(box: Box, standin: Standin) -> None:
    go = box.root / "go"
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lambda: (ask(standin, f"STANDIN: wait {go}"), time.monotonic()))
        wait_for(standin.requests, "the held request")
        ask(standin, "not held")
        freed = time.monotonic()
        go.touch()
        answered = held.result(timeout=30)[1]
    assert answered > freed


@pytest.mark.clis
@pytest.mark.parametrize("model", ["gpt-5.5", "gpt-6-sol"])  # the two tool protocols of codex
def test_codex_runs_a_tool_and_ends(box: Box, standin: Standin, clis: Clis, model: str) -> None:
    done = codex(box, standin, clis, "Make a file.", model=model)
    assert done.code == 0
    assert last_event(done.out)["usage"]["input_tokens"] == 200
    assert (box.project / "standin-t1.txt").read_text() == "made by the stand-in\n"
    seen = [(r["protocol"], r["model"], r["turn"], r["api_key"], r["prompt"]) for r in standin.requests()]
    assert seen == [("responses", model, turn, True, "Make a file.") for turn in (0, 1)]
    assert standin.requests()[0]["user_agent"].startswith("codex_exec/")


@pytest.mark.clis
def test_claude_runs_a_tool_and_ends(box: Box, standin: Standin, clis: Clis) -> None:
    done = claude(box, standin, clis, "Make a file.")
    assert done.code == 0
    result = last_event(done.out)
    assert (result["type"], result["is_error"], result["result"]) == ("result", False, FINAL_TEXT)
    assert (box.project / "standin-t1.txt").read_text() == "made by the stand-in\n"
    seen = [(r["protocol"], r["model"], r["turn"], r["api_key"], r["prompt"]) for r in standin.requests()]
    assert seen == [("messages", "claude-opus-4-8", turn, True, "Make a file.") for turn in (0, 1)]
    assert standin.requests()[0]["user_agent"].startswith("claude-cli/")


@pytest.mark.clis
@pytest.mark.parametrize("name", ["codex", "claude"])
def test_commands_of_a_prompt_run_in_order(box: Box, standin: Standin, clis: Clis, name: str) -> None:
    prompt = "STANDIN: run echo one >> log\nSTANDIN: run echo two >> log\nSTANDIN: run false"
    assert run(name, box, standin, clis, prompt).code == 0
    assert (box.project / "log").read_text() == "one\ntwo\n"
    assert [request["turn"] for request in standin.requests()] == [0, 1, 2, 3]


@pytest.mark.clis
def test_codex_shell_writes_only_where_it_may_and_knows_its_task(box: Box, standin: Standin, clis: Clis) -> None:
    """What wg relies on: `wg log` from inside the sandbox reaches .wg/db and nothing else of .wg."""
    database = box.project.parent / "graph" / "db"
    database.mkdir(parents=True)
    command = f"touch {database}/in; touch {database.parent}/out; env > env; true"
    roots = f'sandbox_workspace_write.writable_roots=["{database}"]'
    # Without these two all of /tmp is writable in the sandbox, and pytest's directories are there.
    closed = ["exclude_slash_tmp=true", "exclude_tmpdir_env_var=true"]
    options = ["-c", roots] + [part for key in closed for part in ("-c", f"sandbox_workspace_write.{key}")]
    assert codex(box, standin, clis, f"STANDIN: run {command}", *options).code == 0
    assert (database / "in").exists()
    assert not (database.parent / "out").exists()
    env = (box.project / "env").read_text().splitlines()
    assert "WG_TASK_ID=t1" in env
    assert not [line for line in env if line.startswith("STANDIN_KEY=")]


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
    box: Box, standin: Standin, clis: Clis, name: str, case: str, directive: str
) -> None:
    done = run(name, box, standin, clis, f"Make a file.\nSTANDIN: {directive}")
    assert done.code == 1
    golden = (GOLDEN / f"{name}-{case}.jsonl").read_text()
    assert comparable(last_event(done.out)) == comparable(last_event(golden))
    assert not list(box.project.iterdir())
