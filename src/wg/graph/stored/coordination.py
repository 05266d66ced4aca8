"""What tasks wait for and say to each other: loops, conditions, approvals, messages, in SQLite."""

from __future__ import annotations

from wg.graph import approvals, loops, messages, tasks, texts, waits
from wg.graph.stored.part import Part
from wg.graph.task import Condition, Loop, Message, Waiting


class Coordination(Part):
    """`contract.coordination.Coordination` says what each method does."""

    # loops

    def declare_loop(self, loop: Loop, now: float, actor: str) -> None:
        texts.require_text(loop.guard, "the guard")
        with self._database.writing() as connection:
            tasks.require_loop(connection, loop)
            loops.declare(connection, tasks.key_of(connection, loop.tail), loop, now, actor)

    def remove_loop(self, tail: str, now: float, actor: str) -> bool:
        with self._database.writing() as connection:
            return loops.remove(connection, tasks.key_of(connection, tail), now, actor)

    def loops(self) -> list[Loop]:
        with self._database.reading() as connection:
            return loops.all_of_them(connection)

    def loops_around(self, task_id: str) -> list[Loop]:
        with self._database.reading() as connection:
            return loops.with_member(connection, tasks.key_of(connection, task_id))

    # waiting

    def park(
        self, task_id: str, conditions: tuple[Condition, ...], reason: str, *, any_of: bool, now: float, actor: str
    ) -> None:
        texts.require_conditions(conditions, reason)
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            waits.park(connection, key, conditions, reason, any_of=any_of, now=now, actor=actor)

    def waiting(self, now: float) -> list[Waiting]:
        with self._database.reading() as connection:
            return waits.waiting(connection, now)

    def waiting_of(self, task_id: str, now: float) -> Waiting | None:
        with self._database.reading() as connection:
            return next(iter(waits.waiting(connection, now, tasks.key_of(connection, task_id))), None)

    def wake(self, task_id: str, now: float, actor: str) -> bool:
        with self._database.writing() as connection:
            return waits.wake(connection, tasks.key_of(connection, task_id), now, actor)

    def approve(self, task_id: str, comment: str, now: float, actor: str) -> None:
        texts.require_text(comment, "the comment")
        with self._database.writing() as connection:
            approvals.approve(connection, tasks.key_of(connection, task_id), comment, now, actor)

    def reject(self, task_id: str, reason: str, now: float, actor: str) -> None:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            approvals.reject(connection, tasks.key_of(connection, task_id), reason, now, actor)

    # messages

    def send(self, task_id: str, body: str, now: float, actor: str, *, to_agents: bool = True) -> int:
        texts.require_message(body)
        with self._database.writing() as connection:
            key = tasks.key_of(connection, task_id)
            return messages.send(connection, key, body, now, actor, to_agents=to_agents)

    def messages(self, task_id: str, reader: str) -> list[Message]:
        with self._database.reading() as connection:
            return messages.of_task(connection, tasks.key_of(connection, task_id), reader)

    def mark_read(self, task_id: str, reader: str) -> None:
        with self._database.writing() as connection:
            messages.mark_read(connection, tasks.key_of(connection, task_id), reader)

    def unread(self, reader: str) -> list[tuple[str, int]]:
        with self._database.reading() as connection:
            return messages.unread(connection, reader)
