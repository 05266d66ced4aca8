"""A rehearsal for each test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import Box
from tests.rehearsal import Rehearsal


@pytest.fixture
def rehearsal(box: Box) -> Iterator[Rehearsal]:
    with Rehearsal(box.root / "requests.jsonl", box.env) as started:
        yield started
