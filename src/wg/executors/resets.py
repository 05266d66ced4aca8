"""From what a CLI says of a limit to the time at which it ends.

Only sane times are believed: a pause that never ends, or one that is over before it begins, helps nobody.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

LONGEST_SECONDS = 31 * 86400.0

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNIT = "milliseconds?|ms|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[wdhms]"
_PART = rf"\d{{1,9}}(?:\.\d{{1,9}})?\s*(?:{_UNIT})(?![a-z])"
# "try again in 3 hours 12 minutes", "resets in 2d 4h", "retry after 1.5s"
_SPAN = re.compile(rf"\b(?:again|resets?|retry)\s+(?:in|after)\s+({_PART}(?:[\s,]+(?:and\s+)?{_PART})*)", re.IGNORECASE)
_ONE_PART = re.compile(r"([\d.]+)\s*([a-z]+)", re.IGNORECASE)
_HEADER = re.compile(r"\bretry-after:?\s+(\d{1,9})\b", re.IGNORECASE)
_EPOCH = re.compile(r"\|(\d{10})(?:\d{3})?\b")  # "usage limit reached|1762000000", in seconds or milliseconds
_ISO = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s?(Z|UTC|[+-]\d\d:\d\d)?")
_DATE = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?"
_CLOCK = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?:\s?(?P<half>[ap])m)?"
_ZONE = r"(?:\s*\((?P<zone>[\w+\-/]+)\))?"
# "try again at Nov 25th, 2026 3:04 PM", "resets Jan 1, 12am (UTC)", "resets 3pm (Europe/Berlin)", "again at 3:04 PM"
_MOMENT = re.compile(
    rf"\b(?:again|resets?)\s+(?:at\s+|on\s+)?(?:{_DATE}(?:(?:,|\s+at)?\s+{_CLOCK})?|{_CLOCK.replace('P<', 'P<only_')})"
    rf"(?![\d:]){_ZONE}",
    re.IGNORECASE,
)
_JUST_NOW_SECONDS = 120.0  # a time of day without a date that is over by less is not tomorrow's


def sane(at: float, now: float) -> float | None:
    """`at` (seconds since the epoch) if it lies within the 31 days after `now`, else None."""
    return at if now < at < now + LONGEST_SECONDS else None


def reset_time(text: str, now: float) -> float | None:
    """When `text` says that a limit ends, in seconds since the epoch; None if it says nothing that can be believed.

    Times without a zone are the machine's own; one without a date is the next such moment.
    """
    try:
        at = _span(text, now) or _epoch(text) or _iso(text) or _moment(text, now)
    except (ValueError, OverflowError):  # no such day, or beyond what the machine can express
        return None
    return sane(at, now) if at is not None else None


def _epoch(text: str) -> float | None:
    found = _EPOCH.search(text)
    return float(found[1]) if found else None


def _span(text: str, now: float) -> float | None:
    header = _HEADER.search(text)
    if header:
        return now + float(header[1])
    found = _SPAN.search(text)
    if not found:
        return None
    return now + sum(float(number) * _seconds(unit.lower()) for number, unit in _ONE_PART.findall(found[1]))


def _seconds(unit: str) -> float:
    if unit.startswith(("ms", "milli")):
        return 0.001
    return {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}.get(unit[0], 0.0)


def _iso(text: str) -> float | None:
    found = _ISO.search(text)
    if not found:
        return None
    zone = "+00:00" if found[3] in ("Z", "UTC") else found[3] or ""
    return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").timestamp()


def _moment(text: str, now: float) -> float | None:
    found = _MOMENT.search(text)
    if not found:
        return None
    parts = found.groupdict()
    zone = _zone(parts["zone"])
    today = datetime.fromtimestamp(now, zone)
    if parts["month"] is None:
        if parts["only_minute"] is None and parts["only_half"] is None:
            return None  # a bare number is no time of day
        return _next(_at(today, parts["only_hour"], parts["only_minute"], parts["only_half"]), now)
    month = _MONTHS.index(parts["month"][:3].lower()) + 1
    years = [int(parts["year"])] if parts["year"] else [today.year, today.year + 1]
    days = [today.replace(year=year, month=month, day=int(parts["day"])) for year in years]
    moments = [_at(day, parts["hour"], parts["minute"], parts["half"]).timestamp() for day in days]
    return next((each for each in moments if sane(each, now)), None)


def _at(day: datetime, hour: str | None, minute: str | None, half: str | None) -> datetime:
    number = int(hour or 0)
    if half:
        number = number % 12 + (12 if half.lower() == "p" else 0)
    return day.replace(hour=number, minute=int(minute or 0), second=0, microsecond=0)


def _next(moment: datetime, now: float) -> float:
    passed = moment.timestamp() < now - _JUST_NOW_SECONDS
    return (moment + timedelta(days=1)).timestamp() if passed else moment.timestamp()


def _zone(name: str | None) -> tzinfo | None:
    """The named zone; None, which is the machine's own, for no name and for one that is unknown here."""
    if name is None:
        return None
    if name.upper() in ("UTC", "GMT"):
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
