"""What would run, and why, without running it: the resolver's and the launcher's own answers (section 7)."""

from __future__ import annotations

import os

from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.route import Route
from wg.dispatch.decision import scope_of, task_route
from wg.dispatch.pauses import blocking
from wg.dispatch.plans import NO_ATTEMPT, Place, doubt, obstacle, plan_launch, plan_role, settings_for
from wg.dispatch.prompt import facts
from wg.dispatch.prompt.build import build
from wg.errors import WgError
from wg.executors.base import LaunchPlan
from wg.graph.store import Store
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees.history import on_branch
from wg.worktrees.workplace import prefix_of, serial_reason


class Explanation(NamedTuple):
    """A route, and the launch that it leads to."""

    route: Route
    plan: LaunchPlan
    obstacle: str  # why it would not start at present, or ""
    doubt: str = ""  # why it can hardly succeed, or ""


def explain_task(config: Config, profile: str, project: Project, store: Store, task: Task, now: float) -> Explanation:
    """What would run for `task`. The attempt's number and worktree, which do not exist yet, stand in <>.

    A paused route may stand in its way at `now` (seconds since the epoch).
    """
    route = task_route(config, task)
    settings = settings_for(config, route.executor)
    prompt = "" if task.exec else _prompt(project, store, task, scope_of(config, task))
    plan = plan_launch(route, task, _place(project, task), project, profile, settings, prompt)
    pause = blocking(route, store.route_pauses())
    paused = f"the route {pause.describe(now)}" if pause else ""
    return Explanation(route, plan, obstacle(route, settings) or paused, doubt(route, config, task))


def preview(project: Project, store: Store, task: Task, scope: str) -> str:
    """What an agent would be told if it were started on `task` now. WgError for a shell task: that has none."""
    if task.exec:
        raise WgError(f"{task.id} is a shell command: no agent is told anything", f"wg explain {task.id} shows it")
    return _prompt(project, store, task, scope)


def explain_role(config: Config, role: str) -> Explanation:
    """What would run for a role, with the prompt and directory left open."""
    route = resolve(config, role)
    settings = settings_for(config, route.executor)
    return Explanation(route, plan_role(route, settings), obstacle(route, settings))


def _prompt(project: Project, store: Store, task: Task, scope: str) -> str:
    last = facts.last_run(store, task.id)
    left = on_branch(project.root, last.workplace) if last and last.workplace else ""
    return build(store, task.id, scope, _place(project, task).has_worktree, left)


def _place(project: Project, task: Task) -> Place:
    if task.exec or serial_reason(project.root):
        return Place(NO_ATTEMPT.fence, project.root, False)
    return NO_ATTEMPT._replace(directory=os.path.normpath(os.path.join(NO_ATTEMPT.directory, prefix_of(project.root))))
