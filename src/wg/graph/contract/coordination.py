"""What tasks wait for and say to each other: loops, conditions, approvals, messages, as every store has them."""

from __future__ import annotations

from typing import Protocol

from wg.graph.task import Condition, Loop, Message, Waiting


class Coordination(Protocol):
    """See `protocol` for what holds for all methods."""

    # loops

    def declare_loop(self, loop: Loop, now: float, actor: str) -> None:
        """Let the tasks from `loop.head` to `loop.tail` run again when the tail is done, or change how they do.

        `iteration` and `converged` are not looked at. What depends on a task inside of the loop, and is outside
        of it, waits for its end. WgError where the tail does not depend on the head, or loops would cross;
        NotFoundError where the task of the guard is not there.
        """

    def remove_loop(self, tail: str, now: float, actor: str) -> bool:
        """Let no loop end with the task. False if none did."""

    def loops(self) -> list[Loop]:
        """All loops."""

    def loops_around(self, task_id: str) -> list[Loop]:
        """The loops that the task is part of, the smallest first."""

    # waiting

    def park(
        self, task_id: str, conditions: tuple[Condition, ...], reason: str, *, any_of: bool, now: float, actor: str
    ) -> None:
        """Let an open task wait until the conditions are met; with `any_of` one of them is enough.

        Of a condition `message` the value is not looked at: it is any message from now on. WgError where the
        lifecycle refuses it, or the task would wait for itself, by dependencies and by what others wait for.
        """

    def waiting(self, now: float) -> list[Waiting]:
        """The tasks that wait for conditions, and which of these are met."""

    def waiting_of(self, task_id: str, now: float) -> Waiting | None:
        """What that task waits for; None if it does not wait for conditions."""

    def wake(self, task_id: str, now: float, actor: str) -> bool:
        """waiting -> open, for a task that waits for conditions. False if it does not any more."""

    def approve(self, task_id: str, comment: str, now: float, actor: str) -> None:
        """A person says yes to what is held for that, or to a task that waits for a person. WgError when refused."""

    def reject(self, task_id: str, reason: str, now: float, actor: str) -> None:
        """A person says no: the work goes back with that reason, after lifecycle.REJECTIONS times the task fails."""

    # messages

    def send(self, task_id: str, body: str, now: float, actor: str, *, to_agents: bool = True) -> int:
        """Write to whoever works on the task; returns the message's number. The task's own agent writes to people."""

    def messages(self, task_id: str, reader: str) -> list[Message]:
        """The task's messages, oldest first, and whether `reader` (a name, or messages.AGENTS) has got them."""

    def mark_read(self, task_id: str, reader: str) -> None:
        """`reader` has got all messages of the task."""

    def unread(self, reader: str) -> list[tuple[str, int]]:
        """Tasks with messages that `reader` has not got, and how many; those with the newest first."""
