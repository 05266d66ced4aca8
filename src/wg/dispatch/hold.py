"""What an attempt's end may come to besides a settlement: it is held."""

from __future__ import annotations

from wg.records import NamedTuple


class Hold(NamedTuple):
    """The work is there, and something that a person or time must clear stands in the way."""

    reason: str
    kind: str = ""  # one of attempt.HOLDS, or "" for trouble that is none of these
