"""One look at the ready tasks: what is free, and what stands in the way of whole kinds of them.

Of thousands of tasks that wait for one route, each look decides once, and tells all of them in one transaction. Those
that were told are not even read.
"""

from __future__ import annotations

from wg.dispatch.follow import InForce
from wg.dispatch.slots import Slots
from wg.graph.task import Kind, Task

# all that decides about the route of a task and where it works, and so about what stands in its way
_Kind = tuple[str, str, str, str, bool]


class Round:
    """What this look has found so far."""

    def __init__(self, in_force: InForce, slots: Slots) -> None:
        self.in_force = in_force
        self.slots = slots
        self.notes: dict[str, str] = {}  # by task, what stands in its way and is not told yet
        self.told: set[Kind] = set()  # nothing of these can be started, nor is it to be told anything
        self._blocked: dict[_Kind, str] = {}

    def is_blocked(self, task: Task) -> bool:
        """Whether tasks of its kind are known to be blocked; if so, it is to be told why."""
        obstacle = self._blocked.get(_kind(task))
        if obstacle is None:
            return False
        self._tell(task, obstacle)
        return True

    def block(self, task: Task, obstacle: str) -> None:
        """Nothing of its kind can be started now; `obstacle` is the note that says why, "" for none."""
        self._blocked[_kind(task)] = obstacle
        self._tell(task, obstacle)

    def _tell(self, task: Task, obstacle: str) -> None:
        if obstacle and task.note != obstacle:
            self.notes[task.id] = obstacle
        self.told.add(Kind(*_kind(task), obstacle or task.note))


def _kind(task: Task) -> _Kind:
    return task.model, task.tier, task.executor, task.workplace, bool(task.exec)
