"""A shell command as the agent."""

from __future__ import annotations

from wg.executors.base import AgentSettings, AgentTask
from wg.executors.shell import Shell


def test_the_command_goes_to_the_shell_as_it_is() -> None:
    plan = Shell().plan(AgentTask("", "", "echo 'a' > b; false", "/p", ()), AgentSettings(""))
    assert plan.argv == ("/bin/sh", "-c", "echo 'a' > b; false")
    assert (plan.cwd, plan.stdin, plan.env) == ("/p", "", {})


def test_its_exit_code_is_all_that_counts() -> None:
    report = Shell().read("one\ntwo\n", "warning\n", 1e9)
    assert (report.finished, report.message, report.error) == (True, "two", "warning")
