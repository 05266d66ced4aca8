"""Where an attempt works: the project directory, or a worktree of its own."""

from __future__ import annotations

import os

from wg.dispatch.commands import end_commands
from wg.errors import WgError
from wg.facts import base_branch
from wg.graph.attempt import Attempt, Workplace
from wg.graph.task import DIRECTORY, READ_ONLY, Task
from wg.locations import Project
from wg.worktrees import git
from wg.worktrees.takeover import take_over
from wg.worktrees.workplace import prepare

_BRANCHES = "refs/heads/wg/"


def is_directory(task: Task) -> bool:
    """Whether the task is worked on in the project directory, also where there is git."""
    return bool(task.exec) or task.workplace == DIRECTORY


def directory_place(project: Project) -> Workplace:
    """The project directory."""
    return Workplace(project.root, "", "", "")


def agent_place(project: Project, attempt: Attempt, task: Task, earlier: list[Attempt]) -> Workplace:
    """The worktree that an agent works in: that of an earlier attempt, else a new one. This may take a while.

    What is left of processes of the earlier attempts is ended first. Raises WgError where git fails, or they do not
    end.
    """
    inherited = None if task.workplace == READ_ONLY else inheritance(earlier, attempt.fresh)
    if inherited is not None:
        for one in earlier:
            if one.workplace is not None and one.workplace.directory == inherited.directory:
                end_commands(one, project)
        place = take_over(project.root, project.dir, with_present_base(project, inherited))
        if place is not None:
            return place
    place = prepare(project.root, project.dir, _agent(attempt), task.id, base_branch(project))
    return place._replace(read_only=task.workplace == READ_ONLY)


def inheritance(earlier: list[Attempt], fresh: bool) -> Workplace | None:
    """Where the attempt after `earlier` (oldest first) goes on; None where it starts over, as `fresh` asks for."""
    if fresh:
        return None
    for attempt in reversed(earlier):
        place = attempt.workplace
        if place is not None and place.branch and not place.read_only:
            return place
        if attempt.fresh:
            return None
    return None


def with_present_base(project: Project, place: Workplace) -> Workplace:
    """The place, with the present name of its base branch, if that was renamed. WgError where that cannot be told.

    It was, where the recorded branch is gone, and the one that project.toml names now has all that came from it.
    """
    if not place.branch or git.branch_tip(project.root, place.base_branch) is not None:
        return place
    named = base_branch(project)
    tip = git.branch_tip(project.root, named) if named else None
    known = [commit for commit in (place.base_commit, place.merging) if commit]
    if tip is None or not all(git.is_ancestor(project.root, commit, tip) for commit in known):
        return place
    return place._replace(base_branch=named)


def planned_place(project: Project, attempt: Attempt) -> Workplace:
    """Where `agent_place` makes the worktree, for an attempt that was interrupted before that was stored."""
    agent = _agent(attempt)
    directory = os.path.join(project.dir, "worktrees", agent)
    return Workplace(directory, f"wg/{agent}/{attempt.task_id}", base_branch(project), "")


def _agent(attempt: Attempt) -> str:
    return f"agent-{attempt.fence}"


def agents_with_places(project: Project) -> list[str]:
    """Names of what lies in `.wg/worktrees`, and of agents with branches, in order. Raises WgError where git fails."""
    directory = os.path.join(project.dir, "worktrees")
    names = set(os.listdir(directory)) if os.path.isdir(directory) else set()
    if git.is_repository(project.root):
        listed = git.run(project.root, "for-each-ref", "--format=%(refname)", _BRANCHES).text.splitlines()
        names |= {name.removeprefix(_BRANCHES).partition("/")[0] for name in listed}
    return sorted(names, key=lambda name: (len(name), name))


def base_problem(project: Project) -> str:
    """Why no worktree can be made, or ""."""
    try:
        branch = base_branch(project)
        if not branch:
            return "no base branch is named: wg init takes the one you are on, or set base_branch in .wg/project.toml"
        if git.branch_tip(project.root, branch) is None:
            return f"the base branch {branch!r} does not exist: set base_branch in .wg/project.toml to one that does"
    except WgError as error:
        return error.message
    return ""
