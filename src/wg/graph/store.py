"""The store of one project: the SQLite implementation of `protocol.TaskStore`."""

from __future__ import annotations

from wg.graph import attempts, byhand, database, edges, events, fields, ids, lifecycle, queries, tasks, texts
from wg.graph.attempt import Attempt, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace
from wg.graph.relations import Blocked, Event, Graph, Miscounted
from wg.graph.task import FOREVER, NO_LIMIT, Edit, Filter, LogEntry, Neighbour, NewTask, Summary, Task


class Store:
    """Tasks, attempts, their history, the dispatcher's mailbox. `TaskStore` says what each method does."""

    def __init__(self, opened: database.Database) -> None:
        self._database = opened

    @classmethod
    def create(cls, path: str) -> Store:
        """Make the database at `path` (`.wg/db/graph.db`) and its directory, or upgrade what is there."""
        return cls(database.create(path))

    @classmethod
    def open(cls, path: str) -> Store:
        """Open the database at `path`, upgrading an older schema. NotFoundError if there is none."""
        return cls(database.open_existing(path))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # tasks

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

    def matching(self, only: Filter, limit: int = NO_LIMIT) -> list[Summary]:
        with self._database.reading() as connection:
            return tasks.summaries(connection, only, limit)

    def dependencies(self, task_id: str) -> list[Neighbour]:
        with self._database.reading() as connection:
            return edges.dependencies(connection, tasks.key_of(connection, task_id))

    def dependents(self, task_id: str) -> list[Neighbour]:
        with self._database.reading() as connection:
            return edges.dependents(connection, tasks.key_of(connection, task_id))

    def ready(self, limit: int = NO_LIMIT, now: float = FOREVER) -> list[Task]:
        with self._database.reading() as connection:
            return tasks.ready(connection, limit, now)

    def counts(self, now: float = FOREVER) -> dict[str, int]:
        with self._database.reading() as connection:
            return tasks.counts(connection, now)

    def log(self, task_id: str, message: str, now: float, actor: str) -> None:
        texts.require_text(message, "the message")
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            events.record(connection, events.LOG, task=key, now=now, actor=actor, message=message)

    def log_entries(self, task_id: str, limit: int = NO_LIMIT) -> list[LogEntry]:
        with self._database.reading() as connection:
            return events.log_entries(connection, tasks.key_of(connection, task_id), limit)

    def person_done(self, task_id: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.PERSON_DONE, "", now, actor)

    def person_fail(self, task_id: str, reason: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.PERSON_FAIL, reason, now, actor)

    def retry(self, task_id: str, reason: str, now: float, actor: str) -> None:
        self._by_hand(task_id, lifecycle.RETRIED, reason, now, actor)

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

    def note(self, task_id: str, text: str, now: float) -> None:
        with self._database.writing() as connection:
            tasks.note(connection, tasks.key_of(connection, task_id), text, now)

    # attempts

    def claim(
        self, task_id: str, route: RouteRecord, timeout: float, now: float, launch_deadline: float
    ) -> Attempt | None:
        with self._database.writing() as connection:
            return attempts.claim(connection, task_id, route, timeout, now, launch_deadline)

    def prepare(self, fence: int, workplace: Workplace) -> bool:
        with self._database.writing() as connection:
            return attempts.prepare(connection, fence, workplace)

    def start(self, fence: int, identity: ProcessIdentity, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.start(connection, fence, identity, now)

    def end(self, fence: int, outcome: Outcome, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.end(connection, fence, outcome, now)

    def claim_result(self, fence: int, result: str, reason: str, now: float) -> bool:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            return attempts.report(connection, fence, result, reason, now)

    def hold(self, fence: int, reason: str, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.hold(connection, fence, reason, now)

    def settle(self, fence: int, settlement: Settlement, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.settle(connection, fence, settlement, now)

    def attempt(self, fence: int) -> Attempt:
        with self._database.reading() as connection:
            return attempts.get(connection, fence)

    def attempts(self, states: tuple[str, ...] = ()) -> list[Attempt]:
        with self._database.reading() as connection:
            return attempts.in_states(connection, states)

    def attempts_of(self, task_id: str) -> list[Attempt]:
        with self._database.reading() as connection:
            return attempts.of_task(connection, tasks.key_of(connection, task_id))

    # parts of the graph, and the history

    def graph(self) -> Graph:
        with self._database.reading() as connection:
            return queries.whole(connection)

    def downstream(self, task_id: str) -> Graph:
        with self._database.reading() as connection:
            return queries.downstream(connection, tasks.key_of(connection, task_id))

    def causes(self, task_id: str) -> Graph:
        with self._database.reading() as connection:
            return queries.causes(connection, tasks.key_of(connection, task_id))

    def blocked(self, limit: int = NO_LIMIT) -> list[Blocked]:
        with self._database.reading() as connection:
            return queries.blocked(connection, limit)

    def delayed(self, now: float, limit: int = NO_LIMIT) -> list[Summary]:
        with self._database.reading() as connection:
            return queries.delayed(connection, now, limit)

    def miscounted(self) -> list[Miscounted]:
        with self._database.reading() as connection:
            return queries.miscounted(connection)

    def unattended(self) -> list[str]:
        with self._database.reading() as connection:
            return queries.unattended(connection)

    def events_after(self, seq: int, task_id: str = "", limit: int = NO_LIMIT) -> list[Event]:
        with self._database.reading() as connection:
            key = tasks.key_of(connection, task_id) if task_id else None
            return queries.events_after(connection, seq, key, limit)

    def last_event(self) -> int:
        with self._database.reading() as connection:
            return queries.last_event(connection)

    # the dispatcher

    def request(self, kind: str, now: float) -> None:
        with self._database.writing() as connection:
            connection.execute("INSERT INTO requests (kind, at) VALUES (?, ?)", (kind, now))

    def take_requests(self) -> list[str]:
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM requests LIMIT 1").fetchone() is None:
                return []
        with self._database.writing() as connection:
            found = [row[0] for row in connection.execute("SELECT kind FROM requests ORDER BY seq")]
            connection.execute("DELETE FROM requests")
            return found

    def set_dispatcher(self, text: str) -> None:
        with self._database.writing() as connection:
            connection.execute("UPDATE dispatcher SET state = ?", (text,))

    def dispatcher(self) -> str:
        with self._database.reading() as connection:
            text: str = connection.execute("SELECT state FROM dispatcher").fetchone()[0]
            return text

    # the store itself

    def data_version(self) -> int:
        with self._database.reading() as connection:
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return version

    def integrity_check(self) -> list[str]:
        with self._database.reading() as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                found.append(f"row {row} of {table} names one of {parent} that does not exist")
            return found

    def _by_hand(self, task_id: str, event: str, reason: str, now: float, actor: str) -> None:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            byhand.change(connection, tasks.key_of(connection, task_id), event, reason, now, actor)
