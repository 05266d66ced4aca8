"""The claude CLI: its command line, and what its stream-json output says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wg.executors import failures, resets
from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import (
    cost_at,
    count_at,
    dicts_at,
    event_in,
    events,
    indented,
    is_event,
    last_line,
    text_at,
)
from wg.graph.attempt import Usage

# what of a tool's input names what it works on, the first that is there
_SUBJECTS = ("command", "file_path", "path", "pattern", "query", "url", "description")

# the `error` of the event in which it speaks itself, instead of the model (REAL-CLIS.md, section 3)
_NAMES = {
    "authentication_failed": failures.AUTH,
    "oauth_org_not_allowed": failures.AUTH,
    "billing_error": failures.QUOTA,
    "rate_limit": failures.RATE_LIMIT,
    "model_not_found": failures.MODEL_NOT_FOUND,
}
# what it says of an account's limit: "You've hit your session limit", "Claude AI usage limit reached|1762000000"
_LIMIT = re.compile(r"hit your [\w ]{0,30}limit|usage limit reached|credit balance is too low", re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"unable to connect|connection (to the API was lost|error)|request timed out|empty or malformed response|ECONN",
    re.IGNORECASE,
)

# what is left to a read-only task is its shell, which it needs for looking and reporting
_WRITING_TOOLS = ("Edit", "Write", "NotebookEdit", "MultiEdit")


class Claude:
    """`claude -p` with the prompt on stdin."""

    name = "claude"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """As measured in REAL-CLIS.md, section 3; without --verbose stream-json is refused."""
        argv = [settings.program, "-p", "--output-format", "stream-json", "--verbose", "--model", task.model]
        if settings.permission_mode:
            argv += ["--permission-mode", settings.permission_mode]
        if task.read_only:
            argv += ["--disallowedTools", ",".join(_WRITING_TOOLS)]
        env = {"CLAUDE_CODE_MAX_RETRIES": str(settings.max_retries)}
        if settings.assume_sandbox:
            env["IS_SANDBOX"] = "1"
        return LaunchPlan((*argv, *settings.extra_args), env, task.directory, task.prompt)

    def read(self, stdout: str, stderr: str, now: float) -> Reading:
        """Success is a `result` event without error and without denied tools; its subtype lies (REAL-CLIS.md)."""
        result: dict[str, Any] = {}
        trouble: dict[str, Any] = {}
        session = ""
        limit_ends: float | None = None
        for event in events(stdout):
            session = text_at(event, "session_id") or session
            kind = event.get("type")
            if kind == "result":
                result = event
            elif kind == "assistant":
                trouble = event if text_at(event, "error") else {}
            elif kind == "rate_limit_event":
                limit_ends = _limit_end(event)
        error = _error(result, stderr)
        failure, resets_at = _failure(result, trouble, limit_ends, now) if error else ("", None)
        cached = count_at(result, "usage", "cache_read_input_tokens")
        written = count_at(result, "usage", "cache_creation_input_tokens")
        return Reading(
            finished=not error,
            error=error,
            message=text_at(result, "result"),
            session_id=session,
            input_tokens=count_at(result, "usage", "input_tokens") + cached + written,
            cached_tokens=cached,
            output_tokens=count_at(result, "usage", "output_tokens"),
            cost=cost_at(result, "total_cost_usd"),
            failure=failure,
            resets_at=resets_at,
        )

    def readable(self, line: str) -> str:
        """What it says, the tools it calls, what those print, and how it ends."""
        event = event_in(line)
        if event is None:
            return "" if is_event(line) else line
        kind = text_at(event, "type")
        if kind == "assistant":
            return _blocks(event, _said)
        if kind == "user":
            return _blocks(event, _answered)
        if kind == "result":
            return _ended(event)
        return _noted(event) if kind == "system" else ""

    def used(self, stdout: str) -> Usage | None:
        """A message's input is told in each of its events; its output only in the end, so here it is left out."""
        messages = {text_at(event, "message", "id"): event for event in events(stdout) if _has_usage(event)}
        if not messages:
            return None
        cached = sum(count_at(event, "message", "usage", "cache_read_input_tokens") for event in messages.values())
        written = sum(count_at(event, "message", "usage", "cache_creation_input_tokens") for event in messages.values())
        sent = sum(count_at(event, "message", "usage", "input_tokens") for event in messages.values())
        return Usage(sent + cached + written, cached)


def _has_usage(event: dict[str, Any]) -> bool:
    return text_at(event, "type") == "assistant" and count_at(event, "message", "usage", "input_tokens") > 0


def _blocks(event: dict[str, Any], say: Callable[[dict[str, Any]], str]) -> str:
    return "\n".join(filter(None, (say(block) for block in dicts_at(event, "message", "content"))))


def _said(block: dict[str, Any]) -> str:
    if block.get("type") != "tool_use":
        return text_at(block, "text").strip()
    name = text_at(block, "name")
    subject = next(filter(None, (text_at(block, "input", key) for key in _SUBJECTS)), "")
    return f"$ {subject}" if name == "Bash" else f"{name} {subject}".strip()


def _answered(block: dict[str, Any]) -> str:
    """A tool's result is a text, or a list of texts and pictures; what a person said is a text block."""
    parts = (text_at(part, "text") for part in dicts_at(block, "content"))
    text = text_at(block, "content") or "\n".join(filter(None, parts)) or text_at(block, "text")
    return indented(text)


def _noted(event: dict[str, Any]) -> str:
    subtype = text_at(event, "subtype")
    if subtype == "init":
        return f"[claude begins with {text_at(event, 'model')}]"
    if subtype == "api_retry":
        status, error = count_at(event, "error_status"), text_at(event, "error")
        trouble = " ".join(filter(None, (str(status or ""), error)))
        retry, most = count_at(event, "attempt"), count_at(event, "max_retries")
        return f"[{trouble or 'no answer'}: tries again, {retry} of {most}]"
    return ""


def _ended(event: dict[str, Any]) -> str:
    error = _error(event, "")
    if error:
        return f"[failed: {error}]"
    cost = cost_at(event, "total_cost_usd")
    return "[finished]" if cost is None else f"[finished: ${cost:.4f}]"


def _error(result: dict[str, Any], stderr: str) -> str:
    if not result:
        return last_line(stderr) or "claude ended without its result event"
    if result.get("is_error") is not False:
        return text_at(result, "result") or text_at(result, "subtype") or "claude reports an error"
    denials = result.get("permission_denials")
    if denials:
        return f"claude was denied tools: {_tools(denials)}"
    return ""


def _failure(
    result: dict[str, Any], trouble: dict[str, Any], limit_ends: float | None, now: float
) -> tuple[str, float | None]:
    """The class of a failed run and when its limit ends. `trouble` is the last event in which the program itself spoke.

    Only then is the result's text its own words, too; else it is the model's, and says nothing.
    """
    if not result:
        return failures.CRASH, None
    if result.get("is_error") is False:
        return failures.EXIT, None  # it was denied tools
    if text_at(result, "terminal_reason") == "prompt_too_long":
        return failures.CONTEXT_TOO_LONG, None
    status = count_at(result, "api_error_status")
    name = text_at(trouble, "error")
    said = text_at(result, "result") if status or name else ""
    failure = failures.of_status(status) or _NAMES.get(name, "")
    if _LIMIT.search(said) or (failure == failures.RATE_LIMIT and limit_ends is not None):
        failure = failures.QUOTA
    if not failure and name:
        failure = failures.NETWORK if _NO_ANSWER.search(said) else ""
    if failure not in failures.PAUSING:
        return failure or failures.EXIT, None
    return failure, resets.sane(limit_ends or 0.0, now) or resets.reset_time(said, now)


def _limit_end(event: dict[str, Any]) -> float | None:
    """When the limit ends that the event says was reached, 0 where it does not say; None if it was not reached."""
    if text_at(event, "rate_limit_info", "status") != "rejected":
        return None
    return float(count_at(event, "rate_limit_info", "resetsAt"))


def _tools(denials: Any) -> str:
    if not isinstance(denials, list):
        return "unknown"
    names = {text_at(entry, "tool_name") for entry in denials if isinstance(entry, dict)}
    return ", ".join(sorted(names - {""})) or "unknown"
