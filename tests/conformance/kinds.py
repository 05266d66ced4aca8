"""The four executors behind one face: a task that runs these commands, by whatever agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tests.clis import Clis
from tests.e2e.service_box import ServiceBox
from tests.harness import Box
from tests.rehearsal import Rehearsal
from wg.graph.attempt import Attempt
from wg.graph.task import NewTask

ENDPOINT = """
[[llm_endpoints.endpoints]]
name = "rehearsal"
provider = "nex"
url = "{url}"
is_default = true
"""


class Kind(NamedTuple):
    """One executor, and what it is known for."""

    name: str
    model: str  # "" for shell
    has_tokens: bool
    has_session: bool


KINDS = (
    Kind("claude", "claude:opus", True, True),
    Kind("codex", "codex:gpt-5.5", True, True),
    Kind("nex", "nex:a-model", True, True),
    Kind("shell", "", False, False),
)


class Bench:
    """A project in which one kind of agent works, at the model's end a rehearsal."""

    def __init__(self, box: Box, clis: Clis, rehearsal: Rehearsal, kind: Kind) -> None:
        self.kind = kind
        self.box = box
        self.rehearsal = rehearsal
        self.service = ServiceBox(box)
        box.env |= rehearsal.codex_env(box.home / ".codex")
        box.env |= rehearsal.claude_env(box.home / ".claude")
        box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
        snapshot = box.wg_home / "config.toml.codex"
        snapshot.write_text(snapshot.read_text() + ENDPOINT.format(url=rehearsal.url))
        self.service.limit("codex", max_retries=0)

    def add(self, task_id: str, *commands: str, trouble: str = "", **more: Any) -> None:
        """A task whose agent runs these commands, one after the other, with its own shell."""
        if self.kind.name == "shell":
            self.service.add(NewTask(task_id, id=task_id, exec="; ".join(commands) or "true", **more))
            return
        lines = [trouble] if trouble else []
        lines += [f"run {command}" for command in commands]
        script = "".join(f"REHEARSE: {line}\n" for line in lines)
        self.service.add(NewTask(task_id, id=task_id, description=script, model=self.kind.model, **more))

    def attempt(self, task_id: str) -> Attempt:
        """Its only attempt."""
        (found,) = self.service.attempts(task_id)
        return found

    @property
    def place(self) -> Path:
        """Where its first attempt works."""
        return self.box.project if self.kind.name == "shell" else self.service.dir / "worktrees" / "agent-1"
