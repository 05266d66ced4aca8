"""What the real claude printed, and its command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from wg.executors.base import AgentSettings, AgentTask
from wg.executors.claude import Claude

OUTPUT = Path(__file__).parent / "output"
NOW = 1790000000.0
TASK = AgentTask("opus", "do it", "", "/some/tree", ("/p/.wg/db",))


def read(case: str) -> str:
    return (OUTPUT / f"claude-{case}.jsonl").read_text()


def test_a_finished_run() -> None:
    report = Claude().read(read("ok"), "", NOW)
    assert (report.finished, report.error) == (True, "")
    assert report.message == "The rehearsal has done what the task asked for."
    assert report.session_id
    assert report.cost is not None and report.cost > 0
    assert 0 < report.cached_tokens < report.input_tokens
    assert report.output_tokens > 0


def test_a_command_of_the_agent_that_failed_is_no_failure_of_the_agent() -> None:
    assert Claude().read(read("command-failed"), "", NOW).finished


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("401", "Failed to authenticate"),
        ("429", "429"),
        ("500", "500"),
        ("529", "529"),
        ("model-not-found", "model"),
        ("cut", "connection to the API was lost"),
        ("refused", "ConnectionRefused"),
        ("not-logged-in", "Not logged in"),
        ("usage-limit", "hit your session limit"),
        ("interrupted", "error_during_execution"),
        ("permission-denied", "denied tools: Bash"),
    ],
)
def test_failures_whatever_the_exit_code(case: str, error: str) -> None:
    report = Claude().read(read(case), "", NOW)
    assert not report.finished
    assert error.lower() in report.error.lower()


def test_no_output_at_all_is_a_failure_with_what_stderr_says() -> None:
    report = Claude().read("", "first\ncannot be used with root/sudo privileges\n\n", NOW)
    assert (report.finished, report.error) == (False, "cannot be used with root/sudo privileges")


def test_output_cut_before_the_result_is_a_failure() -> None:
    whole = read("ok")
    cut = whole[: whole.rindex('"result"')]
    report = Claude().read(cut, "", NOW)
    assert not report.finished
    assert report.session_id, "it is known from the first line on"


def test_the_command_line() -> None:
    settings = AgentSettings("claude", permission_mode="acceptEdits", max_retries=3, extra_args=("--max-turns", "9"))
    plan = Claude().plan(TASK, settings)
    assert plan.argv == (
        *("claude", "-p", "--output-format", "stream-json", "--verbose", "--model", "opus"),
        *("--permission-mode", "acceptEdits", "--max-turns", "9"),
    )
    assert plan.env == {"CLAUDE_CODE_MAX_RETRIES": "3"}
    assert (plan.cwd, plan.stdin) == ("/some/tree", "do it")


def test_the_sandbox_is_assumed_only_if_the_config_says_so() -> None:
    plan = Claude().plan(TASK, AgentSettings("claude", assume_sandbox=True))
    assert plan.env["IS_SANDBOX"] == "1"


def test_read_only_takes_its_writing_tools_away() -> None:
    argv = Claude().plan(TASK._replace(read_only=True), AgentSettings("claude")).argv
    assert argv[argv.index("--disallowedTools") + 1] == "Edit,Write,NotebookEdit,MultiEdit"
    assert "--disallowedTools" not in Claude().plan(TASK, AgentSettings("claude")).argv
