"""One tick of the dispatcher, timed in this process, in graphs of several sizes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks.filling import CHAIN, fill
from tests.e2e.service_box import ServiceBox
from wg import processes
from wg.dispatch.context import Context, context_of
from wg.dispatch.follow import STILL_SECONDS
from wg.dispatch.launcher import Launcher
from wg.dispatch.log import Told
from wg.dispatch.pauses import Pauses
from wg.dispatch.watcher import Watcher
from wg.executors import failures
from wg.graph.attempt import RouteRecord
from wg.graph.pause import RoutePause
from wg.graph.store import Store
from wg.locations import Project

# tasks, and how many of them are ready and wait for a paused route, at least
CASES = ((100, 0), (100_000, 0), (100_000, 10_000))
HARDEST = (CASES[0], CASES[-1])
_ROUNDS = 15
_UNDER_WAY = 6  # of 8 slots
_LATER = 1e9  # seconds
_ROUTE = RouteRecord("codex", "codex:gpt-5.5", "a benchmark", "/config.toml", "digest", "codex")


def measure(made: ServiceBox, count: int, waiting: int) -> Iterator[tuple[str, float]]:
    """What was timed, and the median of a few ticks in seconds.

    Every ready task waits: for a paused route, with 10% of the tasks ready at least, or because the slots are taken.
    """
    fill(str(made.dir / "db" / "graph.db"), count - waiting, waiting)
    project = Project(str(made.box.project), str(made.dir))
    with _environment(made), made.store() as store:
        _occupy(store, 8 if not waiting else _UNDER_WAY)
        if waiting:
            _pause(store)
        yield from _timed(context_of(project, store, Told(lambda _: None)), count, waiting)


@contextmanager
def _environment(made: ServiceBox) -> Iterator[None]:
    """For the dispatcher's code inside this process: the box's own home and programs."""
    before = dict(os.environ)
    os.environ.update(made.box.env)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _timed(context: Context, count: int, waiting: int) -> Iterator[tuple[str, float]]:
    pauses = Pauses(context)
    launcher = Launcher(context, pauses)
    watcher = Watcher(context, launcher, pauses)
    launcher.look_at_repository()
    time.sleep(STILL_SECONDS)
    while context.jobs.are_under_way():
        context.jobs.finish(1.0)
    first, *rest = [_tick(launcher, watcher) for _ in range(_ROUNDS + 1)]
    ready = waiting + (count - waiting) // CHAIN
    what = f"{ready:,} of them wait for a paused route" if waiting else "all slots taken"
    yield f"tick at {count:,} tasks, {what}", median(rest)
    if waiting:
        yield "  the first one, which tells them all", first


def _tick(launcher: Launcher, watcher: Watcher) -> float:
    begin = time.perf_counter()
    watcher.run()
    launcher.start_ready()
    return time.perf_counter() - begin


def _occupy(store: Store, slots: int) -> None:
    """Attempts under way, whose supervisor is this process."""
    now = time.time()
    for number in range(slots):
        attempt = store.claim(f"t{number * CHAIN}", _ROUTE, 3600.0, now, now + 3600)
        assert attempt is not None and store.start(attempt.fence, processes.own_identity(), now)


def _pause(store: Store) -> None:
    """The route that every task of this graph takes."""
    now = time.time()
    store.pause_route(RoutePause("codex", failures.QUOTA, now + _LATER, now, 1, "no quota", 1, "digest"), now)
