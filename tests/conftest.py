"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clis import Clis, installed
from tests.harness import Box


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
