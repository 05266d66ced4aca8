"""The claude CLI: its command line, and what its stream-json output says."""

from __future__ import annotations

from typing import Any

from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import cost_at, count_at, events, last_line, text_at


class Claude:
    """`claude -p` with the prompt on stdin."""

    name = "claude"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """As measured in REAL-CLIS.md, section 3; without --verbose stream-json is refused."""
        argv = [settings.program, "-p", "--output-format", "stream-json", "--verbose", "--model", task.model]
        if settings.permission_mode:
            argv += ["--permission-mode", settings.permission_mode]
        env = {"CLAUDE_CODE_MAX_RETRIES": str(settings.max_retries)}
        if settings.assume_sandbox:
            env["IS_SANDBOX"] = "1"
        return LaunchPlan((*argv, *settings.extra_args), env, task.directory, task.prompt)

    def read(self, stdout: str, stderr: str) -> Reading:
        """Success is a `result` event without error and without denied tools; its subtype lies (REAL-CLIS.md)."""
        result: dict[str, Any] = {}
        session = ""
        for event in events(stdout):
            session = text_at(event, "session_id") or session
            if event.get("type") == "result":
                result = event
        error = _error(result, stderr)
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
        )


def _error(result: dict[str, Any], stderr: str) -> str:
    if not result:
        return last_line(stderr) or "claude ended without its result event"
    if result.get("is_error") is not False:
        return text_at(result, "result") or text_at(result, "subtype") or "claude reports an error"
    denials = result.get("permission_denials")
    if denials:
        return f"claude was denied tools: {_tools(denials)}"
    return ""


def _tools(denials: Any) -> str:
    if not isinstance(denials, list):
        return "unknown"
    names = {text_at(entry, "tool_name") for entry in denials if isinstance(entry, dict)}
    return ", ".join(sorted(names - {""})) or "unknown"
