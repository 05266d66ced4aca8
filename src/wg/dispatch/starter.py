"""Starts an agent on a claimed task: its place, its files, its supervisor."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from wg.config.load import Config
from wg.config.resolver import TaskRequest, resolve
from wg.config.route import Route
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.environment import own_program, scrubbed
from wg.dispatch.follow import InForce
from wg.dispatch.launch import Place, obstacle, plan_launch, settings_for
from wg.errors import WgError
from wg.executors.base import AgentSettings, LaunchPlan
from wg.facts import base_branch
from wg.files import open_private
from wg.graph.attempt import Attempt, RouteRecord, Workplace
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees import git
from wg.worktrees.workplace import prepare, working_directory

ROLE = "task_agent"


class Decision(NamedTuple):
    """What one reading of the config says about running a task. It holds for the whole attempt."""

    route: Route
    settings: AgentSettings
    profile: str
    timeout: float  # seconds
    obstacle: str  # why it cannot be started at present, or ""

    @property
    def record(self) -> RouteRecord:
        """The route as it is stored with the attempt."""
        route = self.route
        return RouteRecord(
            route.executor, route.spec, route.source, route.config_path, route.config_digest, self.profile
        )


def task_route(config: Config, task: Task) -> Route:
    """The resolver's answer for a task's agent."""
    return resolve(config, ROLE, TaskRequest(task.model, task.tier, task.exec))


def decide(in_force: InForce, task: Task) -> Decision:
    """Raises WgError if the task asks for what the config does not have."""
    config = in_force.config
    route = task_route(config, task)
    settings = settings_for(config, route.executor)
    timeout = task.timeout or config.seconds("dispatcher.agent_timeout")
    return Decision(route, settings, in_force.selection.name, timeout, obstacle(route, settings))


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


def start_supervisor(
    project: Project, attempt: Attempt, task: Task, workplace: Workplace, decision: Decision
) -> subprocess.Popen[bytes]:
    """Write the attempt's files and start its supervisor. Raises OSError or WgError, having started nothing."""
    place = Place(str(attempt.fence), working_directory(project.root, workplace), bool(workplace.branch))
    plan = plan_launch(decision.route, task, place, project, decision.profile, decision.settings)
    files = AttemptFiles(project, attempt.fence)
    files.write_launch(decision.route.executor, plan, attempt.timeout)
    with open_private(files.supervisor, "ab") as log:
        return subprocess.Popen(
            (own_program(), "--dir", project.root, "supervisor", str(attempt.fence)),
            cwd=project.root,
            env=agent_environment(os.environ, plan),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def agent_environment(environment: Mapping[str, str], plan: LaunchPlan) -> dict[str, str]:
    """The agent's whole environment. Its supervisor gets it too: so keys are in no file, and both are marked."""
    return {**scrubbed(environment), **plan.env}


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
