"""From a route and a task to exactly what is executed. `wg explain` prints it, and the dispatcher runs it."""

from __future__ import annotations

import os
import shutil

from wg.config.load import Config
from wg.config.route import Route
from wg.dispatch.environment import own_program
from wg.dispatch.prompt import prompt_for
from wg.errors import WgError
from wg.executors.base import AgentSettings, AgentTask, LaunchPlan
from wg.executors.registry import EXECUTORS, NOT_YET
from wg.graph.task import Task
from wg.locations import DATABASE, Project
from wg.records import NamedTuple


class Place(NamedTuple):
    """Which attempt it is, and where it works."""

    fence: str
    directory: str
    has_worktree: bool


# for showing a launch without making an attempt
NO_ATTEMPT = Place("<attempt>", "<worktree>", True)


def plan_launch(
    route: Route, task: Task, place: Place, project: Project, profile: str, settings: AgentSettings
) -> LaunchPlan:
    """What runs for `task` on `route`. The plan's `env` comes on top of the dispatcher's scrubbed environment.

    Raises WgError where the route's executor is not there yet.
    """
    if route.executor in NOT_YET:
        raise WgError(NOT_YET[route.executor])
    wg = own_program()
    request = AgentTask(
        model=route.model,
        prompt="" if task.exec else prompt_for(task, wg, place.has_worktree),
        command=task.exec,
        directory=place.directory,
        writable=(os.path.dirname(os.path.join(project.dir, DATABASE)),),
    )
    plan = EXECUTORS[route.executor].plan(request, settings)
    variables = {
        "WG_DIR": project.dir,
        "WG_BIN": wg,
        "WG_TASK_ID": task.id,
        "WG_ATTEMPT": place.fence,
        "WG_EXECUTOR": route.executor,
        "WG_MODEL": route.spec,
        "WG_ACTIVE_PROFILE": profile,
        "WG_CONFIG_SHA256": route.config_digest,
    }
    return plan._replace(env={**plan.env, **variables})


def settings_for(config: Config, executor: str) -> AgentSettings:
    """What `config` says about running that kind of agent."""
    if executor == "claude":
        return AgentSettings(
            program=config.text_of("executors.claude.program"),
            permission_mode=config.text_of("executors.claude.permission_mode"),
            assume_sandbox=config.flag("executors.claude.assume_sandbox"),
            max_retries=config.number("executors.claude.max_retries"),
            extra_args=config.texts("executors.claude.extra_args"),
        )
    if executor == "codex":
        return AgentSettings(
            program=config.text_of("executors.codex.program"),
            sandbox=config.text_of("executors.codex.sandbox"),
            network_access=config.flag("executors.codex.network_access"),
            extra_args=config.texts("executors.codex.extra_args"),
        )
    return AgentSettings(program="")


def obstacle(route: Route, settings: AgentSettings) -> str:
    """Why nothing can be started on `route` at present, or ""."""
    if route.executor in NOT_YET:
        return NOT_YET[route.executor]
    if settings.program and shutil.which(settings.program) is None:
        return f"the program {settings.program} is not on PATH: install it, or set executors.{route.executor}.program"
    return ""


def plan_role(route: Route, settings: AgentSettings) -> LaunchPlan:
    """The command line of a role that works on no task of its own, with directory and prompt left open."""
    request = AgentTask(route.model, "<prompt>", "", "<directory>", ())
    return EXECUTORS[route.executor].plan(request, settings)
