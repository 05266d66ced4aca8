"""Times as text: exactly the stored number comes back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.graph.interchange import times


@given(st.floats(min_value=1e-3, max_value=253402300799.0) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back(moment: float) -> None:
    text = times.written(moment)
    back = times.read(text) if isinstance(text, str) else text
    assert (back, math.copysign(1, back)) == (moment, math.copysign(1, moment))
    assert isinstance(text, str) or not 1e-3 <= moment < 253402300800.0


@given(st.floats(min_value=1.0e9, max_value=4.0e9))
def test_there_are_microseconds_at_least(moment: float) -> None:
    text = times.written(moment)
    assert isinstance(text, str)
    assert text.endswith("Z") and len(text.rpartition(".")[2]) >= 7


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T08:30:00Z", 1769848200.0),
        ("2026-01-31T08:30:00.5Z", 1769848200.5),
        ("2026-01-31t08:30:00.123456789+00:00", 1769848200.123456789),
        ("2026-01-31T10:30:00.250+02:00", 1769848200.25),
        ("1969-12-31T23:59:58.500000Z", -1.5),
    ],
)
def test_what_others_write_is_read(text: str, moment: float) -> None:
    assert times.read(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-01-31", "2026-01-31T08:30:00", "2026-01-31T08:30:00.Z", "2026-01-31T08:30:00.5"),
        *("2026-13-31T08:30:00Z", "2026-01-31T08:61:00Z", "2026-01-31T08:30:00.1e5Z", "2026-01-31T08:30:00Zx"),
        *("\uff12026-01-31T08:30:00Z", "2026-01-31T08:30:00." + "1" * 50 + "Z", "0001-01-01T00:00:00+23:59x"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        times.read(text)
