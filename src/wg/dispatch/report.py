"""What is going on in a project, as its store tells: for `wg status` and `wg service status`."""

from __future__ import annotations

from wg.dispatch import state
from wg.dispatch.state import DispatcherState
from wg.graph.attempt import Attempt, Pause
from wg.graph.pause import RoutePause
from wg.graph.store import Store
from wg.records import NamedTuple


class Report(NamedTuple):
    """The dispatcher, what runs, and what waits."""

    dispatcher: DispatcherState | None  # None: it is not running
    running: list[Attempt]
    pauses: list[RoutePause]
    waiting: list[tuple[str, str]]  # task id, and what it waits for
    counts: dict[str, int]  # tasks by status, and `ready` and `blocked` of the open ones
    paused: Pause | None  # who wants nothing new to be started, whether or not a dispatcher runs


def report(store: Store, now: float, listed: int = 50) -> Report:
    """What is going on. Of tasks, the first `listed` waiting and ready ones are looked at."""
    held = [(task.id, task.reason) for task in store.tasks(("waiting",), listed)]
    noted = [(task.id, task.note) for task in store.ready(listed, now) if task.note]
    running = store.attempts(("claimed", "running"))
    return Report(
        state.read(store), running, store.route_pauses(), held + noted, store.counts(now), store.service_pause()
    )
