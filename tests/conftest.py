"""Fixtures that every test may use."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.clis import Clis, installed
from tests.harness import Box

pytest_plugins = ["tests.faults.results"]

# a machine that stands still for a while is not a fault of what generates the cases
settings.register_profile("wg", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wg")

# a shell lets what it starts in the background ignore Ctrl-C, and everything that is started from there inherits it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first, so that in the end no worker is left alone with one of them."""
    items.sort(key=lambda item: "/soak/" not in str(item.path))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A fresh home and project directory; the test fails if it leaves a process behind."""
    made = Box(tmp_path)
    yield made
    left = made.close()
    assert not left, f"processes left behind: {left}"


@pytest.fixture
def clis() -> Clis:
    """The real codex and claude; without them the test is skipped, and counted as such."""
    found = installed()
    if found is None:
        pytest.skip("the real codex and claude are not installed: scripts/install-clis")
    return found


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says a figure that the run's summary repeats: how many swaps, reads or kills there really were."""
    return lambda text: record_property("figure", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of all tests, also of those that ran in other processes."""
    reports = terminalreporter.getreports("passed")
    figures = sorted(str(value) for report in reports for name, value in report.user_properties if name == "figure")
    if figures:
        terminalreporter.section("figures")
        for text in figures:
            terminalreporter.line(text)
