"""Agents at work, and attempts that are over, for people."""

from __future__ import annotations

import time

from wg.dispatch.standing import standing
from wg.graph.attempt import Attempt, Usage
from wg.graph.events import agent
from wg.records import TYPE_CHECKING
from wg.text import duration, printable
from wg.views.table import table

if TYPE_CHECKING:
    from wg.dispatch.agents import Glimpse

_SILENCE_SECONDS = 60.0  # below that nobody would call it silent
_LAST_LINE = 110  # characters


def agent_lines(glimpses: list[Glimpse]) -> list[str]:
    """A table, and under each agent what it last said, or came to."""
    headings = ("AGENT", "TASK", "STATE", "EXECUTOR", "MODEL", "PROFILE", "TIME", "TOKENS", "COST")
    heading, *rows = table(headings, [_agent_row(each) for each in glimpses])
    lines = [heading]
    for row, each in zip(rows, glimpses, strict=True):
        lines.append(row)
        if each.last_line:
            lines.append(f"    {_cut(printable(each.last_line))}")
        if each.silent is not None and each.silent >= _SILENCE_SECONDS:
            lines.append(f"    silent for {duration(each.silent)}")
    return lines


def attempt_lines(attempts: list[Attempt], now: float) -> list[str]:
    """The attempts of one task in a table."""
    headings = ("AGENT", "STATE", "EXECUTOR", "MODEL", "PROFILE", "STARTED", "TIME", "TOKENS", "COST", "OUTCOME")
    return table(headings, [_attempt_row(each, now) for each in attempts])


def ending_line(attempt: Attempt) -> str:
    """How an attempt ended, in one line."""
    name = f"{agent(attempt.fence)} of {attempt.task_id}"
    outcome = attempt.outcome
    if outcome is None:
        what = attempt.verdict or "its supervisor is gone; a dispatcher finds out how it ended (wg service start)"
        return printable(f"[{name}: {what}]")
    spent = duration(max(0.0, outcome.ended_at - attempt.claimed_at))
    how = "without error" if outcome.succeeded else _first_line(outcome.message) or outcome.failure_class
    verdict = f"; {attempt.verdict}" if attempt.verdict and attempt.verdict != how else ""
    return printable(f"[{name} has ended after {spent}: {how}{verdict}]")


def _agent_row(each: Glimpse) -> tuple[str, ...]:
    attempt = each.attempt
    route = attempt.route
    tokens, cost = _tokens(each.usage, final=each.usage_is_final), _cost(each.usage)
    return (
        *(agent(attempt.fence), attempt.task_id, standing(attempt), route.executor, route.model, route.profile),
        *(duration(each.seconds), tokens, cost),
    )


def _attempt_row(attempt: Attempt, now: float) -> tuple[str, ...]:
    route, outcome = attempt.route, attempt.outcome
    spent = duration(max(0.0, (outcome.ended_at if outcome else now) - attempt.claimed_at))
    usage = outcome.usage if outcome else None
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(attempt.claimed_at))
    came_to = _cut(_first_line(attempt.verdict or (outcome.message if outcome else "")))
    return (
        *(agent(attempt.fence), standing(attempt), route.executor, route.model, route.profile),
        *(started, spent, _tokens(usage, final=True), _cost(usage), came_to),
    )


def _tokens(usage: Usage | None, *, final: bool) -> str:
    if usage is None or not (usage.input_tokens or usage.output_tokens):
        return ""
    received = f" {usage.output_tokens} out" if usage.output_tokens else ""
    return f"{'' if final else '≥'}{usage.input_tokens} in{received}"


def _cost(usage: Usage | None) -> str:
    return "" if usage is None or usage.cost is None else f"${usage.cost:.4f}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _cut(text: str) -> str:
    return text if len(text) <= _LAST_LINE else f"{text[: _LAST_LINE - 1]}…"
