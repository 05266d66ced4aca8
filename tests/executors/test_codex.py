"""What the real codex printed, and its command line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from wg.executors.base import AgentSettings, AgentTask
from wg.executors.codex import Codex

OUTPUT = Path(__file__).parent / "output"
NOW = 1790000000.0
TASK = AgentTask("gpt-5.5", "do it", "", "/some/tree", ('/p "quoted" ü/.wg/db',))


def read(case: str) -> str:
    return (OUTPUT / f"codex-{case}.jsonl").read_text()


def test_a_finished_run() -> None:
    report = Codex().read(read("ok"), "", NOW)
    assert (report.finished, report.error) == (True, "")
    assert report.message == "The rehearsal has done what the task asked for."
    assert report.session_id
    assert (report.input_tokens, report.cached_tokens, report.output_tokens) == (200, 40, 20)
    assert report.cost is None


def test_a_command_of_the_agent_that_failed_is_no_failure_of_the_agent() -> None:
    assert Codex().read(read("command-failed"), "", NOW).finished


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("401", "unexpected status 401"),
        ("429", "429 Too Many Requests"),
        ("500", "high demand"),
        ("529", "529"),
        ("model-not-found", "404 Not Found"),
        ("cut", "stream disconnected"),
        ("refused", "Connection failed"),
        ("no-key", "Missing environment variable"),
        ("quota", "Quota exceeded"),
    ],
)
def test_failures(case: str, error: str) -> None:
    report = Codex().read(read(case), "WARNING: could not create PATH aliases\n", NOW)
    assert not report.finished
    assert error in report.error


def test_trouble_on_the_way_is_forgotten_once_the_turn_completes() -> None:
    trouble = '{"type":"error","message":"Reconnecting... 1/5"}\n'
    report = Codex().read(trouble + read("ok"), "", NOW)
    assert (report.finished, report.error) == (True, "")


def test_a_second_turn_that_does_not_complete_is_a_failure() -> None:
    assert not Codex().read(read("ok") + '{"type":"turn.started"}\n', "", NOW).finished


def test_output_cut_before_the_turn_completes_is_a_failure() -> None:
    whole = read("ok")
    assert not Codex().read(whole[: whole.rindex("turn.completed") + 20], "", NOW).finished


def test_the_command_line() -> None:
    settings = AgentSettings("codex", sandbox="workspace-write", network_access=True, extra_args=("-c", "x=1"))
    plan = Codex().plan(TASK, settings)
    assert plan.argv[:5] == ("codex", "exec", "--json", "--skip-git-repo-check", "-C")
    options = " ".join(plan.argv)
    assert "-C /some/tree -m gpt-5.5" in options
    assert "--disable unbounded_connection_retries" in options
    assert "-s workspace-write" in options
    assert "sandbox_workspace_write.network_access=true" in plan.argv
    assert plan.argv[-3:] == ("-c", "x=1", "-")
    assert (plan.cwd, plan.stdin, plan.env) == ("/some/tree", "do it", {})


def test_the_writable_roots_are_toml_whatever_the_path() -> None:
    plan = Codex().plan(TASK, AgentSettings("codex", sandbox="workspace-write"))
    option = next(word for word in plan.argv if "writable_roots" in word)
    assert tomllib.loads(option)["sandbox_workspace_write"]["writable_roots"] == list(TASK.writable)


def test_without_the_workspace_sandbox_nothing_is_opened() -> None:
    plan = Codex().plan(TASK, AgentSettings("codex", sandbox="read-only"))
    assert not [word for word in plan.argv if "sandbox_workspace_write" in word]


def test_read_only_leaves_nothing_writable_but_what_it_is_told() -> None:
    plan = Codex().plan(TASK._replace(read_only=True), AgentSettings("codex", sandbox="danger-full-access"))
    assert "-s" not in plan.argv
    options = [plan.argv[n + 1] for n, each in enumerate(plan.argv) if each == "-c"]
    assert 'default_permissions="wg-read-only"' in options
    (access,) = [each for each in options if each.startswith("permissions.wg-read-only.filesystem=")]
    assert tomllib.loads(access)["permissions"]["wg-read-only"]["filesystem"] == {
        ":root": "read",
        **dict.fromkeys(TASK.writable, "write"),
    }
