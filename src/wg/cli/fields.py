"""The options of `wg add` and `wg edit` that set a task's fields, and what their values mean."""

from __future__ import annotations

from wg.cli.arguments import Parser
from wg.cli.streams import text_from_input
from wg.errors import UsageError
from wg.graph.task import CONTEXTS, DIRECTORY, EXECUTORS, LABELS, NORMAL, PRIORITIES, READ_ONLY, VISIBILITIES
from wg.records import TYPE_CHECKING
from wg.text import parse_duration

if TYPE_CHECKING:
    import argparse
    from typing import Any

    Values = dict[str, Any]

_AS_GIVEN = ("tier", "exec", "check", "workplace", "approval")
ARTICLES = {kind: f"{'an' if kind == 'artifact' else 'a'} {kind}" for kind in LABELS}
_MOST = 1_000_000  # far above any use, and far below what the store cannot hold
# option -> metavar, help; their texts are checked by the functions below
_TEXTS = {
    "--model": ("PROVIDER:MODEL", "run it on this model, whatever the config says"),
    "--tier": ("TIER", "run it on the model of this tier of the config"),
    "--executor": ("AGENT", f"only on this kind of agent: {', '.join(EXECUTORS)}"),
    "--context": ("CONTEXT", f"how much its prompt tells of the graph: {', '.join(CONTEXTS)}; else the config's"),
    "--exec": ("COMMAND", "the task is this shell command; no agent is asked"),
    "--check": ("COMMAND", "a shell command that must succeed before the task is done"),
    "--timeout": ("TIME", "the time limit of one attempt, as in 30m"),
    "--max-attempts": ("N", "how many attempts may fail in a row; else the config's"),
    "--not-before": ("WHEN", "no agent is started on it before this time, as in 2026-05-01T08:30 (local time)"),
    "--delay": ("TIME", "no agent is started on it before this time has passed, as in 2h"),
}


def add_options(parser: Parser, *, edited: bool = False) -> None:
    """The options; one that is not given is None. Those without a value can be taken back where a task is edited."""
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
    place = parser.add_mutually_exclusive_group()
    for option, value, text in (
        ("--no-worktree", DIRECTORY, "its agent works in the project directory itself"),
        ("--read-only", READ_ONLY, "its agent only looks: what it changes is not taken"),
        *([("--worktree", "", "its agent has a worktree, as usual")] if edited else []),
    ):
        place.add_argument(option, dest="workplace", action="store_const", const=value, help=text)
    approval = parser.add_mutually_exclusive_group()
    approval.add_argument(
        "--approval", action="store_true", default=None, help="a person must approve what was done before it is merged"
    )
    if edited:
        approval.add_argument("--no-approval", dest="approval", action="store_false", help="nobody must approve it")


def values(arguments: argparse.Namespace, now: float) -> Values:
    """The fields of Task that the options name, with their values; "" takes a value away."""
    given = {name: text for name, text in vars(arguments).items() if text is not None}
    found: Values = {name: given[name] for name in _AS_GIVEN if name in given}
    if "description" in given:
        given_text = given["description"]
        found["description"] = text_from_input("the description") if given_text == "-" else given_text
    if "model" in given:
        found["model"] = _model(given["model"])
    for name, known in (("executor", EXECUTORS), ("context", CONTEXTS)):
        if name in given:
            found[name] = _one_of(f"--{name}", given[name], known)
    if "timeout" in given:
        found["timeout"] = seconds("--timeout", given["timeout"])
    if "priority" in given:
        found["priority"] = priority(given["priority"])
    if "max_attempts" in given:
        found["max_attempts"] = count("--max-attempts", given["max_attempts"]) if given["max_attempts"] else None
    if given.get("visibility"):
        found["visibility"] = given["visibility"]
    if "not_before" in given or "delay" in given:
        found["not_before"] = _not_before(given.get("not_before", ""), given.get("delay", ""), now)
    return found


def labels(arguments: argparse.Namespace, prefix: str = "") -> tuple[tuple[str, str], ...]:
    """What the repeatable options --tag, --skill and so on name; with a prefix --add-tag and so on."""
    return tuple((kind, value) for kind in LABELS for value in getattr(arguments, f"{prefix}{kind}"))


def require_runnable(command: str, executor: str, model: str) -> None:
    """UsageError if a task's --exec, --executor and --model, all of which may be "", cannot go together."""
    if not executor:
        return
    if command:
        raise UsageError("a task that is a command (--exec) runs on no agent", "give --executor or --exec, not both")
    if model:
        from wg.config.schema import PROVIDERS  # only where both are given

        runs_on = PROVIDERS.get(model.partition(":")[0], executor)  # the resolver speaks of unknown providers
        if runs_on != executor:
            raise UsageError(
                f"--model {model} runs on {runs_on}, and --executor asks for {executor}",
                "--executor alone takes the config's model for it; --model alone says the agent, too",
            )


def priority(text: str) -> int:
    """A priority by its name or number; "" is the normal one."""
    if not text:
        return NORMAL
    if text in PRIORITIES:
        return PRIORITIES[text]
    return _number("--priority", text, f"one of {', '.join(PRIORITIES)}, or a number")


def count(option: str, text: str) -> int:
    """A number from 1 on."""
    found = _number(option, text, "a number from 1 on")
    if found == 0:
        raise UsageError(f"{option} 0: nothing would be done", "a number from 1 on")
    return found


def _one_of(option: str, text: str, known: tuple[str, ...]) -> str:
    if text and text not in known:
        raise UsageError(f"{option} {text!r} is none of {', '.join(known)}", f"for example: {option} {known[0]}")
    return text


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


def seconds(option: str, text: str) -> float | None:
    """The seconds of a time span as in 30m; None for ""."""
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
        return now + (seconds("--delay", delay) or 0.0)
    if not moment:
        return None
    from datetime import datetime  # only where a date is given

    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"--not-before {moment!r} is not a time", "as in 2026-05-01, 2026-05-01T08:30 or 2026-05-01T08:30+02:00"
        ) from None
