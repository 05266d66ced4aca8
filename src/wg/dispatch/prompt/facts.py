"""What a prompt is made of, read from the store: only what its scope will tell, and bounded in number.

Nothing depends on whether the task has been claimed yet: what is shown before the start is what the agent gets.
"""

from __future__ import annotations

from wg.graph.attempt import Attempt
from wg.graph.messages import AGENTS
from wg.graph.store import Store
from wg.graph.task import CONTEXTS, TERMINAL, LogEntry, Loop, Message, Neighbour, Task
from wg.records import NamedTuple

DEPENDENCIES = 10  # of which details are told
LOG_LINES = 3  # of each dependency
NEIGHBOURS = 10  # of each kind


class Dependency(NamedTuple):
    """What a task depends on, and what came of it."""

    id: str
    title: str
    status: str
    reason: str  # why it failed, waits or was abandoned, or ""
    artifacts: list[str]
    attempt: Attempt | None  # its last one that ran
    log: list[LogEntry]  # its last lines, oldest first


class Around(NamedTuple):
    """What else there is in the graph. Lists are whole; how much of them is told is decided where they are written."""

    dependents: list[Neighbour]
    siblings: list[Neighbour]  # not over, and waiting for the same tasks
    running: list[tuple[str, str]]  # id, title
    counts: dict[str, int]  # other tasks by status


class PromptFacts(NamedTuple):
    """All that a prompt may say of a task."""

    task: Task
    labels: dict[str, list[str]]
    ran: int  # how many attempts at it ran before
    last: Attempt | None  # the last of these
    on_branch: str  # what it left on its branch, as git tells it
    messages: list[Message]  # oldest first
    loops: list[Loop]  # that the task is part of, the smallest first
    dependencies: list[Dependency]  # the first ones
    more_dependencies: int
    around: Around | None


def reaches(scope: str, wanted: str) -> bool:
    """Whether `scope` tells what `wanted` tells; both are of CONTEXTS."""
    return CONTEXTS.index(scope) >= CONTEXTS.index(wanted)


def gather(store: Store, task_id: str, scope: str, on_branch: str) -> PromptFacts:
    """What a prompt of that scope says of the task. `on_branch` is what git tells of the last attempt's branch."""
    ran = _ran(store, task_id)
    linked = store.dependencies(task_id) if reaches(scope, "task") else []
    return PromptFacts(
        task=store.task(task_id),
        labels=store.labels(task_id),
        ran=len(ran),
        last=ran[-1] if ran else None,
        on_branch=on_branch,
        messages=store.messages(task_id, AGENTS),
        loops=store.loops_around(task_id),
        dependencies=[_dependency(store, each.id) for each in linked[:DEPENDENCIES]],
        more_dependencies=max(0, len(linked) - DEPENDENCIES),
        around=_around(store, task_id, linked[:DEPENDENCIES]) if reaches(scope, "graph") else None,
    )


def last_run(store: Store, task_id: str) -> Attempt | None:
    """The last attempt at the task that ran and is over, or None."""
    ran = _ran(store, task_id)
    return ran[-1] if ran else None


def _ran(store: Store, task_id: str) -> list[Attempt]:
    """One that never started has nothing to tell, and one that is under way is the one that is told."""
    return [each for each in store.attempts_of(task_id) if each.supervisor and each.state in ("ended", "settled")]


def _dependency(store: Store, task_id: str) -> Dependency:
    task = store.task(task_id)
    return Dependency(
        id=task.id,
        title=task.title,
        status=task.status,
        reason=task.reason,
        artifacts=store.labels(task_id)["artifact"],
        attempt=last_run(store, task_id),
        log=store.log_entries(task_id, LOG_LINES),
    )


def _around(store: Store, task_id: str, linked: list[Neighbour]) -> Around:
    siblings: dict[str, Neighbour] = {}
    for dependency in linked:
        for each in store.dependents(dependency.id):
            if each.id != task_id and each.status not in TERMINAL:
                siblings[each.id] = each
    running = store.tasks(("in-progress",), NEIGHBOURS + 2)  # one more than is told, without the task itself
    counts = store.counts()
    counts[store.task(task_id).status] -= 1
    return Around(
        dependents=store.dependents(task_id),
        siblings=list(siblings.values()),
        running=[(each.id, each.title) for each in running if each.id != task_id],
        counts=counts,
    )
