"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A fresh home and project directory; the test fails if it leaves a process behind."""
    made = Box(tmp_path)
    yield made
    left = made.close()
    assert not left, f"processes left behind: {left}"
