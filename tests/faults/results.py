"""Collects what this run's tests say of each row of the fault matrix, and writes or checks docs/faults.md by it.

A plugin of pytest, because with xdist the reports of all workers arrive at the controller alone. It does nothing
unless WG_FAULTS_DOC is set: `write` writes the document (scripts/faults), `check` fails the run if it differs.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

import pytest

from tests.faults.matrix import MATRIX, Row

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"
HERE = "tests/faults/"
_NAME = re.compile(rf"{re.escape(HERE)}(?:\w+/)*(\w+\.py)::(test_(F\d\d)_\w+)")
_HEAD = """\
# Fault matrix

<!-- Written by scripts/faults from a run of tests/faults; CI fails where it differs. Edit tests/faults/matrix.py. -->

Every row is a failure that users of systems like this one have really reported. Each has tests that are named after
it, on real processes, real git and a real database. This file is written by a run of them, and its results are that
run's. {count}

| # | fault | result |
| --- | --- | --- |
"""


class Results:
    """The outcomes of this run, by row and test."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[tuple[str, str], set[str]]] = {number: {} for number in MATRIX}
        self._said: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = _NAME.match(report.nodeid)
        if found and (report.when == "call" or report.outcome != "passed"):
            file, test, number = found.groups()
            self._outcomes[number].setdefault((file, test), set()).add(report.outcome)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        wanted = self.document()
        if os.environ["WG_FAULTS_DOC"] == "write":
            DOCUMENT.write_text(wanted)
            self._said = [f"wrote docs/{DOCUMENT.name}"]
            return
        present = DOCUMENT.read_text() if DOCUMENT.exists() else ""
        self._said = list(
            difflib.unified_diff(present.splitlines(), wanted.splitlines(), "docs/faults.md", "this run", lineterm="")
        )
        if self._said:
            self._said.append("docs/faults.md is not what this run shows; write it anew with: scripts/faults")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            terminalreporter.section("fault matrix")
            for line in self._said:
                terminalreporter.line(line)

    def document(self) -> str:
        """docs/faults.md as this run has it."""
        results = {number: self._result(number, row) for number, row in MATRIX.items()}
        held = sum(result.startswith("holds") for result in results.values())
        parts = [_HEAD.format(count=f"{held} of {len(MATRIX)} rows hold.")]
        parts += [f"| {number} | {row.fault} | {results[number]} |\n" for number, row in MATRIX.items()]
        parts += [self._section(number, row, results[number]) for number, row in MATRIX.items()]
        return "".join(parts)

    def _result(self, number: str, row: Row) -> str:
        outcomes = self._outcomes[number]
        unbuilt = f"not built yet: {row.unbuilt}" if row.unbuilt else ""
        if not outcomes:
            return unbuilt or "**no test**"
        said = set().union(*outcomes.values())
        if "failed" in said:
            return "**fails**"
        if "skipped" in said:
            return "**not shown: tests were skipped**"
        return f"holds; {unbuilt}" if unbuilt else "holds"

    def _section(self, number: str, row: Row, result: str) -> str:
        lines = [f"\n## {number}: {row.fault}\n", f"What must hold: {row.must_hold}.\n", f"Result: {result}.\n"]
        if row.note:
            lines.append(f"Note: {row.note}.\n")
        if self._outcomes[number]:
            lines.append("".join(f"- `{file}`: {_words(test)}\n" for file, test in sorted(self._outcomes[number])))
        return "\n".join(lines)


def _words(test: str) -> str:
    """`test_F02_a_killed_dispatcher` says: a killed dispatcher."""
    return test.split("_", 2)[2].replace("_", " ")


def pytest_configure(config: pytest.Config) -> None:
    mode = os.environ.get("WG_FAULTS_DOC", "")
    if mode not in ("", "check", "write"):
        raise pytest.UsageError(f"WG_FAULTS_DOC is check or write, not {mode}")
    if mode and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(), "faults")
