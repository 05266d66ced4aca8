"""Reading the JSON lines that agent programs print, trusting nothing in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_LAST_WORDS = 2000  # characters of a message that are worth keeping
_OUTPUT_LINES = 20  # of what a tool printed


def events(text: str) -> Iterator[dict[str, Any]]:
    """Every line of `text` that is a JSON object; other lines, and half a line at the end, are skipped."""
    for line in text.split("\n"):
        event = event_in(line)
        if event is not None:
            yield event


def event_in(line: str) -> dict[str, Any] | None:
    """The JSON object that `line` is, or None."""
    if not is_event(line):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_event(line: str) -> bool:
    """Whether `line` is, or begins, an event, and is no message to people."""
    return line.lstrip().startswith("{")


def text_at(event: dict[str, Any], *keys: str) -> str:
    """The text at that path in an event, or "" where there is none; shortened to what is worth keeping."""
    value = _at(event, keys)
    return value[:_LAST_WORDS] if isinstance(value, str) else ""


def dicts_at(event: dict[str, Any], *keys: str) -> list[dict[str, Any]]:
    """The objects in the list at that path; none where there is no list."""
    value = _at(event, keys)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def indented(text: str) -> str:
    """What a tool printed, set in under the call; the beginning of much, because its end is rarely worth the space."""
    lines = text.strip("\n").split("\n")
    shown = lines[:_OUTPUT_LINES]
    if len(lines) > _OUTPUT_LINES:
        shown.append(f"… {len(lines) - _OUTPUT_LINES} more lines")
    return "\n".join(f"  {line}" for line in shown) if text.strip() else ""


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
