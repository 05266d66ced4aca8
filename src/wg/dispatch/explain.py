"""What would run, and why, without running it: the resolver's and the launcher's own answers (section 7)."""

from __future__ import annotations

import os

from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.route import Route
from wg.dispatch.decision import task_route
from wg.dispatch.plans import NO_ATTEMPT, Place, obstacle, plan_launch, plan_role, settings_for
from wg.executors.base import LaunchPlan
from wg.executors.registry import NOT_YET
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees.workplace import prefix_of, serial_reason


class Explanation(NamedTuple):
    """A route, and the launch that it leads to; `obstacle` says why it would not start at present."""

    route: Route
    plan: LaunchPlan | None  # None where the executor is not there yet
    obstacle: str


def explain_task(config: Config, profile: str, project: Project, task: Task) -> Explanation:
    """What would run for `task`. The attempt's number and worktree, which do not exist yet, stand in <>."""
    route = task_route(config, task)
    settings = settings_for(config, route.executor)
    plan = None
    if route.executor not in NOT_YET:
        plan = plan_launch(route, task, _place(project, task), project, profile, settings)
    return Explanation(route, plan, obstacle(route, settings))


def explain_role(config: Config, role: str) -> Explanation:
    """What would run for a role, with the prompt and directory left open."""
    route = resolve(config, role)
    settings = settings_for(config, route.executor)
    plan = None if route.executor in NOT_YET else plan_role(route, settings)
    return Explanation(route, plan, obstacle(route, settings))


def _place(project: Project, task: Task) -> Place:
    if task.exec or serial_reason(project.root):
        return Place(NO_ATTEMPT.fence, project.root, False)
    return NO_ATTEMPT._replace(directory=os.path.normpath(os.path.join(NO_ATTEMPT.directory, prefix_of(project.root))))
