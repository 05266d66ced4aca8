"""Agents and attempts in words."""

from __future__ import annotations

from tests.graph.records import OUTCOME, PLACE, PROCESS, ROUTE
from wg.dispatch.agents import Glimpse
from wg.graph.attempt import Attempt, Usage
from wg.views.agents import agent_lines, attempt_lines, ending_line
from wg.views.table import table

RUNNING = Attempt(7, "t", "running", ROUTE, PLACE, PROCESS, 60.0, 100.0, 160.0, "", "", None, "")
ENDED = RUNNING._replace(state="settled", outcome=OUTCOME, verdict="merged into main")


def test_a_table_has_no_empty_columns_and_nothing_that_drives_a_terminal() -> None:
    assert table(("A", "B", "C"), [("long", "", "\x1b[1m"), ("x", "", "c")]) == ["A     C", "long  \\x1b[1m", "x     c"]
    assert table(("A",), []) == [""]


def test_an_agent_and_its_last_words() -> None:
    glimpse = Glimpse(RUNNING, 725.0, Usage(160, 0, 20), False, "pytest\t" + "x" * 200, 61.0)
    heading, row, said, silent = agent_lines([glimpse])
    assert heading.split() == ["AGENT", "TASK", "STATE", "EXECUTOR", "MODEL", "PROFILE", "TIME", "TOKENS"]
    assert row.split("  ")[-2:] == ["12m 05s", "≥160 in 20 out"]
    assert said.startswith("    pytest\\txxx") and len(said) == 114 and said.endswith("…")
    assert silent == "    silent for 1m 01s"


def test_what_it_has_used_is_exact_once_it_has_ended() -> None:
    row = agent_lines([Glimpse(ENDED, 30.0, OUTCOME.usage, True, "", None)])[1]
    assert row.endswith("30s   10 in 2 out  $0.2500")


def test_the_outcome_of_an_attempt_is_one_line() -> None:
    (_, row) = attempt_lines([ENDED._replace(verdict="exit code 1\nmore")], 200.0)
    assert row.endswith("exit code 1")


def test_how_it_ended() -> None:
    assert ending_line(ENDED) == "[agent-7 of t has ended after 30s: without error; merged into main]"
    failed = OUTCOME._replace(succeeded=False, message="exit code 1: \x1b[31mno\nmore")
    line = ending_line(ENDED._replace(outcome=failed, verdict=""))
    assert line == "[agent-7 of t has ended after 30s: exit code 1: \\x1b[31mno]"
    assert "its supervisor is gone" in ending_line(RUNNING)
