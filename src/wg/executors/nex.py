"""nex: `wg nex --agent`, a process of its own, and what its JSON events say."""

from __future__ import annotations

from typing import Any

from wg.executors import failures
from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import cost_at, count_at, event_in, events, indented, is_event, last_line, text_at
from wg.graph.attempt import Usage

LIGHT = "light"
_NO_END = "nex ended without its last event"


class Nex:
    """`wg nex --agent` with the prompt on stdin. `settings.extra_args` are the options that the config comes to."""

    name = "nex"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """The key is named, never given: nex reads it itself, and its tools do not get it."""
        argv = [settings.program, "nex", "--agent", "-m", task.model]
        if task.endpoint is not None:
            argv += ["--url", task.endpoint.url]
            if task.endpoint.api_key_env:
                argv += ["--api-key-env", task.endpoint.api_key_env]
            elif task.endpoint.api_key_file:
                argv += ["--api-key-file", task.endpoint.api_key_file]
        argv += ["--exec-mode", LIGHT if task.read_only and settings.mode != "bare" else settings.mode]
        argv += ["--journal", task.journal]
        if task.resume:
            argv += ["--resume", task.resume]
        return LaunchPlan((*argv, *settings.extra_args), {}, task.directory, task.prompt)

    def read(self, stdout: str, stderr: str, now: float) -> Reading:
        """Its last event says how it ended; without one it has crashed."""
        end: dict[str, Any] = {}
        session = message = ""
        used = Usage()
        for event in events(stdout):
            kind = text_at(event, "type")
            if kind == "session":
                session = text_at(event, "session_id")
            elif kind == "answer":
                message = text_at(event, "text") or message
            elif kind == "end":
                end = event
            if kind in ("answer", "end"):
                used = _used(event)
        finished = end.get("ok") is True
        failure = text_at(end, "failure")
        resets_at = end.get("resets_at")
        return Reading(
            finished=finished,
            error="" if finished else text_at(end, "message") or _last_words(stderr) or _NO_END,
            message=text_at(end, "message") if finished else message,
            session_id=session,
            input_tokens=used.input_tokens,
            cached_tokens=used.cached_tokens,
            output_tokens=used.output_tokens,
            cost=used.cost,
            failure="" if finished else (failure if failure in failures.ALL else failures.CRASH),
            resets_at=float(resets_at) if isinstance(resets_at, (int, float)) else None,
        )

    def readable(self, line: str) -> str:
        """What it says, the calls it makes, what comes back, and how it ends."""
        event = event_in(line)
        if event is None:
            return "" if is_event(line) else line
        kind = text_at(event, "type")
        if kind == "answer":
            return text_at(event, "text").strip()
        if kind == "call":
            return f"▸ {text_at(event, 'name')} {text_at(event, 'arguments')}"
        if kind == "result":
            return indented(text_at(event, "text"))
        if kind == "note":
            return f"[{text_at(event, 'text')}]"
        if kind == "end":
            return "[finished]" if event.get("ok") is True else f"[failed: {text_at(event, 'message')}]"
        return ""

    def used(self, stdout: str) -> Usage | None:
        """Told with each answer."""
        told = [event for event in events(stdout) if text_at(event, "type") in ("answer", "end")]
        return _used(told[-1]) if told else None


def _last_words(stderr: str) -> str:
    """The error itself, where nex had one: the line after it is a hint."""
    errors = [line for line in stderr.splitlines() if line.startswith("wg: error:")]
    return last_line(errors[-1] if errors else stderr)


def _used(event: dict[str, Any]) -> Usage:
    tokens = [count_at(event, "used", name) for name in ("input", "cached", "output")]
    return Usage(tokens[0], tokens[1], tokens[2], cost_at(event, "used", "cost"))
