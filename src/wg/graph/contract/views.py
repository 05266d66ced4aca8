"""Parts of the graph for those who look at it, what is wrong with it, and its history, as every store has them."""

from __future__ import annotations

from typing import Protocol

from wg.graph.relations import Blocked, Event, Graph, Miscounted
from wg.graph.task import NO_LIMIT, Summary


class Views(Protocol):
    """See `protocol` for what holds for all methods."""

    def graph(self) -> Graph:
        """Every task and edge."""

    def outline(self, part: str, lines: int) -> Graph:
        """As much of a part of the graph (one of outline.PARTS) as is drawn in that many lines, and one more.

        "unfinished" is what is not done or abandoned, and what that directly depends on.
        """

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

    def cycle(self) -> list[str]:
        """Ids of tasks that wait for each other in a ring, the first again at the end: a damaged store."""

    def deadlock(self) -> list[str]:
        """Ids of tasks that wait for each other in a ring, not by dependencies alone, which `cycle` says.

        The first waits for the next by a condition, and stands at the end again. Commands refuse it, imports do not.
        """

    def unattended(self) -> list[str]:
        """Ids of tasks in progress that neither an attempt nor a person works on: a damaged store."""

    def events_after(self, seq: int, task_id: str = "", limit: int = NO_LIMIT) -> list[Event]:
        """Events with a higher number than `seq`, oldest first; of this task, or of all."""

    def last_event(self) -> int:
        """The number of the newest event, 0 if there is none."""
