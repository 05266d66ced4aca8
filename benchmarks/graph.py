"""What the task commands cost in a graph of 100, 10,000 and 100,000 tasks, as multiples of a bare Python start.

    .venv/bin/python -m benchmarks.graph [--rounds N] [--tasks N ...] [--short] [--check]

Measured as in benchmarks/startup.py. The bars hold in the largest graph. For that it also prints the ratio of processor
time, which is steadier on a busy machine; that of the mean of all rounds, because now and then a write pays for folding
the write-ahead log into the file; and the most memory that a run of the command held. At the end it lets 16 processes
write at the same time through the API.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from benchmarks import interchange, writers
from benchmarks.filling import CHAIN, fill
from benchmarks.memory import peak
from benchmarks.startup import BARE, TRIES, Command, Cost, low, measure, prepare
from tests.harness import WG, Box

SIZES = (100, 10_000, 100_000)
# command -> what it may cost in the largest graph
BARS = {"ready": 3.0, "show": 3.0, "log": 3.0, "add": 3.0, "done": 3.0, "list": 4.0}
MEMORY_BAR = 40.0  # MB
RATE_BAR = 500.0  # claims a second, of all processes together; on a slow disk half of what it syncs a second
FLAT = 1.25  # how much more than in the smallest graph a command may cost in the largest, to be called flat
SOME = "t7"  # it depends on t6, and t8 on it
LARGE = 10_000  # with --short no larger graph is exported and imported


class Found(NamedTuple):
    """One command in one graph: multiples of a bare start, and MB."""

    wall: float
    cpu: float
    mean: float
    memory: float


class Shape(NamedTuple):
    """How often things are done."""

    rounds: int
    writes: int  # by each of the processes that write together, at each try

    @property
    def finished(self) -> int:
        """How many tasks one try finishes: one a round, one to fill caches, one to see its memory."""
        return self.rounds + 2

    @property
    def claimed(self) -> int:
        """How many tasks one try claims."""
        return self.writes * writers.PROCESSES


def commands(shape: Shape, attempt: int) -> tuple[Command, ...]:
    """What is measured. Each finishes tasks that no other `attempt` finishes."""
    finished = range(attempt * shape.finished, (attempt + 1) * shape.finished)
    argvs: dict[str, list[tuple[str, ...]]] = {
        "ready": [(WG, "ready", "--limit", "50")],
        "show": [(WG, "show", SOME)],
        "log": [(WG, "log", SOME, "one more line")],
        "add": [(WG, "add", "A new task", "--after", SOME)],
        "done": [(WG, "done", f"d{number}") for number in finished],
        "list": [(WG, "list", "--limit", "50")],
    }
    return (BARE, *(Command(name, tuple(argvs[name]), bar) for name, bar in BARS.items()))


def look(box: Box, measured: tuple[Command, ...], rounds: int) -> dict[str, Found]:
    """Measure these commands, of which the first is BARE."""
    costs = measure(measured, rounds, box)
    bare = _times(costs[BARE.name])
    print(f"bare start: {bare[0] * 1000:.1f} ms, processor {bare[1] * 1000:.1f} ms (lower quartile of {rounds} rounds)")
    found = {}
    for command in measured[1:]:
        wall, cpu, average = (one / other for one, other in zip(_times(costs[command.name]), bare, strict=True))
        found[command.name] = Found(wall, cpu, average, peak(command.argvs[rounds % len(command.argvs)], box))
    return found


def _times(costs: list[Cost]) -> tuple[float, float, float]:
    return low(each.wall for each in costs), low(each.cpu for each in costs), mean(each.wall for each in costs)


@contextmanager
def graph(count: int, spare: int) -> Iterator[Box]:
    """A project with that many tasks; `spare` of them are there to be finished and claimed."""
    with tempfile.TemporaryDirectory() as scratch:
        box = Box(Path(os.path.realpath(scratch)))
        prepare(box, tasks=0)
        fill(database(box), max(count - spare, CHAIN), spare)
        os.chdir(box.project)
        try:
            yield box
        finally:
            os.chdir("/")
            box.close()


def database(box: Box) -> str:
    """The path of the box's store."""
    return str(box.project / ".wg" / "db" / "graph.db")


def over(found: dict[str, Found]) -> list[str]:
    """The commands that are slower or larger than their bars allow."""
    return [name for name, each in found.items() if each.wall > BARS.get(name, each.wall) or each.memory > MEMORY_BAR]


def again(box: Box, shape: Shape, found: dict[str, Found]) -> None:
    """Measure those over their bars once more, and keep the better figures."""
    for attempt in range(1, TRIES):
        slow = [name for name in over(found) if name in BARS]
        if not slow:
            return
        print(f"over the bar, measured again: {', '.join(slow)}")
        chosen = [each for each in commands(shape, attempt) if each is BARE or each.name in slow]
        for name, figures in look(box, tuple(chosen), shape.rounds).items():
            found[name] = Found(*map(min, found[name], figures))


class Rates(NamedTuple):
    """How much is written a second, by all processes together."""

    claims: float
    adds: float
    syncs: float  # what the disk does in the same time for one process

    @property
    def bar(self) -> float:
        """How many claims it must be."""
        return min(RATE_BAR, self.syncs / 2)


def rates(box: Box, shape: Shape, tries: int) -> Rates:
    """The best of as many `tries`, if the first ones miss the bar."""
    path, each = database(box), shape.writes
    for attempt in range(tries):
        first = TRIES * shape.finished + attempt * shape.claimed
        syncs = writers.syncs(os.path.dirname(path))
        found = Rates(writers.rate(path, "claim", first, each), writers.rate(path, "add", 0, each), syncs)
        if found.claims >= found.bar:
            break
    return found


def table(found: dict[int, dict[str, Found]]) -> str:
    """The shape of cost: each command in each graph, and in the largest one all that was measured."""
    smallest, largest = min(found), max(found)
    head = "".join(f"{count:>10,}" for count in found)
    lines = [f"{'command':<8}{head}  {'shape':<12}{'cpu':>6}{'mean':>7}{'memory':>9}{'bar':>5}"]
    for name in found[smallest]:
        cells = "".join(
            f"{found[count][name].wall:>9.2f}x" if name in found[count] else f"{'-':>10}" for count in found
        )
        last = found[largest].get(name) or found[smallest][name]
        growth = last.cpu / found[smallest][name].cpu
        shape = "flat" if growth <= FLAT else f"grows {growth:.1f}x"
        bar = f"{BARS[name]:.0f}x" if name in BARS else ""
        verdict = "  OVER" if name in over(found[largest]) else ""
        lines.append(
            f"{name:<8}{cells}  {shape:<12}{last.cpu:>5.2f}x{last.mean:>6.2f}x{last.memory:>6.1f} MB{bar:>5}{verdict}"
        )
    return "\n".join(lines)


def per_thousand(found: dict[int, dict[str, Found]]) -> str:
    """Export and import handle every task: what 1,000 of them cost."""
    lines = []
    for name in ("export", "import"):
        cells = "".join(f"{each[name].wall * 1000 / count:>9.2f}x" for count, each in found.items() if name in each)
        lines.append(f"{name:<8}{cells}  for each 1,000 tasks")
    return "\n".join(lines)


def run() -> int:
    """Measure, print the tables; 1 if --check was asked for and something is over its bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often each command runs (default: 40)")
    parser.add_argument("--tasks", type=int, nargs="+", default=SIZES, help="the sizes of graph")
    parser.add_argument("--check", action="store_true", help="fail if something is over its bar")
    parser.add_argument("--short", action="store_true", help=f"export and import at most {LARGE} tasks, write less")
    arguments = parser.parse_args()
    shape = Shape(arguments.rounds, 50 if arguments.short else 200)
    found: dict[int, dict[str, Found]] = {}
    sizes = sorted(arguments.tasks)
    for count in sizes:
        # only the largest one is measured more than once, and written to by many processes
        spare = TRIES * (shape.finished + shape.claimed) if count == sizes[-1] else shape.finished
        with graph(count, spare) as box:
            print(f"{count:,} tasks")
            found[count] = look(box, commands(shape, 0), shape.rounds)
            has_interchange = interchange.exists(box)
            if has_interchange and not (arguments.short and count > LARGE):
                found[count] |= look(box, interchange.commands(box), interchange.ROUNDS)
            if count == sizes[-1]:
                if arguments.check:
                    again(box, shape, found[count])
                written = rates(box, shape, TRIES if arguments.check else 1)
    print(table(found))
    print(per_thousand(found) if has_interchange else "no wg export and wg import in this wg: not measured")
    print(
        f"{writers.PROCESSES} processes through the API: {written.claims:,.0f} claims a second"
        f" (bar: {written.bar:,.0f}), {written.adds:,.0f} adds a second;"
        f" the disk alone: {written.syncs:,.0f} syncs a second"
    )
    missed = bool(over(found[sizes[-1]])) or written.claims < written.bar
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(run())
