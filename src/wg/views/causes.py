"""Why a task does not run: the chains of dependencies from it to the last causes."""

from __future__ import annotations

import time
from collections.abc import Callable

from wg.graph.attempt import Attempt, Pause
from wg.graph.events import agent
from wg.graph.lifecycle import APPROVAL
from wg.graph.relations import Awaited, Graph
from wg.graph.task import SATISFYING, Summary
from wg.records import TYPE_CHECKING, NamedTuple
from wg.text import duration

if TYPE_CHECKING:
    from wg.dispatch.state import DispatcherState
    from wg.graph.pause import RoutePause

# kinds of causes, those that a person has to do something about first
FAILED, LOOP, WAITING, PAUSED, HELD_UP = "failed", "loop", "waiting", "paused", "held-up"
ROUTE_PAUSED = "route-paused"
DELAYED = "delayed"
EVALUATED, RUNNING, READY, OVER = "being-evaluated", "running", "ready", "over"
_ORDER = (FAILED, LOOP, WAITING, PAUSED, HELD_UP, ROUTE_PAUSED, DELAYED, EVALUATED, RUNNING, READY, OVER)


class Situation(NamedTuple):
    """What else decides whether a task runs."""

    dispatcher: DispatcherState | None  # None: it is not running
    attempts: dict[str, Attempt]  # those that are not settled, by task
    now: float  # seconds since the epoch
    pauses: list[RoutePause]
    paused: Pause | None = None  # who wants nothing new to be started
    lost: frozenset[int] = frozenset()  # attempts that are said to run, and whose supervisor is dead


class Reason(NamedTuple):
    """What is the matter with one task itself. `remedy` is what to do about it, or ""."""

    kind: str
    text: str
    remedy: str


class Cause(NamedTuple):
    """A last cause. `chain` leads to it: ids, of which each waits for the next."""

    chain: list[str]
    kind: str
    text: str
    remedy: str


def causes_of(task_id: str, graph: Graph, situation: Situation) -> list[Cause]:
    """At least one, each with its shortest chain. `graph` holds at least what `TaskStore.causes` returns."""
    tasks = {task.id: task for task in graph.tasks}
    blockers = _blockers(graph, tasks)
    came_from = {task_id: ""}
    found: list[Cause] = []
    reached = [task_id]
    for each in reached:  # it grows: breadth first, so that chains are shortest
        reason = _reason(tasks[each], each in blockers, situation)
        if reason is not None:
            found.append(Cause(_chain(each, came_from), *reason))
        for blocker in blockers.get(each, ()):
            if blocker not in came_from:
                came_from[blocker] = each
                reached.append(blocker)
    found += [
        Cause([*_chain(each.task, came_from), each.other], *_in_vain(each, tasks[each.other]))
        for each in graph.awaited
        if each.task in came_from and _is_over(each, tasks)
    ]
    circle = _circle({each: blockers[each] for each in reached if each in blockers})
    if circle:
        found.append(_loop([*_chain(circle[0], came_from), *circle[1:]], tasks))
    return sorted(found, key=lambda cause: _ORDER.index(cause.kind))


def _chain(last: str, came_from: dict[str, str]) -> list[str]:
    chain = []
    while last:
        chain.append(last)
        last = came_from[last]
    return chain[::-1]


def _circle(blockers: dict[str, list[str]]) -> list[str]:
    """A circle of tasks of which each waits for the next; the first is the one that was reached first, and the last."""
    import graphlib  # only for `wg why`

    try:
        graphlib.TopologicalSorter(blockers).prepare()
    except graphlib.CycleError as error:
        members: list[str] = error.args[1][:0:-1]
        first = members.index(next(each for each in blockers if each in members))
        return [*members[first:], *members[: first + 1]]
    return []


def _loop(chain: list[str], tasks: dict[str, Summary]) -> Cause:
    """The chain comes back to where it was; one of these that waits by a condition can be freed."""
    waiting = next((each for each in chain if tasks[each].status == "waiting"), "")
    remedy = f"wg resume {waiting} ends its waiting" if waiting else f"wg show {chain[-1]} lists what it waits for"
    return Cause(chain, LOOP, "these tasks wait for each other", remedy)


def _is_over(awaited: Awaited, tasks: dict[str, Summary]) -> bool:
    """Whether it waits for what is over; what has failed is a cause itself."""
    return tasks[awaited.task].status == "waiting" and tasks[awaited.other].status in SATISFYING


def _in_vain(awaited: Awaited, other: Summary) -> Reason:
    """What is awaited is over, and not as it was to be."""
    text = f"it is {other.status}, and will not be {awaited.status} by itself"
    return Reason(WAITING, text, f"wg resume {awaited.task} ends the waiting")


def _blockers(graph: Graph, tasks: dict[str, Summary]) -> dict[str, list[str]]:
    """By task, what must go on before it can."""
    found: dict[str, list[str]] = {}
    for task, other in [*graph.edges, *((each.task, each.other) for each in graph.awaited)]:
        if tasks[task].status in ("open", "waiting") and tasks[other].status not in SATISFYING:
            found.setdefault(task, []).append(other)
    return found


def _reason(task: Summary, is_blocked: bool, situation: Situation) -> Reason | None:
    """None where the task only waits for others."""
    if task.status != "open":
        return _REASONS[task.status](task, situation)
    if task.paused:
        return Reason(PAUSED, "it is paused", f"wg resume {task.id} lets it run")
    return None if is_blocked else _ready(task, situation)


def _failed(task: Summary, _: Situation) -> Reason:
    return Reason(
        FAILED, _because("it failed", task.reason), f"wg show {task.id} says more, wg retry {task.id} tries again"
    )


def _waiting(task: Summary, situation: Situation) -> Reason:
    attempt = situation.attempts.get(task.id)
    if attempt is not None and attempt.hold != APPROVAL and situation.dispatcher is None:
        return Reason(HELD_UP, _because("it waits, and no dispatcher is running", task.reason), "wg service start")
    return Reason(WAITING, _because("it waits", task.reason), f"wg show {task.id} says more")


def _evaluated(_task: Summary, _: Situation) -> Reason:
    return Reason(EVALUATED, "it is being evaluated", "")


def _over(task: Summary, _: Situation) -> Reason:
    return Reason(OVER, _because(f"it is {task.status}", task.reason), "")


def _running(task: Summary, situation: Situation) -> Reason:
    if task.claimed_by:
        return Reason(RUNNING, f"{task.claimed_by} has claimed it and works on it", "")
    attempt = situation.attempts.get(task.id)
    if attempt is None:
        return Reason(RUNNING, "it is in progress", "")
    name = agent(attempt.fence)
    has_ended = attempt.state == "ended" or attempt.fence in situation.lost
    if has_ended and situation.dispatcher is None:
        how = "has ended" if attempt.state == "ended" else "is dead"
        return Reason(HELD_UP, f"{name} {how}, and no dispatcher is running to judge what it did", "wg service start")
    spent = duration(max(0.0, situation.now - attempt.claimed_at))
    doing = "has ended, and what it did is being checked" if has_ended else "is working on it"
    return Reason(RUNNING, f"{name} {doing} (since {_moment(attempt.claimed_at)}, {spent})", "")


_REASONS: dict[str, Callable[[Summary, Situation], Reason]] = {
    "failed": _failed,
    "waiting": _waiting,
    "pending-eval": _evaluated,
    "in-progress": _running,
    "done": _over,
    "abandoned": _over,
}


def _ready(task: Summary, situation: Situation) -> Reason:
    if task.starts_at > situation.now:
        return _delayed(task)
    if situation.paused:
        text = (
            f"it is ready, but {situation.paused.by} has paused the dispatcher (since {_moment(situation.paused.at)})"
        )
        return Reason(HELD_UP, text, "wg service resume")
    dispatcher = situation.dispatcher
    if dispatcher is None:
        return Reason(HELD_UP, "it is ready, but no dispatcher is running", "wg service start")
    if dispatcher.problem:
        text = f"it is ready, but the dispatcher starts nothing new: {dispatcher.problem}"
        return Reason(HELD_UP, text, "wg doctor says how to mend it")
    pause = next((each for each in situation.pauses if each.note == task.note), None)
    if pause is not None:
        remedy = f"wg service unpause {pause.route} tries it at once; wg status names profiles that would go on"
        return Reason(ROUTE_PAUSED, f"it is ready, but the route {pause.describe(situation.now)}", remedy)
    if task.note:
        return Reason(HELD_UP, f"it is ready, but not started: {task.note}", f"wg explain {task.id} shows its way")
    running = [each for each in situation.attempts.values() if each.state in ("claimed", "running")]
    if len(running) >= dispatcher.max_agents:
        text = f"it is ready, but all slots are taken: {len(running)} of {dispatcher.max_agents}"
        return Reason(READY, text, "wg status shows what runs")
    full = _full_kinds(running, dispatcher.own_limits)
    if full:
        text = f"it is ready, and no more agents are started of: {full}"
        return Reason(READY, text, "wg status shows what runs")
    in_directory = [each for each in situation.attempts.values() if each.route.executor != "shell" and not each.hold]
    if dispatcher.serial_reason and in_directory:
        text = f"it is ready, but agents run one at a time, and {agent(in_directory[0].fence)} is at work"
        return Reason(READY, f"{text}: {dispatcher.serial_reason}", "wg status shows what runs")
    before = f"; before: {task.reason}" if task.reason else ""
    return Reason(READY, f"it is ready: the dispatcher is about to start it{before}", "")


def _delayed(task: Summary) -> Reason:
    if task.resting_until >= task.starts_at:
        return Reason(DELAYED, _because(f"it is tried again at {_moment(task.resting_until)}", task.reason), "")
    return Reason(DELAYED, f"it does not start before {_moment(task.starts_at)}", "")


def _full_kinds(running: list[Attempt], limits: dict[str, int]) -> str:
    """The executors that have reached their own limit, with it."""
    counts = {executor: sum(each.route.executor == executor for each in running) for executor in limits}
    return ", ".join(f"{name} ({limits[name]} run)" for name, count in counts.items() if count >= limits[name])


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _because(what: str, reason: str) -> str:
    return f"{what}: {reason}" if reason else what
