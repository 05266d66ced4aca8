"""Agents that misbehave, and kills at random moments: in the end all is done once, and nothing is left."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.harness import Box
from tests.soak.run import soak

FULL = os.environ.get("WG_TEST_FULL") == "1"
SECONDS, TASKS = (120.0, 300) if FULL else (10.0, 28)
SEED = 20261125


def test_nothing_is_lost_done_twice_or_left(box: Box, figure: Callable[[str], None]) -> None:
    done = soak(box, seconds=SECONDS, tasks=TASKS, seed=SEED)
    figure(f"soak: {done.figures}")
    assert not done.problems, "\n".join((done.figures, *done.problems))
