"""What runs for a task, decided from one reading of the config."""

from __future__ import annotations

from wg.config.load import Config
from wg.config.resolver import TaskRequest, resolve
from wg.config.route import Route
from wg.dispatch.follow import InForce
from wg.dispatch.plans import obstacle, settings_for
from wg.executors.base import AgentSettings
from wg.graph.attempt import RouteRecord
from wg.graph.task import Task
from wg.records import NamedTuple

ROLE = "task_agent"


class Decision(NamedTuple):
    """What one reading of the config says about running a task. It holds for the whole attempt."""

    route: Route
    settings: AgentSettings
    profile: str
    timeout: float  # seconds
    silence: float  # seconds that an agent may print nothing until it is ended; 0: as long as it likes
    scope: str  # how much the prompt tells: one of task.CONTEXTS
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
    return resolve(config, ROLE, TaskRequest(task.model, task.tier, task.exec, task.executor))


def scope_of(config: Config, task: Task) -> str:
    """How much an agent of that task is told: one of CONTEXTS."""
    return task.context or config.text_of("dispatcher.default_context_scope")


def decide(in_force: InForce, task: Task) -> Decision:
    """Raises WgError if the task asks for what the config does not have."""
    config = in_force.config
    route = task_route(config, task)
    settings = settings_for(config, route.executor)
    return Decision(
        route,
        settings,
        in_force.selection.name,
        task.timeout or config.seconds("dispatcher.agent_timeout"),
        0.0 if config.raw("dispatcher.silence_timeout") is None else config.seconds("dispatcher.silence_timeout"),
        scope_of(config, task),
        obstacle(route, settings),
    )
