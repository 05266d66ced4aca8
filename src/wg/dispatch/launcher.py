"""Starts agents on ready tasks: claim, place, supervisor."""

from __future__ import annotations

import subprocess

from wg.dispatch import places, spawning
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.context import Context
from wg.dispatch.decision import Decision, decide
from wg.dispatch.follow import InForce
from wg.dispatch.jobs import Then
from wg.dispatch.pauses import Pauses
from wg.dispatch.prompt import facts
from wg.dispatch.prompt.build import build
from wg.dispatch.recovery import without_run
from wg.dispatch.resuming import journal_to_resume
from wg.dispatch.round import Round
from wg.dispatch.setup import set_up, setup_hook
from wg.dispatch.slots import Slots
from wg.dispatch.waking import wake
from wg.errors import WgError
from wg.executors import failures
from wg.graph.attempt import Attempt, Workplace
from wg.graph.messages import AGENTS
from wg.graph.task import DIRECTORY, Task
from wg.records import NamedTuple
from wg.worktrees.history import on_branch
from wg.worktrees.workplace import serial_reason

# how long a supervisor may take from its start until it says that it runs the attempt (F1)
LAUNCH_SECONDS = 60.0
_UNDER_WAY = ("claimed", "running")
_NOT_OVER = (*_UNDER_WAY, "ended")


def attempt_key(attempt: Attempt) -> str:
    """The key of an attempt's jobs: while one is under way, nothing else is begun with that attempt."""
    return f"attempt {attempt.fence}"


class _Supervisor(NamedTuple):
    process: subprocess.Popen[bytes]
    started: float


class Launcher:
    """What this dispatcher has claimed and started. Supervisors of earlier ones are not its children."""

    def __init__(self, context: Context, pauses: Pauses) -> None:
        self.serial_reason = ""  # why agents run one at a time in the project directory, or ""
        self._context = context
        self._pauses = pauses
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
        store = self._context.store
        if in_force is None or not self._looked or store.service_pause() is not None:
            return
        wake(self._context)
        slots = Slots(in_force.config, store.attempts(_UNDER_WAY))
        for attempt in store.attempts(("ended",)):  # what has just freed a slot may have paused its route
            self._pauses.take_in(attempt)
        look = Round(in_force, slots)
        self._start_in_order(look)
        if look.notes:
            store.notes(look.notes, self._context.now())

    def _start_in_order(self, look: Round) -> None:
        slots = look.slots
        limit = max(slots.free, 0)
        while slots.free > 0:
            found = self._context.store.ready(limit, self._context.now(), look.told)
            for task in found:
                if not look.is_blocked(task):
                    self._try(task, look)
                if slots.free <= 0:
                    return
            if len(found) < limit:
                return
            limit *= 4  # what cannot be started must not stand in the way of what can

    def _try(self, task: Task, look: Round) -> None:
        """Make an attempt at `task`, if one can be made now."""
        try:
            decision = decide(look.in_force, task)
        except WgError as error:
            look.block(task, error.message)
            return
        executor = decision.route.executor
        if not look.slots.has(executor):
            look.block(task, "")
            return
        obstacle = decision.obstacle or ("" if places.is_directory(task) else self._base_problem)
        obstacle = obstacle or self._pauses.obstacle(decision.route) or self._directory_is_taken(task)
        if obstacle:
            look.block(task, obstacle)
            return
        earlier = self._context.store.attempts_of(task.id)
        if self._is_taken() or self._is_being_judged(earlier) or not self._still_in_force(look.in_force):
            return
        if self._claim(task, decision, look.in_force, earlier):
            look.slots.take(executor)

    def _is_taken(self) -> bool:
        """Without worktrees one attempt at a time works in the project directory (decisions 5 and 7)."""
        return bool(self.serial_reason) and bool(self._at_work())

    def _at_work(self) -> list[Attempt]:
        """Those that are not over, without those that wait for a person: nothing of theirs runs (F14)."""
        return [each for each in self._context.store.attempts(_NOT_OVER) if not each.hold]

    def _directory_is_taken(self, task: Task) -> str:
        """Where there are worktrees: which other agent works in the project directory, if this one is to work there."""
        if task.exec or task.workplace != DIRECTORY or self.serial_reason:
            return ""
        for attempt in self._at_work():
            if attempt.route.executor != "shell" and self._is_in_directory(attempt):
                return f"agent-{attempt.fence} works in the project directory, on {attempt.task_id}; one at a time"
        return ""

    def _is_in_directory(self, attempt: Attempt) -> bool:
        if attempt.workplace is not None:
            return not attempt.workplace.branch
        return places.is_directory(self._context.store.task(attempt.task_id))

    def _is_being_judged(self, earlier: list[Attempt]) -> bool:
        """Whether an attempt that a person gave up meanwhile is still worked with: its worktree may be taken over."""
        return any(self._context.jobs.is_under_way(attempt_key(attempt)) for attempt in earlier)

    def _still_in_force(self, in_force: InForce) -> bool:
        found = self._context.follower.current()
        return found is not None and found.identity == in_force.identity

    def _claim(self, task: Task, decision: Decision, in_force: InForce, earlier: list[Attempt]) -> bool:
        """Whether there is an attempt now."""
        context = self._context
        now = context.now()
        attempt = context.store.claim(task.id, decision.record, decision.timeout, now, now + LAUNCH_SECONDS)
        if attempt is None:
            return False
        claimed = attempt
        try:
            AttemptFiles(context.project, claimed.fence).create()
        except OSError as error:
            self._give_up(claimed, failures.NOT_STARTED, str(error))
            return True
        if places.is_directory(task):
            self._launch(claimed, task, places.directory_place(context.project), decision, in_force)
            return True
        last = facts.last_run(context.store, task.id)
        setup_timeout = in_force.config.seconds("dispatcher.worktree_setup_timeout")

        def work() -> Then:
            try:
                place = places.agent_place(context.project, claimed, task, earlier)
                self._set_up(claimed, place, setup_timeout)
                left = on_branch(context.project.root, last.workplace) if last and last.workplace else ""
            except (WgError, OSError) as error:
                message, problem = str(error), places.base_problem(context.project)
                return lambda: self._without_place(claimed, message, problem)
            return lambda: self._launch(claimed, task, place, decision, in_force, left)

        context.jobs.start(attempt_key(claimed), work)
        return True

    def _set_up(self, attempt: Attempt, place: Workplace, timeout: float) -> None:
        """Inside a job. The project's own setup may take long, and holds up no other job."""
        context = self._context
        if place.branch and setup_hook(context.project):
            with context.jobs.aside():
                set_up(context.project, attempt, place.directory, timeout, context.jobs.cancelled)

    def _without_place(self, attempt: Attempt, message: str, base_problem: str) -> None:
        """What stands in the way of every task is not charged to this one."""
        self._base_problem = base_problem
        self._give_up(attempt, failures.INTERRUPTED if base_problem else failures.NOT_STARTED, message)

    def _launch(
        self, attempt: Attempt, task: Task, place: Workplace, decision: Decision, in_force: InForce, left: str = ""
    ) -> None:
        """The last look at the file is here: what is started now is what the file says now (section 10).

        `left` is what the attempt before this one left on its branch.
        """
        context = self._context
        if not self._still_in_force(in_force):
            self._give_up(attempt, failures.INTERRUPTED, "the config changed before the agent was started")
        elif context.store.service_pause() is not None:
            self._give_up(attempt, failures.INTERRUPTED, "the dispatcher was paused before the agent was started")
        elif not (places.is_directory(task) or place.branch or self.serial_reason):
            self.look_at_repository()
            self._give_up(attempt, failures.INTERRUPTED, "the project is no longer in a git repository with commits")
        elif context.store.prepare(attempt.fence, place):
            self._start(attempt, task, place, decision, left)

    def _start(self, attempt: Attempt, task: Task, place: Workplace, decision: Decision, left: str) -> None:
        context = self._context
        try:
            resume = journal_to_resume(context.project, facts.last_run(context.store, task.id), place)
            prompt = ""
            if not task.exec:
                in_worktree = bool(place.branch)
                prompt = build(context.store, task.id, decision.scope, in_worktree, left, resumed=bool(resume))
            process = spawning.start_supervisor(context.project, attempt, task, place, decision, prompt, resume)
        except (OSError, WgError) as error:
            self._give_up(attempt, failures.NOT_STARTED, str(error))
            return
        self._supervisors[attempt.fence] = _Supervisor(process, context.clock())
        if task.unread and not task.exec:
            context.store.mark_read(task.id, AGENTS)  # they are in the prompt
        route = decision.route
        context.log.write(
            f"attempt {attempt.fence} of {task.id}: {route.spec or route.executor} from {route.source}"
            f" sha256:{route.config_digest} profile {decision.profile} in {place.directory}"
        )

    def _give_up(self, attempt: Attempt, failure: str, message: str) -> None:
        now = self._context.now()
        self._context.log.write(f"attempt {attempt.fence} of {attempt.task_id} is not started: {message}")
        self._context.store.end(attempt.fence, without_run(failure, message, now), now)
