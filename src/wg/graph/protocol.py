"""What every store of tasks can do; `tests/graph/test_store.py` holds each implementation to it.

Times (`now`, `at`) are seconds since the epoch and come from the caller. Every method is one transaction and
may raise BusyError (another writer holds the store) or WgError (disk full, damaged, not writable). What names
a task or attempt that does not exist raises NotFoundError.
"""

from __future__ import annotations

from typing import Protocol

from wg.graph.attempt import Attempt, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace
from wg.graph.relations import Blocked, Event, Graph, Miscounted
from wg.graph.task import FOREVER, NO_LIMIT, Edit, Filter, LogEntry, Neighbour, NewTask, Summary, Task


class TaskStore(Protocol):
    """Tasks, attempts, their history, and the dispatcher's mailbox."""

    def close(self) -> None:
        """Give up the connection. Nothing else may be called afterwards."""

    # tasks

    def add(self, new: NewTask, now: float, actor: str) -> Task:
        """Store a task. WgError for an id that is taken or a text that cannot be stored (fault F30)."""

    def task(self, task_id: str) -> Task:
        """The task with exactly this id. NotFoundError names the closest."""

    def resolve(self, text: str) -> str:
        """The id that is `text`, else the only one that begins with it. WgError when several do."""

    def tasks(self, statuses: tuple[str, ...] = (), limit: int = NO_LIMIT) -> list[Summary]:
        """Tasks in order of creation; of these statuses, or all."""

    def matching(self, only: Filter, limit: int = NO_LIMIT) -> list[Summary]:
        """Tasks that the filter lets through, in order of creation."""

    def edit(self, task_id: str, changes: Edit, now: float, actor: str) -> None:
        """Change fields and labels. What runs goes on as it was started. WgError for a text that cannot be stored."""

    def labels(self, task_id: str) -> dict[str, list[str]]:
        """The task's labels by kind (all of LABELS), each kind sorted."""

    def dependencies(self, task_id: str) -> list[Neighbour]:
        """What the task depends on, in order of creation."""

    def dependents(self, task_id: str) -> list[Neighbour]:
        """What depends on the task, in order of creation."""

    def ready(self, limit: int = NO_LIMIT, now: float = FOREVER) -> list[Task]:
        """Open tasks that are not paused, have no unmet dependency, and may start at `now`.

        The highest priority first, then in order of creation.
        """

    def counts(self, now: float = FOREVER) -> dict[str, int]:
        """How many tasks have each status, and of the open ones how many are `ready` and `blocked`."""

    def log(self, task_id: str, message: str, now: float, actor: str) -> None:
        """Write a line into the task's log."""

    def log_entries(self, task_id: str, limit: int = NO_LIMIT) -> list[LogEntry]:
        """The last `limit` lines of the task's log, oldest first."""

    def person_done(self, task_id: str, now: float, actor: str) -> None:
        """Finish a task by hand. WgError when the lifecycle refuses it."""

    def person_fail(self, task_id: str, reason: str, now: float, actor: str) -> None:
        """Fail a task by hand; its held attempt is settled. WgError when the lifecycle refuses it."""

    def retry(self, task_id: str, reason: str, now: float, actor: str) -> None:
        """failed -> open, and its failures in a row are counted anew. WgError when the lifecycle refuses it."""

    def abandon(self, task_id: str, reason: str, superseded_by: str, now: float, actor: str) -> None:
        """Give a task up, perhaps for another one ("" for none). What depends on it goes on."""

    def reset(self, task_id: str, *, downstream: bool, now: float, actor: str) -> list[str]:
        """Open a task again that is over. Returns the ids of all that are open again.

        What is done and depends on it, directly or through others, is opened with it, but only with `downstream`:
        else WgError names it. WgError, too, while work that builds on it is under way.
        """

    def add_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        """Let an open or failed task depend on another. WgError names the path of a cycle that this would make."""

    def remove_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        """Let a task no longer depend on another. NotFoundError if it does not."""

    def pause(self, task_id: str, now: float, actor: str) -> None:
        """Keep an open task from being started. WgError when the lifecycle refuses it."""

    def resume(self, task_id: str, now: float, actor: str) -> None:
        """Let this one paused task run. WgError when the lifecycle refuses it."""

    def publish(self, task_id: str, *, only: bool, now: float, actor: str) -> list[str]:
        """Let a draft run and, unless `only`, every draft that depends on it; returns their ids.

        WgError, and nothing changes, if one of them depends on what is abandoned or not there, or on itself.
        """

    def person_claim(self, task_id: str, now: float, actor: str) -> None:
        """`actor` works on an open task by hand: no attempt is made for it (F28). WgError when refused."""

    def unclaim(self, task_id: str, now: float, actor: str) -> None:
        """Give a task back that a person has claimed. WgError when the lifecycle refuses it."""

    def note(self, task_id: str, text: str, now: float) -> None:
        """Say why a ready task is not started; "" takes it back, and so does a claim.

        No event if it is unchanged; nothing at all if the task is not open any more.
        """

    # attempts: claimed -> running -> ended -> settled

    def claim(
        self, task_id: str, route: RouteRecord, timeout: float, now: float, launch_deadline: float
    ) -> Attempt | None:
        """Make an attempt, if the task is still ready (fault F8), else None. `timeout` is in seconds."""

    def prepare(self, fence: int, workplace: Workplace) -> bool:
        """Store where the attempt works. False if it is not `claimed` any more."""

    def start(self, fence: int, identity: ProcessIdentity, now: float) -> bool:
        """claimed -> running. False if it is not `claimed`: then the agent must not be run (F1)."""

    def end(self, fence: int, outcome: Outcome, now: float) -> bool:
        """claimed or running -> ended. False, and only an event, if it has ended or is settled already."""

    def claim_result(self, fence: int, result: str, reason: str, now: float) -> bool:
        """What the agent says of itself ("done" or "fail"). False, and only an event, when late (F7)."""

    def hold(self, fence: int, reason: str, now: float) -> bool:
        """The task of an `ended` attempt waits, with this reason. False if the attempt is not `ended`."""

    def settle(self, fence: int, settlement: Settlement, now: float) -> bool:
        """Close the attempt and move its task. False, and nothing changes, if it is settled already.

        Only an `ended` attempt can succeed; one that never started or was lost may be settled from any state.
        """

    def attempt(self, fence: int) -> Attempt:
        """One attempt."""

    def attempts(self, states: tuple[str, ...] = ()) -> list[Attempt]:
        """Attempts in these states, or all, oldest first."""

    def attempts_of(self, task_id: str) -> list[Attempt]:
        """The task's attempts, oldest first."""

    # parts of the graph, and the history

    def graph(self) -> Graph:
        """Every task and edge."""

    def downstream(self, task_id: str) -> Graph:
        """The task and all that depends on it, however far."""

    def causes(self, task_id: str) -> Graph:
        """The task and, if it is open, the unmet dependencies that it waits for, however far."""

    def blocked(self, limit: int = NO_LIMIT) -> list[Blocked]:
        """Open tasks with unmet dependencies, in order of creation."""

    def delayed(self, now: float, limit: int = NO_LIMIT) -> list[Summary]:
        """Tasks that only wait for their time (`not_before`), the next one first."""

    def miscounted(self) -> list[Miscounted]:
        """Tasks whose stored number of unmet dependencies is not the real one: a damaged store."""

    def unattended(self) -> list[str]:
        """Ids of tasks in progress that neither an attempt nor a person works on: a damaged store."""

    def events_after(self, seq: int, task_id: str = "", limit: int = NO_LIMIT) -> list[Event]:
        """Events with a higher number than `seq`, oldest first; of this task, or of all."""

    def last_event(self) -> int:
        """The number of the newest event, 0 if there is none."""

    # the dispatcher

    def request(self, kind: str, now: float) -> None:
        """Ask the dispatcher for something (decision 6)."""

    def take_requests(self) -> list[str]:
        """The kinds of all requests, oldest first; they are gone afterwards."""

    def set_dispatcher(self, text: str) -> None:
        """What the running dispatcher says of itself (JSON), "" when it stops."""

    def dispatcher(self) -> str:
        """What the dispatcher last said of itself, or ""."""

    # the store itself

    def data_version(self) -> int:
        """A number that changes when anybody else has written."""

    def integrity_check(self) -> list[str]:
        """What is damaged, in the database's words; empty when sound."""
