"""Starts agents on ready tasks: claim, place, supervisor."""

from __future__ import annotations

import subprocess

from wg.dispatch import places, spawning
from wg.dispatch.context import Context
from wg.dispatch.decision import Decision, decide
from wg.dispatch.follow import InForce
from wg.dispatch.jobs import Then
from wg.dispatch.recovery import without_run
from wg.errors import WgError
from wg.graph.attempt import Attempt, Workplace
from wg.graph.task import Task
from wg.records import NamedTuple
from wg.worktrees.workplace import serial_reason

# how long a supervisor may take from its start until it says that it runs the attempt (F1)
LAUNCH_SECONDS = 60.0
_UNDER_WAY = ("claimed", "running")


def attempt_key(attempt: Attempt) -> str:
    """The key of an attempt's jobs: while one is under way, nothing else is begun with that attempt."""
    return f"attempt {attempt.fence}"


class _Supervisor(NamedTuple):
    process: subprocess.Popen[bytes]
    started: float


class Launcher:
    """What this dispatcher has claimed and started. Supervisors of earlier ones are not its children."""

    def __init__(self, context: Context) -> None:
        self.serial_reason = ""  # why agents run one at a time in the project directory, or ""
        self._context = context
        self._base_problem = ""
        self._looked = False  # whether it is known yet where attempts can work
        self._supervisors: dict[int, _Supervisor] = {}

    def look_again(self) -> None:
        """Where agents cannot have worktrees, find out whether that has changed."""
        if self.serial_reason or self._base_problem:
            self.look_at_repository()

    def look_at_repository(self) -> None:
        """Find out, in the background, whether agents can have worktrees."""
        project = self._context.project

        def work() -> Then:
            try:
                serial, problem = serial_reason(project.root), places.base_problem(project)
            except WgError as error:
                serial, problem = "", error.message
            return lambda: self._set_repository(serial, problem)

        self._context.jobs.start("repository", work)

    def _set_repository(self, serial: str, problem: str) -> None:
        self._looked = True
        self.serial_reason = serial
        self._base_problem = "" if serial else problem

    def is_launching(self, attempt: Attempt) -> bool:
        """Whether this dispatcher has started a supervisor for it, that may still come to say that it runs."""
        supervisor = self._supervisors.get(attempt.fence)
        return supervisor is not None and self._context.clock() - supervisor.started < LAUNCH_SECONDS

    def reap(self) -> bool:
        """Collect supervisors that have ended; whether there were any."""
        ended = [fence for fence, one in self._supervisors.items() if one.process.poll() is not None]
        for fence in ended:
            del self._supervisors[fence]
        return bool(ended)

    def start_ready(self) -> None:
        """Claim ready tasks while there are free slots, and start their agents."""
        in_force = self._context.follower.current()
        if in_force is None or not self._looked:
            return
        store = self._context.store
        free = in_force.config.number("dispatcher.max_agents") - len(store.attempts(_UNDER_WAY))
        limit = max(free, 0)
        while free > 0:
            found = store.ready(limit, self._context.now())
            for task in found:
                free -= self._try(task, in_force)
                if free <= 0:
                    return
            if len(found) < limit:
                return
            limit *= 4  # what cannot be started must not stand in the way of what can

    def _try(self, task: Task, in_force: InForce) -> bool:
        """Whether an attempt at `task` was made."""
        try:
            decision = decide(in_force, task)
            obstacle = decision.obstacle or ("" if task.exec else self._base_problem)
        except WgError as error:
            obstacle = error.message
        if obstacle:
            if task.note != obstacle:
                self._context.store.note(task.id, obstacle, self._context.now())
            return False
        if self._directory_is_taken():
            return False
        if not self._still_in_force(in_force):
            return False
        return self._claim(task, decision, in_force)

    def _directory_is_taken(self) -> bool:
        """Without worktrees one attempt at a time works in the project directory (decisions 5 and 7)."""
        return bool(self.serial_reason) and bool(self._context.store.attempts((*_UNDER_WAY, "ended")))

    def _still_in_force(self, in_force: InForce) -> bool:
        found = self._context.follower.current()
        return found is not None and found.identity == in_force.identity

    def _claim(self, task: Task, decision: Decision, in_force: InForce) -> bool:
        context = self._context
        now = context.now()
        attempt = context.store.claim(task.id, decision.record, decision.timeout, now, now + LAUNCH_SECONDS)
        if attempt is None:
            return False
        claimed = attempt
        if task.exec:
            self._launch(claimed, task, places.shell_place(context.project), decision, in_force)
            return True

        def work() -> Then:
            try:
                place = places.agent_place(context.project, claimed, task)
            except (WgError, OSError) as error:
                message, problem = str(error), places.base_problem(context.project)
                return lambda: self._without_place(claimed, message, problem)
            return lambda: self._launch(claimed, task, place, decision, in_force)

        context.jobs.start(attempt_key(claimed), work)
        return True

    def _without_place(self, attempt: Attempt, message: str, base_problem: str) -> None:
        """What stands in the way of every task is not charged to this one."""
        self._base_problem = base_problem
        self._give_up(attempt, "interrupted" if base_problem else "not-started", message)

    def _launch(self, attempt: Attempt, task: Task, place: Workplace, decision: Decision, in_force: InForce) -> None:
        """The last look at the file is here: what is started now is what the file says now (section 10)."""
        context = self._context
        if not self._still_in_force(in_force):
            self._give_up(attempt, "interrupted", "the config changed before the agent was started")
        elif not (task.exec or place.branch or self.serial_reason):
            self.look_at_repository()
            self._give_up(attempt, "interrupted", "the project is no longer in a git repository with commits")
        elif context.store.prepare(attempt.fence, place):
            self._start(attempt, task, place, decision)

    def _start(self, attempt: Attempt, task: Task, place: Workplace, decision: Decision) -> None:
        context = self._context
        try:
            process = spawning.start_supervisor(context.project, attempt, task, place, decision)
        except (OSError, WgError) as error:
            self._give_up(attempt, "not-started", str(error))
            return
        self._supervisors[attempt.fence] = _Supervisor(process, context.clock())
        route = decision.route
        context.log.write(
            f"attempt {attempt.fence} of {task.id}: {route.spec or route.executor} from {route.source}"
            f" sha256:{route.config_digest} profile {decision.profile} in {place.directory}"
        )

    def _give_up(self, attempt: Attempt, failure: str, message: str) -> None:
        now = self._context.now()
        self._context.log.write(f"attempt {attempt.fence} of {attempt.task_id} is not started: {message}")
        self._context.store.end(attempt.fence, without_run(failure, message, now), now)
