"""A shell command as the agent."""

from __future__ import annotations

from wg.executors.base import AgentSettings, AgentTask, LaunchPlan, Reading
from wg.executors.events import last_line


class Shell:
    """`/bin/sh -c COMMAND`."""

    name = "shell"

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """The shell is no setting: a task's command means the same on every machine."""
        return LaunchPlan(("/bin/sh", "-c", task.command), {}, task.directory, "")

    def read(self, stdout: str, stderr: str) -> Reading:
        """A command has no final event: its exit code is all that it says."""
        return Reading(True, last_line(stderr), last_line(stdout), "", 0, 0, 0, None)
