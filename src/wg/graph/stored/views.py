"""Parts of the graph for those who look at it, what is wrong with it, and its history, in SQLite."""

from __future__ import annotations

from wg.graph import edges, needs, outline, queries, tasks
from wg.graph.relations import Blocked, Event, Graph, Miscounted
from wg.graph.stored.part import Part
from wg.graph.task import NO_LIMIT, Summary


class Views(Part):
    """`contract.views.Views` says what each method does."""

    def graph(self) -> Graph:
        with self._database.reading() as connection:
            return queries.whole(connection)

    def outline(self, part: str, lines: int) -> Graph:
        with self._database.reading() as connection:
            return outline.outline(connection, part, lines)

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

    def cycle(self) -> list[str]:
        with self._database.reading() as connection:
            return edges.any_cycle(connection)

    def deadlock(self) -> list[str]:
        with self._database.reading() as connection:
            return needs.deadlock(connection)

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
