"""Tasks that wait for something: looks at each tick whether it has come (F15: a lost wake-up costs one tick)."""

from __future__ import annotations

from wg.dispatch.context import Context
from wg.graph.conditions import file_state
from wg.graph.events import DISPATCHER
from wg.graph.task import Condition, Waiting


def wake(context: Context) -> None:
    """Open the tasks whose conditions are met."""
    now = context.now()
    for waiting in context.store.waiting(now):
        if _has_come(waiting, context.project.root) and context.store.wake(waiting.task, now, DISPATCHER):
            context.log.write(f"{waiting.task} goes on: what it waited for has come")


def _has_come(waiting: Waiting, root: str) -> bool:
    met = [
        _is_changed(condition, root) if known is None else known
        for condition, known in zip(waiting.conditions, waiting.met, strict=True)
    ]
    return any(met) if waiting.any_of else all(met)


def _is_changed(condition: Condition, root: str) -> bool:
    """The store does not look at files."""
    return file_state(condition.subject, root) != condition.value
