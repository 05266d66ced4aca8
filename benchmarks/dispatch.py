"""What the dispatcher costs: how soon an agent starts, how long a tick takes, what idles, and what gets done.

    .venv/bin/python -m benchmarks.dispatch [--short] [--check]

Latency is from before `wg add` to a line that the agent itself writes first. A tick is timed inside this process, with
8 attempts under way, once nothing new is to be told. With --check all is measured again (three times at most) while
something is over its bar, the better figures count, and the exit code is 1 if one stays over.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from benchmarks import ticks
from benchmarks.startup import TRIES
from tests.e2e.service_box import ServiceBox
from tests.harness import WG, Box, wait_for
from wg.graph.store import Store
from wg.graph.task import NewTask

IDLE_SECONDS = 6.0
SUPERVISED = 4
SLOTS = 8


class Shape(NamedTuple):
    """How often things are done."""

    starts: int  # of each kind of agent
    shells: int  # tasks that are `true`
    agents: int  # tasks whose agent commits in a worktree


SHORT = Shape(starts=8, shells=24, agents=8)
LONG = Shape(starts=40, shells=200, agents=60)


class Figure(NamedTuple):
    """One line of the table. No bar: it is only shown."""

    value: float
    unit: str
    bar: float | None = None

    @property
    def over(self) -> bool:
        """Whether it is larger than its bar allows."""
        return self.bar is not None and self.value > self.bar


Figures = dict[str, Figure]


@contextmanager
def service() -> Iterator[ServiceBox]:
    """A project of its own, and a dispatcher; neither is there afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        box = Box(Path(os.path.realpath(scratch)))
        try:
            made = ServiceBox(box)
            made.agent("codex")
            made.limit("codex", max_agents=SLOTS)
            yield made
        finally:
            box.close()


def idle(_: Shape) -> Figures:
    """A dispatcher that has nothing to do."""
    with service() as made:
        dispatcher = psutil.Process(made.start())
        time.sleep(1.0)  # what it does once at its start is over
        before, begin = sum(dispatcher.cpu_times()[:2]), time.perf_counter()
        time.sleep(IDLE_SECONDS)
        used = sum(dispatcher.cpu_times()[:2]) - before
        return {
            "idle dispatcher, processor": Figure(used / (time.perf_counter() - begin) * 100, "%", 1.0),
            "idle dispatcher, memory": Figure(dispatcher.memory_info().rss / 1e6, "MB"),
        }


def supervisors(_: Shape) -> Figures:
    """The largest of a few supervisors; RSS counts pages that all of them share, PSS divides those."""
    with service() as made:
        for number in range(SUPERVISED):
            made.add(NewTask("Sleeps", f"t{number}", exec="exec sleep 600"))
        made.start()
        running = [made.await_running(f"t{number}") for number in range(SUPERVISED)]
        wait_for(lambda: len(made.pids_of("600")) == SUPERVISED, "the agents run")
        sizes = [psutil.Process(each.supervisor.pid).memory_full_info() for each in running if each.supervisor]
        return {
            "supervisor, memory": Figure(max(size.rss for size in sizes) / 1e6, "MB", 25.0),
            "supervisor, its share": Figure(max(getattr(size, "pss", size.uss) for size in sizes) / 1e6, "MB"),
        }


def starts(shape: Shape) -> Figures:
    """From `wg add` to the agent's first line, one at a time."""
    with service() as made:
        made.start()
        kinds: tuple[tuple[str, Callable[[Path], tuple[str, ...]]], ...] = (
            ("a shell task", lambda out: ("--exec", f"date +%s%N > {out}")),
            ("an agent in a worktree", lambda out: ("--no-work", "--description", f"RUN: date +%s%N > {out}")),
        )
        found = {}
        for name, options in kinds:
            waits = sorted(_start(made, name, number, options) for number in range(shape.starts))
            found[f"start of {name}, p50"] = Figure(median(waits), "ms", 500.0)
            found[f"start of {name}, p95"] = Figure(waits[int(len(waits) * 0.95)], "ms")
        return found


def _start(made: ServiceBox, kind: str, number: int, options: Callable[[Path], tuple[str, ...]]) -> float:
    """Milliseconds. The task is over when this returns."""
    task = f"{kind.replace(' ', '-')}-{number}"
    out = made.records / task
    time.sleep(number % 7 * 0.03)  # so that it falls on every moment between two looks of the dispatcher
    begin = time.time()
    made.box.run(WG, "add", task, "--id", task, *options(out))
    started = int(made.await_file(out)) / 1e9
    wait_for(lambda: made.task(task).status in ("done", "failed"), f"{task} is over")
    return (started - begin) * 1000


def throughput(shape: Shape) -> Figures:
    """Tasks a minute, from the dispatcher's start until all are done."""
    kinds: tuple[tuple[str, int, Callable[[int], NewTask]], ...] = (
        ("shell tasks", shape.shells, lambda number: NewTask("True", f"t{number}", exec="true")),
        ("merged work", shape.agents, lambda number: NewTask("Work", f"t{number}", f"RUN: echo > made-{number}")),
    )
    found = {}
    for name, count, task in kinds:
        with service() as made, made.store() as store:
            for number in range(count):
                store.add(task(number), time.time(), "bench")
            begin = time.perf_counter()
            made.start()
            wait_for(partial(_are_done, store, count), f"{name} are done", 600)
            found[f"{name}, {SLOTS} at once"] = Figure(count / (time.perf_counter() - begin) * 60, "a minute")
    return found


def _are_done(store: Store, count: int) -> bool:
    return store.counts()["done"] == count


def tick(shape: Shape) -> Figures:
    """How long the dispatcher's one thread is busy with one look at all that is to be done."""
    found = {}
    for count, waiting in ticks.CASES if shape == LONG else ticks.HARDEST:
        with service() as made:
            for name, taken in ticks.measure(made, count, waiting):
                found[name] = Figure(taken * 1000, "ms", None if name.startswith(" ") else 100.0)
    return found


PARTS = (idle, supervisors, starts, tick, throughput)


def better(figures: Figures, again: Figures) -> Figures:
    """The smaller one of each with a bar."""
    return figures | {name: min(figures[name], again[name]) for name in figures if figures[name].over}


def table(found: Figures) -> str:
    """What was found, one figure a line."""
    lines = [f"{'what':<66}{'found':>9} {'unit':<9}{'bar':>6}"]
    for name, each in found.items():
        bar = f"{each.bar:,.0f}" if each.bar is not None else ""
        lines.append(f"{name:<66}{each.value:>9,.1f} {each.unit:<9}{bar:>6}{'  OVER' if each.over else ''}")
    return "\n".join(lines)


def run() -> int:
    """Measure, print the table; 1 if --check was asked for and something is over its bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if something is over its bar")
    parser.add_argument("--short", action="store_true", help="do everything less often")
    arguments = parser.parse_args()
    shape = SHORT if arguments.short else LONG
    found: Figures = {}
    for part in PARTS:
        figures = part(shape)
        for _ in range(TRIES - 1):
            slow = [name for name, each in figures.items() if each.over]
            if not (arguments.check and slow):
                break
            print(f"over the bar, measured again: {', '.join(slow)}")
            figures = better(figures, part(shape))
        found |= figures
    print(table(found))
    print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 1 if arguments.check and any(each.over for each in found.values()) else 0


if __name__ == "__main__":
    sys.exit(run())
