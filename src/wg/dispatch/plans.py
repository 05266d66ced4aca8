"""From a route and a task to exactly what is executed. `wg explain` prints it, and the dispatcher runs it."""

from __future__ import annotations

import os
import shutil

from wg.config.abilities import CANNOT_CHANGE, keeps_from_changing
from wg.config.load import Config
from wg.config.route import Route
from wg.dispatch.environment import own_program
from wg.executors.base import AgentSettings, AgentTask, LaunchPlan
from wg.executors.registry import EXECUTORS
from wg.graph.task import READ_ONLY, Task
from wg.locations import DATABASE, Project
from wg.nex.settings import as_options, of_config
from wg.records import NamedTuple


class Place(NamedTuple):
    """Which attempt it is, and where it works."""

    fence: str
    directory: str
    has_worktree: bool
    journal: str = "<journal>"  # for an agent that keeps one
    resume: str = ""  # that of the earlier attempt which it goes on with, or ""


# for showing a launch without making an attempt
NO_ATTEMPT = Place("<attempt>", "<worktree>", True)


def plan_launch(
    route: Route, task: Task, place: Place, project: Project, profile: str, settings: AgentSettings, prompt: str
) -> LaunchPlan:
    """What runs for `task` on `route`. The plan's `env` comes on top of the dispatcher's scrubbed environment.

    `prompt` is what its agent is told, and "" for a shell task.
    """
    wg = own_program()
    request = AgentTask(
        model=route.model,
        prompt=prompt,
        command=task.exec,
        directory=place.directory,
        writable=(os.path.dirname(os.path.join(project.dir, DATABASE)),),
        read_only=task.workplace == READ_ONLY,
        endpoint=route.endpoint,
        journal=place.journal,
        resume=place.resume,
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
    if executor == "nex":
        nex = of_config(config)
        return AgentSettings(program=own_program(), mode=nex.mode, extra_args=as_options(nex))
    return AgentSettings(program="")


def obstacle(route: Route, settings: AgentSettings) -> str:
    """Why nothing can be started on `route` at present, or ""."""
    if route.executor == "nex" and route.endpoint is None:
        return f"no endpoint serves {route.spec}: name one with: wg endpoints add NAME URL --provider {route.provider}"
    if settings.program and shutil.which(settings.program) is None:
        return f"the program {settings.program} is not on PATH: install it, or set executors.{route.executor}.program"
    return ""


def doubt(route: Route, config: Config, task: Task) -> str:
    """Why an agent that is started on `route` can hardly succeed at `task`, or ""."""
    if route.executor != "nex" or task.workplace or not task.needs_work:
        return ""
    key = keeps_from_changing(config)
    return f"{key} {CANNOT_CHANGE}" if key else ""


def plan_role(route: Route, settings: AgentSettings) -> LaunchPlan:
    """The command line of a role that works on no task of its own, with directory and prompt left open."""
    request = AgentTask(
        route.model, "<prompt>", "", "<directory>", (), endpoint=route.endpoint, journal=NO_ATTEMPT.journal
    )
    return EXECUTORS[route.executor].plan(request, settings)
