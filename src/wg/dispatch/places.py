"""Where an attempt works: the project directory, or a worktree of its own."""

from __future__ import annotations

import os

from wg.errors import WgError
from wg.facts import base_branch
from wg.graph.attempt import Attempt, Workplace
from wg.graph.task import Task
from wg.locations import Project
from wg.worktrees import git
from wg.worktrees.workplace import prepare


def shell_place(project: Project) -> Workplace:
    """A shell task works in the project directory."""
    return Workplace(project.root, "", "", "")


def agent_place(project: Project, attempt: Attempt, task: Task) -> Workplace:
    """Make the worktree that an agent works in; this may take a while. Raises WgError where git fails."""
    return prepare(project.root, project.dir, _agent(attempt), task.id, base_branch(project))


def planned_place(project: Project, attempt: Attempt) -> Workplace:
    """Where `agent_place` makes the worktree, for an attempt that was interrupted before that was stored."""
    agent = _agent(attempt)
    directory = os.path.join(project.dir, "worktrees", agent)
    return Workplace(directory, f"wg/{agent}/{attempt.task_id}", base_branch(project), "")


def _agent(attempt: Attempt) -> str:
    return f"agent-{attempt.fence}"


def base_problem(project: Project) -> str:
    """Why no worktree can be made, or ""."""
    try:
        branch = base_branch(project)
        if not branch:
            return "no base branch is named: set base_branch in .wg/project.toml"
        if git.branch_tip(project.root, branch) is None:
            return f"the base branch {branch!r} does not exist: set base_branch in .wg/project.toml to one that does"
    except WgError as error:
        return error.message
    return ""
