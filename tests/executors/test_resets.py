"""Times at which limits end, as programs and providers write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.executors.resets import LONGEST_SECONDS, reset_time

NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times without a zone are the machine's own."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def after(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp() - NOW


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (f"Claude AI usage limit reached|{int(NOW) + 90}", 90.0),
        (f"Claude AI usage limit reached|{int(NOW) + 90}000", 90.0),
        ("Please try again in 1.898s. Visit the page", 1.898),
        ("try again in 20ms", 0.02),
        ("Try again in 3 hours 12 minutes.", 3 * HOUR + 12 * 60),
        ("try again in 2 days, 3 hours and 5 minutes", 2 * DAY + 3 * HOUR + 300),
        ("resets in 2d 4h", 2 * DAY + 4 * HOUR),
        ("retry after 30 seconds", 30.0),
        ("Retry-After: 30", 30.0),
        ("Try again at Nov 25th, 2026 3:04 PM.", after(25, 15, 4)),
        ("try again at 3:04 PM.", after(25, 15, 4)),
        ("try again at 9:00 AM.", after(26, 9)),
        ("resets 12am (UTC)", after(26)),
        ("resets 5pm (Europe/Berlin)", after(25, 16)),
        ("resets Nov 26 at 3pm (America/New_York)", after(26, 20)),
        ("resets Dec 1, 2026, 12am (UTC)", after(1, month=12)),
        ("try again at Dec 1st", after(1, month=12)),
        ("it resets at 2026-11-25T18:00:00Z", after(25, 18)),
        ("it resets at 2026-11-25 18:00:00+02:00", after(25, 16)),
    ],
)
def test_times_as_they_are_written(text: str, seconds: float) -> None:
    found = reset_time(text, NOW)
    assert found is not None
    assert found == pytest.approx(NOW + seconds, abs=1e-3)


def test_the_turn_of_the_year() -> None:
    eve = datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp()
    assert reset_time("resets Jan 1, 12am", eve) == eve + HOUR


@pytest.mark.parametrize(
    "text",
    [
        "",
        "try again later",
        "try again 5 times",
        "resets 3",
        "We run again in a model of 7 billion",
        "usage limit reached|1262304000",  # long ago
        "usage limit reached|9999999999",
        "try again at Jan 1st, 2100 12:00 AM.",
        "try again in 40 days",
        "try again in 999999999 weeks",
        "try again at 25:99 PM",
        "resets Feb 30th",
        "try again at 2:29 PM",  # it has just passed, and is not tomorrow's
        "try again in 0 seconds",
        "2026-99-99T00:00:00Z",
    ],
)
def test_what_cannot_be_believed_is_no_time(text: str) -> None:
    assert reset_time(text, NOW) is None


WORDS = [
    "try again",
    "at",
    "in",
    "resets",
    "Nov 31st",
    "12am",
    "|1790000000",
    "(Europe/Nowhere)",
    "(UTC)",
    "3:04 PM",
    ",",
]


@given(st.lists(st.sampled_from(WORDS) | st.integers(0, 10**12).map(str) | st.text(max_size=5), max_size=8))
def test_whatever_is_said_the_time_is_sane(words: list[str]) -> None:
    found = reset_time(" ".join(words), NOW)
    assert found is None or NOW < found < NOW + LONGEST_SECONDS
