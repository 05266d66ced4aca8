"""The codex CLI: its command line, and what its JSON events say."""

from __future__ import annotations

import json
from typing import Any

from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import count_at, events, last_line, text_at


class Codex:
    """`codex exec` with the prompt on stdin."""

    name = "codex"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """As measured in REAL-CLIS.md, section 2. Without the --disable a refused connection is retried for ever."""
        argv = [settings.program, "exec", "--json", "--skip-git-repo-check", "-C", task.directory]
        argv += ["-m", task.model, "-c", "approval_policy=never", "--disable", "unbounded_connection_retries"]
        # what looks like a key stays with codex itself, and does not reach the shell that the model drives
        argv += ["-c", "shell_environment_policy.ignore_default_excludes=false"]
        if settings.sandbox:
            argv += ["-s", settings.sandbox]
        if settings.sandbox == "workspace-write":
            argv += _sandbox_options(task, settings)
        return LaunchPlan((*argv, *settings.extra_args, "-"), {}, task.directory, task.prompt)

    def read(self, stdout: str, stderr: str) -> Reading:
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
        error = text_at(last_turn, "error", "message") or trouble or last_line(stderr)
        return Reading(
            finished=finished,
            error="" if finished else error or "codex ended without turn.completed",
            message=message,
            session_id=session,
            input_tokens=count_at(last_turn, "usage", "input_tokens"),
            cached_tokens=count_at(last_turn, "usage", "cached_input_tokens"),
            output_tokens=count_at(last_turn, "usage", "output_tokens"),
            cost=None,
        )


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
