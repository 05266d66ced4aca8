"""Reading the JSON lines that agent programs print, trusting nothing in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_LAST_WORDS = 2000  # characters of a message that are worth keeping


def events(text: str) -> Iterator[dict[str, Any]]:
    """Every line of `text` that is a JSON object; other lines, and half a line at the end, are skipped."""
    for line in text.split("\n"):
        if not line.lstrip().startswith("{"):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def text_at(event: dict[str, Any], *keys: str) -> str:
    """The text at that path in an event, or "" where there is none; shortened to what is worth keeping."""
    value = _at(event, keys)
    return value[:_LAST_WORDS] if isinstance(value, str) else ""


def count_at(event: dict[str, Any], *keys: str) -> int:
    """The number of tokens at that path, or 0."""
    value = _at(event, keys)
    return value if type(value) is int and 0 <= value < 2**63 else 0


def cost_at(event: dict[str, Any], *keys: str) -> float | None:
    """The US dollars at that path, or None."""
    value = _at(event, keys)
    if type(value) is int and 0 <= value < 10**9:
        return float(value)
    return value if isinstance(value, float) and 0 <= value < 1e9 else None


def last_line(text: str) -> str:
    """The last line of `text` that is not blank, or ""."""
    stripped = text.rstrip()
    return stripped[stripped.rfind("\n") + 1 :].strip()[:_LAST_WORDS]


def _at(event: dict[str, Any], keys: tuple[str, ...]) -> Any:
    value: Any = event
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
