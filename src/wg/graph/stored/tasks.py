"""Tasks, their fields, their edges, and what people do with them, in SQLite."""

from __future__ import annotations

from wg.graph import byhand, edges, events, fields, ids, lifecycle, listing, tasks, texts
from wg.graph.stored.part import Part
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


class Tasks(Part):
    """`contract.tasks.Tasks` says what each method does."""

    def add(self, new: NewTask, now: float, actor: str) -> Task:
        texts.require_new_task(new)
        if new.id:
            ids.require_id(new.id)
        with self._database.writing() as connection:
            return tasks.add(connection, new, now, actor)

    def task(self, task_id: str) -> Task:
        with self._database.reading() as connection:
            return tasks.get(connection, tasks.key_of(connection, task_id))

    def resolve(self, text: str) -> str:
        with self._database.reading() as connection:
            return tasks.resolve(connection, text)

    def edit(self, task_id: str, changes: Edit, now: float, actor: str) -> None:
        texts.require_edit(changes)
        with self._database.writing() as connection:
            fields.edit(connection, tasks.key_of(connection, task_id), changes, now, actor)

    def labels(self, task_id: str) -> dict[str, list[str]]:
        with self._database.reading() as connection:
            return fields.labels(connection, tasks.key_of(connection, task_id))

    def tasks(self, statuses: tuple[str, ...] = (), limit: int = NO_LIMIT) -> list[Summary]:
        return self.matching(Filter(statuses), limit)

    def matching(self, only: Filter, limit: int = NO_LIMIT, order: Order = CREATION) -> list[Summary]:
        with self._database.reading() as connection:
            return listing.summaries(connection, only, limit, order)

    def ids(self, prefix: str = "", limit: int = NO_LIMIT) -> list[str]:
        with self._database.reading() as connection:
            return listing.ids(connection, prefix, limit)

    def dependencies(self, task_id: str) -> list[Neighbour]:
        with self._database.reading() as connection:
            return edges.dependencies(connection, tasks.key_of(connection, task_id))

    def dependents(self, task_id: str) -> list[Neighbour]:
        with self._database.reading() as connection:
            return edges.dependents(connection, tasks.key_of(connection, task_id))

    def ready(self, limit: int = NO_LIMIT, now: float = FOREVER, without: Collection[Kind] = ()) -> list[Task]:
        with self._database.reading() as connection:
            return tasks.ready(connection, limit, now, without)

    def counts(self, now: float = FOREVER) -> dict[str, int]:
        with self._database.reading() as connection:
            return tasks.counts(connection, now)

    def log(self, task_id: str, message: str, now: float, actor: str) -> None:
        texts.require_message(message)
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            events.record(connection, events.LOG, task=key, now=now, actor=actor, message=message)

    def log_entries(self, task_id: str, limit: int = NO_LIMIT) -> list[LogEntry]:
        with self._database.reading() as connection:
            return events.log_entries(connection, tasks.key_of(connection, task_id), limit)

    def person_done(self, task_id: str, now: float, actor: str, *, converged: bool = False) -> None:
        with self._database.writing() as connection:
            byhand.finish(connection, tasks.key_of(connection, task_id), converged=converged, now=now, actor=actor)

    def person_fail(self, task_id: str, reason: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.PERSON_FAIL, reason, now, actor)

    def retry(self, task_id: str, reason: str, now: float, actor: str, *, fresh: bool = False) -> None:
        self._by_hand(task_id, lifecycle.RESTARTED if fresh else lifecycle.RETRIED, reason, now, actor)

    def abandon(self, task_id: str, reason: str, superseded_by: str, now: float, actor: str) -> None:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            byhand.abandon(connection, tasks.key_of(connection, task_id), reason, superseded_by, now, actor)

    def reset(self, task_id: str, *, downstream: bool, now: float, actor: str) -> list[str]:
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            return byhand.reset(connection, key, downstream=downstream, now=now, actor=actor)

    def add_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        with self._database.writing() as connection:
            key, other = tasks.key_of(connection, task_id), tasks.key_of(connection, dependency)
            edges.add(connection, key, other, now, actor)

    def remove_dependency(self, task_id: str, dependency: str, now: float, actor: str) -> None:
        with self._database.writing() as connection:
            key, other = tasks.key_of(connection, task_id), tasks.key_of(connection, dependency)
            edges.remove(connection, key, other, now, actor)

    def pause(self, task_id: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.PAUSED, "", now, actor)

    def resume(self, task_id: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.RESUMED, "", now, actor)

    def publish(self, task_id: str, *, only: bool, now: float, actor: str) -> list[str]:
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            return byhand.publish(connection, key, only=only, now=now, actor=actor)

    def person_claim(self, task_id: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.PERSON_CLAIMED, "", now, actor)

    def unclaim(self, task_id: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.UNCLAIMED, "", now, actor)

    def notes(self, told: dict[str, str], now: float) -> None:
        with self._database.writing() as connection:
            tasks.notes(connection, told, now)

    def _by_hand(self, task_id: str, event: str, reason: str, now: float, actor: str) -> None:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            byhand.change(connection, tasks.key_of(connection, task_id), event, reason, now, actor)
