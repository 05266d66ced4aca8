"""The codex CLI: its command line, and what its JSON events say."""

from __future__ import annotations

import json
import re
from typing import Any

from wg.executors import failures, resets
from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import count_at, dicts_at, event_in, events, indented, is_event, last_line, text_at
from wg.graph.attempt import Usage

# What `turn.failed` says, in the program's own words (REAL-CLIS.md, section 2); the first that fits decides. Its
# apostrophes are curly in some versions and straight in others, so they are left out.
_SAYS = [
    (re.compile(pattern, re.IGNORECASE), failure)
    for pattern, failure in (
        (r"hit your usage limit|^quota exceeded|insufficient_quota|out of credits", failures.QUOTA),
        (r"^missing environment variable|access token could not be refreshed|log out and sign in", failures.AUTH),
        (r"ran out of room in the model.s context window|context_length_exceeded", failures.CONTEXT_TOO_LONG),
        (r"currently experiencing high demand|model is at capacity|server_is_overloaded", failures.OVERLOAD),
        (r"\brate limit reached", failures.RATE_LIMIT),
        (r"\bmodel\b.* (does not exist|is not supported|not found)|model_not_found", failures.MODEL_NOT_FOUND),
        (
            r"^(stream disconnected|connection failed|error sending request|network error|timeout waiting)",
            failures.NETWORK,
        ),
    )
]
_STATUS = re.compile(r"(?:unexpected|last) status:? (\d{3})\b")


class Codex:
    """`codex exec` with the prompt on stdin."""

    name = "codex"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """As measured in REAL-CLIS.md, section 2. Without the --disable a refused connection is retried for ever."""
        argv = [settings.program, "exec", "--json", "--skip-git-repo-check", "-C", task.directory]
        argv += ["-m", task.model, "-c", "approval_policy=never", "--disable", "unbounded_connection_retries"]
        # what looks like a key stays with codex itself, and does not reach the shell that the model drives
        argv += ["-c", "shell_environment_policy.ignore_default_excludes=false"]
        if task.read_only:
            return LaunchPlan(
                (*argv, *_read_only_options(task, settings), *settings.extra_args, "-"), {}, task.directory, task.prompt
            )
        if settings.sandbox:
            argv += ["-s", settings.sandbox]
        if settings.sandbox == "workspace-write":
            argv += _sandbox_options(task, settings)
        return LaunchPlan((*argv, *settings.extra_args, "-"), {}, task.directory, task.prompt)

    def read(self, stdout: str, stderr: str, now: float) -> Reading:
        """Success is `turn.completed` as the last event of a turn; an `error` event on the way is no failure."""
        last_turn: dict[str, Any] = {}
        session = message = trouble = ""
        for event in events(stdout):
            kind = text_at(event, "type")
            if kind == "thread.started":
                session = text_at(event, "thread_id")
            elif kind.startswith("turn."):
                last_turn = event
            elif kind == "error":
                trouble = text_at(event, "message")
            elif kind == "item.completed" and text_at(event, "item", "type") == "agent_message":
                message = text_at(event, "item", "text")
        finished = last_turn.get("type") == "turn.completed"
        fatal = text_at(last_turn, "error", "message")
        error = fatal or trouble or last_line(stderr)
        failure, resets_at = ("", None) if finished else _failure(fatal, now)
        return Reading(
            finished=finished,
            error="" if finished else error or "codex ended without turn.completed",
            message=message,
            session_id=session,
            input_tokens=count_at(last_turn, "usage", "input_tokens"),
            cached_tokens=count_at(last_turn, "usage", "cached_input_tokens"),
            output_tokens=count_at(last_turn, "usage", "output_tokens"),
            cost=None,
            failure=failure,
            resets_at=resets_at,
        )

    def readable(self, line: str) -> str:
        """What it says, the commands it runs, what those print, the files it changes, and how it ends."""
        event = event_in(line)
        if event is None:
            return "" if is_event(line) else line
        kind = text_at(event, "type")
        if kind == "item.started":
            return _begun(event)
        if kind == "item.completed":
            return _completed(event)
        if kind == "error":
            return f"[{text_at(event, 'message')}]"
        if kind == "turn.failed":
            return f"[failed: {text_at(event, 'error', 'message')}]"
        return "[finished]" if kind == "turn.completed" else ""

    def used(self, stdout: str) -> Usage | None:
        """Told at the end of a turn, and not before."""
        turns = [event for event in events(stdout) if text_at(event, "type") == "turn.completed"]
        if not turns:
            return None
        names = ("input_tokens", "cached_input_tokens", "output_tokens")
        return Usage(*(count_at(turns[-1], "usage", name) for name in names))


def _begun(event: dict[str, Any]) -> str:
    return f"$ {text_at(event, 'item', 'command')}" if text_at(event, "item", "type") == "command_execution" else ""


def _completed(event: dict[str, Any]) -> str:
    kind = text_at(event, "item", "type")
    if kind == "command_execution":
        code = count_at(event, "item", "exit_code")
        lines = indented(text_at(event, "item", "aggregated_output")), f"  [exit code {code}]" if code else ""
        return "\n".join(filter(None, lines))
    if kind == "file_change":
        changes = dicts_at(event, "item", "changes")
        return "\n".join(f"{text_at(change, 'kind')} {text_at(change, 'path')}".strip() for change in changes)
    if kind == "error":
        return f"[{text_at(event, 'item', 'message')}]"
    if kind == "web_search":
        return f"searches the web: {text_at(event, 'item', 'query')}"
    return text_at(event, "item", "text").strip()


def _failure(message: str, now: float) -> tuple[str, float | None]:
    """The class of a fatal error and when it ends; a run without a final event has crashed."""
    if not message:
        return failures.CRASH, None
    status = _STATUS.search(message)
    failure = failures.of_status(int(status[1])) if status else ""
    failure = failure or next((failure for pattern, failure in _SAYS if pattern.search(message)), failures.EXIT)
    return failure, resets.reset_time(message, now) if failure in failures.PAUSING else None


def _read_only_options(task: AgentTask, settings: AgentSettings) -> list[str]:
    """Its sandbox `read-only` lets nothing be written at all, the store neither; a permission profile says which."""
    access = ", ".join(
        f"{json.dumps(path)} = {mode}"
        for path, mode in [(":root", '"read"')] + [(path, '"write"') for path in task.writable]
    )
    network = "true" if settings.network_access else "false"
    return [
        *("-c", 'default_permissions="wg-read-only"'),
        *("-c", f"permissions.wg-read-only.filesystem={{{access}}}"),
        *("-c", f"permissions.wg-read-only.network={{enabled = {network}}}"),
    ]


def _sandbox_options(task: AgentTask, settings: AgentSettings) -> list[str]:
    """`-c` takes TOML; a JSON list of ASCII strings is also one."""
    roots = json.dumps(list(task.writable))
    network = "true" if settings.network_access else "false"
    return [
        "-c",
        f"sandbox_workspace_write.writable_roots={roots}",
        "-c",
        f"sandbox_workspace_write.network_access={network}",
    ]
