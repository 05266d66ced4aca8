"""The options of `wg add` and `wg edit` that set a task's fields, and what their values mean."""

from __future__ import annotations

import argparse
import sys

from wg.errors import UsageError, WgError
from wg.graph.task import LABELS, NORMAL, PRIORITIES, VISIBILITIES
from wg.records import TYPE_CHECKING
from wg.text import parse_duration

if TYPE_CHECKING:
    from typing import Any

    Values = dict[str, Any]

_MOST = 1_000_000  # far above any use, and far below what the store cannot hold
# option -> metavar, help; their texts are checked by the functions below
_TEXTS = {
    "--model": ("PROVIDER:MODEL", "run it on this model, whatever the config says"),
    "--tier": ("NAME", "run it on the model of this tier of the config"),
    "--exec": ("COMMAND", "the task is this shell command; no agent is asked"),
    "--check": ("COMMAND", "a shell command that must succeed before the task is done"),
    "--timeout": ("TIME", "the time limit of one attempt, as in 30m"),
    "--max-attempts": ("N", "how many attempts may fail in a row; else the config's"),
    "--not-before": ("WHEN", "no agent is started on it before this time, as in 2026-05-01T08:30 (local time)"),
    "--delay": ("TIME", "no agent is started on it before this time has passed, as in 2h"),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options; one that is not given is None."""
    parser.add_argument(
        "-d",
        "--description",
        metavar="TEXT",
        help="all that the agent must know; - reads it from stdin",
    )
    parser.add_argument(
        "-p",
        "--priority",
        metavar="PRIORITY",
        help=f"{', '.join(PRIORITIES)}, or a number: the highest starts first",
    )
    for option, (metavar, text) in _TEXTS.items():
        parser.add_argument(option, metavar=metavar, help=text)
    parser.add_argument("--visibility", choices=VISIBILITIES, help="whom it may be shown to")


def values(arguments: argparse.Namespace, now: float) -> Values:
    """The fields of Task that the options name, with their values; "" takes a value away."""
    given = {name: text for name, text in vars(arguments).items() if text is not None}
    found: Values = {name: given[name] for name in ("tier", "exec", "check") if name in given}
    if "description" in given:
        found["description"] = _standard_input() if given["description"] == "-" else given["description"]
    if "model" in given:
        found["model"] = _model(given["model"])
    if "timeout" in given:
        found["timeout"] = _seconds("--timeout", given["timeout"])
    if "priority" in given:
        found["priority"] = priority(given["priority"])
    if "max_attempts" in given:
        found["max_attempts"] = _attempts(given["max_attempts"])
    if given.get("visibility"):
        found["visibility"] = given["visibility"]
    if "not_before" in given or "delay" in given:
        found["not_before"] = _not_before(given.get("not_before", ""), given.get("delay", ""), now)
    return found


def labels(arguments: argparse.Namespace, prefix: str = "") -> tuple[tuple[str, str], ...]:
    """What the repeatable options --tag, --skill and so on name; with a prefix --add-tag and so on."""
    return tuple((kind, value) for kind in LABELS for value in getattr(arguments, f"{prefix}{kind}"))


def priority(text: str) -> int:
    """A priority by its name or number; "" is the normal one."""
    if not text:
        return NORMAL
    if text in PRIORITIES:
        return PRIORITIES[text]
    return _number("--priority", text, f"one of {', '.join(PRIORITIES)}, or a number")


def _attempts(text: str) -> int | None:
    found = _number("--max-attempts", text, "a number from 1 on") if text else None
    if found == 0:
        raise UsageError("--max-attempts 0: without an attempt nothing is done", "a number from 1 on")
    return found


def _number(option: str, text: str, hint: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) and int(text) <= _MOST):
        raise UsageError(f"{option} {text!r} is not a number from 0 to {_MOST}", hint)
    return int(text)


def _model(text: str) -> str:
    """Only the form is checked: the config is not read here."""
    provider, _, model = text.partition(":")
    if text and not (provider and model):
        raise UsageError(f"--model {text!r} is not of the form provider:model", "for example: --model codex:gpt-5.5")
    return text


def _seconds(option: str, text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is not a time span", f"write a number and s, m, h or d: {option} 30m"
        ) from None


def _not_before(moment: str, delay: str, now: float) -> float | None:
    if moment and delay:
        raise UsageError("--not-before and --delay say the same in two ways", "give one of them")
    if delay:
        return now + (_seconds("--delay", delay) or 0.0)
    if not moment:
        return None
    from datetime import datetime  # only where a date is given

    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"--not-before {moment!r} is not a time", "as in 2026-05-01, 2026-05-01T08:30 or 2026-05-01T08:30+02:00"
        ) from None


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise WgError("the description on stdin is not valid UTF-8", "convert it to UTF-8") from None
