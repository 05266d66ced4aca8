"""What is read of a nex that ended without its last event."""

from __future__ import annotations

import pytest

from wg.executors.nex import Nex


@pytest.mark.parametrize(
    ("stderr", "error"),
    [
        ("wg: error: internal error: ValueError: oh\nhint: WG_DEBUG=1 shows where; please report it\n", "oh"),
        ("a warning\nKilled\n", "Killed"),
        ("", "nex ended without its last event"),
    ],
)
def test_the_reason_is_the_error_and_not_its_hint(stderr: str, error: str) -> None:
    reading = Nex().read("", stderr, 0.0)
    assert reading.error.endswith(error)
    assert (reading.finished, reading.failure) == (False, "crash")
