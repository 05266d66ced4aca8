"""What an agent is told: its task, and how to report."""

from __future__ import annotations

import shlex

from wg.graph.task import Task

_DIRECTORY = "- Work in the current directory, which is the project's own."
_WORKTREE = """\
- Work in the current directory. It is a git worktree of its own, made for this task.
- What you leave in it is committed and merged by wg after you have ended: you need not commit. Do not merge or push."""


def prompt_for(task: Task, wg: str, has_worktree: bool) -> str:
    """The whole prompt. `wg` is the program's absolute path: another `wg` may come first on an agent's PATH."""
    program = shlex.quote(wg)
    description = f"\n{task.description}\n" if task.description else ""
    return f"""\
Task {task.id}: {task.title}
{description}
How to work:
{_WORKTREE if has_worktree else _DIRECTORY}
- Tell what you find and do: {program} log {task.id} "MESSAGE"
- When the task is done: {program} done {task.id}
- If it cannot be done: {program} fail {task.id} --reason "WHY"
Then end.
"""
