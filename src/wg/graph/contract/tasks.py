"""Tasks, their fields, their edges, and what people do with them, as every store has them."""

from __future__ import annotations

from typing import Protocol

from wg.graph.task import (
    CREATION,
    FOREVER,
    NO_LIMIT,
    Edit,
    Filter,
    Kind,
    LogEntry,
    Neighbour,
    NewTask,
    Order,
    Summary,
    Task,
)
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class Tasks(Protocol):
    """See `protocol` for what holds for all methods."""

    def add(self, new: NewTask, now: float, actor: str) -> Task:
        """Store a task. WgError for an id that is taken or a text that cannot be stored (fault F30)."""

    def task(self, task_id: str) -> Task:
        """The task with exactly this id. NotFoundError names the closest."""

    def resolve(self, text: str) -> str:
        """The id that is `text`, else the only one that begins with it. WgError when several do."""

    def tasks(self, statuses: tuple[str, ...] = (), limit: int = NO_LIMIT) -> list[Summary]:
        """Tasks in order of creation; of these statuses, or all."""

    def matching(self, only: Filter, limit: int = NO_LIMIT, order: Order = CREATION) -> list[Summary]:
        """Tasks that the filter lets through, in this order; what has not started or completed comes last in it."""

    def ids(self, prefix: str = "", limit: int = NO_LIMIT) -> list[str]:
        """The ids that begin with `prefix`, sorted."""

    def edit(self, task_id: str, changes: Edit, now: float, actor: str) -> None:
        """Change fields and labels. What runs goes on as it was started. WgError for a text that cannot be stored.

        NotFoundError if the task lacks a label that is to be removed.
        """

    def labels(self, task_id: str) -> dict[str, list[str]]:
        """The task's labels by kind (all of LABELS), each kind sorted."""

    def dependencies(self, task_id: str) -> list[Neighbour]:
        """What the task depends on, in order of creation."""

    def dependents(self, task_id: str) -> list[Neighbour]:
        """What depends on the task, in order of creation."""

    def ready(self, limit: int = NO_LIMIT, now: float = FOREVER, without: Collection[Kind] = ()) -> list[Task]:
        """Open tasks that are not paused, have no unmet dependency, and may start at `now`.

        The highest priority first, then in order of creation. Those of the kinds `without` are left out.
        """

    def counts(self, now: float = FOREVER) -> dict[str, int]:
        """How many tasks have each status, and of the open ones how many are `ready` and `blocked`."""

    def log(self, task_id: str, message: str, now: float, actor: str) -> None:
        """Write a line into the task's log. WgError if it is empty."""

    def log_entries(self, task_id: str, limit: int = NO_LIMIT) -> list[LogEntry]:
        """The last `limit` lines of the task's log, oldest first."""

    def person_done(self, task_id: str, now: float, actor: str, *, converged: bool = False) -> None:
        """Finish a task by hand; with `converged` the loop around it ends with this run. WgError when refused."""

    def person_fail(self, task_id: str, reason: str, now: float, actor: str) -> None:
        """Fail a task by hand; its held attempt is settled. WgError when the lifecycle refuses it."""

    def retry(self, task_id: str, reason: str, now: float, actor: str, *, fresh: bool = False) -> None:
        """failed -> open, and its attempts are counted anew. WgError when the lifecycle refuses it.

        With `fresh` the next attempt starts over, without what earlier ones have left.
        """

    def abandon(self, task_id: str, reason: str, superseded_by: str, now: float, actor: str) -> None:
        """Give a task up, perhaps for another one ("" for none). What depends on it goes on."""

    def reset(self, task_id: str, *, downstream: bool, now: float, actor: str) -> list[str]:
        """Open a task again that is over; its next attempt starts over. Returns the ids of all that are open again.

        What is done and depends on it, directly or through others, is opened with it, but only with `downstream`:
        else WgError names it. WgError, too, while work that builds on it is under way.
        """

    def add_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        """Let an open or failed task depend on another. WgError names the path of a cycle that this would make.

        What waits for a task by a condition is part of cycles, too.
        """

    def remove_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        """Let a task no longer depend on another. NotFoundError if it does not."""

    def pause(self, task_id: str, now: float, actor: str) -> None:
        """Keep an open task from being started. WgError when the lifecycle refuses it."""

    def resume(self, task_id: str, now: float, actor: str) -> None:
        """Let this one paused task run, or one that waits for conditions. WgError when the lifecycle refuses it."""

    def publish(self, task_id: str, *, only: bool, now: float, actor: str) -> list[str]:
        """Let a draft run and, unless `only`, every draft that depends on it; returns their ids.

        WgError, and nothing changes, if one of them depends on what is abandoned or not there, or on itself.
        """

    def person_claim(self, task_id: str, now: float, actor: str) -> None:
        """`actor` works on an open task by hand: no attempt is made for it (F28). WgError when refused."""

    def unclaim(self, task_id: str, now: float, actor: str) -> None:
        """Give a task back that a person has claimed. WgError when the lifecycle refuses it."""

    def notes(self, told: dict[str, str], now: float) -> None:
        """Say of ready tasks, by id, why they are not started; "" takes it back, and so does a claim.

        No event if it is unchanged; nothing at all for a task that is not open any more.
        """
