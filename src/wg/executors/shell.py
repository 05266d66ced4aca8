"""A shell command as the agent."""

from __future__ import annotations

from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import last_line
from wg.graph.attempt import Usage


class Shell:
    """`/bin/sh -c COMMAND`."""

    name = "shell"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """The shell is no setting: a task's command means the same on every machine."""
        return LaunchPlan(("/bin/sh", "-c", task.command), {}, task.directory, "")

    def read(self, stdout: str, stderr: str, now: float) -> Reading:
        """A command has no final event: its exit code is all that it says."""
        return Reading(True, last_line(stderr), last_line(stdout), "", 0, 0, 0, None)

    def readable(self, line: str) -> str:
        """What a command prints is for people already."""
        return line

    def used(self, stdout: str) -> Usage | None:
        """A command uses no tokens."""
        return None
