"""Times as text: RFC 3339 in UTC, from which exactly the stored number comes back."""

from __future__ import annotations

from datetime import UTC, datetime

_END = 253402300800.0  # the year 10000
_EPOCH = datetime.fromtimestamp(0, UTC)
_SECONDS = len("2026-01-31T08:30:00")
_MOST_DIGITS = 40


def written(moment: float) -> str | float:
    """Seconds since the epoch as text with at least microseconds; what has no such text stays a number.

    The digits behind the point are those of the shortest decimal that means this float, so nothing is rounded.
    """
    whole, _, digits = repr(moment).partition(".")
    if not 0 <= moment < _END or not (whole + digits).isdigit():
        return moment
    return f"{datetime.fromtimestamp(int(whole), UTC).isoformat()[:_SECONDS]}.{digits:0<6}Z"


def read(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 text, with any number of digits and any zone. Raises ValueError."""
    if not text.isascii() or text[10:11] not in ("T", "t", " ") or len(text) <= _SECONDS:
        raise ValueError(f"{text!r} is not a time as in 2026-01-31T08:30:00Z")
    rest, digits = text[_SECONDS:], ""
    if rest.startswith("."):
        zone = rest[1:].lstrip("0123456789")
        digits, rest = rest[1 : len(rest) - len(zone)], zone
        if not digits.isdigit() or len(digits) > _MOST_DIGITS:
            raise ValueError(f"{text!r} is not a time: its fraction of a second is no number")
    try:
        moment = datetime.fromisoformat(text[:10] + "T" + text[11:_SECONDS] + rest.replace("z", "Z"))
        seconds = round((moment - _EPOCH).total_seconds())
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"{text!r} is not a time as in 2026-01-31T08:30:00Z") from None
    return float(f"{seconds}.{digits or 0}") if seconds >= 0 else seconds + float(f"0.{digits or 0}")
