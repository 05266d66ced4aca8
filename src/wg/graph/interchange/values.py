"""What may stand in a field: each function returns the value as it is stored, or raises ValueError saying why not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from wg.errors import WgError
from wg.graph import ids, texts
from wg.graph.interchange import times

Check = Callable[[Any], Any]
LARGEST = 1_000_000  # of counts and priorities
_LONGEST_TIME = 1e12  # seconds


def refused(error: WgError) -> ValueError:
    """A text's refusal, for a line of a file."""
    return ValueError(error.message)


def text(value: object) -> str:
    """Text that can be stored."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    try:
        texts.require_text(value, "the text")
    except WgError as error:
        raise refused(error) from None
    return value


def title(value: object) -> str:
    """One line of printable text."""
    try:
        texts.require_title(text(value))
    except WgError as error:
        raise refused(error) from None
    return str(value)


def task_id(value: object) -> str:
    """An id."""
    try:
        ids.require_id(text(value))
    except WgError as error:
        raise refused(error) from None
    return str(value)


def model(value: object) -> str:
    """provider:model."""
    provider, _, name = text(value).partition(":")
    if not provider or not name:
        raise ValueError(f"{value!r} is not of the form provider:model")
    return str(value)


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def count(value: object) -> int:
    """A whole number from 0 to LARGEST."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(f"must be a whole number from 0 to {LARGEST}")
    return value


def positive(value: object) -> int:
    """A whole number from 1 to LARGEST."""
    found = count(value)
    if not found:
        raise ValueError("must be at least 1")
    return found


def seconds(value: object) -> float:
    """A span of time, in seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST_TIME:
        raise ValueError("must be a number of seconds")
    return float(value)


def moment(value: object) -> float:
    """A time, as RFC 3339 or in seconds since the epoch; in the latter."""
    if isinstance(value, str):
        return times.read(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("must be a time as in 2026-01-31T08:30:00Z")
    return float(value)


def one_of(*allowed: str) -> Check:
    """A check for one of these words."""

    def check(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return check


def list_of(check: Check) -> Check:
    """A check for a list of what `check` lets through."""

    def check_all(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return tuple(check(each) for each in value)

    return check_all


def label(kind: str) -> Check:
    """A check for a label of this kind (one of LABELS)."""

    def check(value: object) -> str:
        try:
            texts.require_label(kind, text(value))
        except WgError as error:
            raise refused(error) from None
        return str(value)

    return check


def fields(value: object, checks: dict[str, Check], required: tuple[str, ...]) -> dict[str, Any]:
    """An object within a line: only these fields, those that are `required` in any case."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    for name in required:
        if name not in value:
            raise ValueError(f"lacks {name}")
    found = {}
    for name, given in value.items():
        if name not in checks:
            raise ValueError(f"has an unknown field {name!r}")
        try:
            found[name] = checks[name](given)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return found
