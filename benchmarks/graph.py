"""What the task commands cost in a graph of 100, 10,000 and 100,000 tasks, as multiples of a bare Python start.

    .venv/bin/python -m benchmarks.graph [--rounds N] [--tasks N ...]

Each task has a description of 2 KB and a line in its log; every tenth is ready, the others form chains behind it.
Measured as in benchmarks/startup.py.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.startup import BARE, Command, prepare, ratios
from tests.harness import WG, Box
from wg.graph import events, tasks
from wg.graph.store import Store
from wg.graph.task import NewTask

SIZES = (100, 10_000, 100_000)
CHAIN = 10
TEXT = "What the agent must know of this task. " * 53  # 2 KB
# command -> what it may cost in the largest graph
BARS = {"ready": 3.0, "show": 3.0, "log": 3.0, "add": 3.0, "done": 3.0, "list": 4.0}


def fill(path: str, count: int) -> None:
    """Bring the store to `count` tasks, in one transaction."""
    with Store.open(path) as store:
        before = len(store.tasks())
        with store._database.writing() as connection:
            for number in range(before, count):
                after = (f"t{number - 1}",) if number % CHAIN else ()
                tasks.add(connection, NewTask(f"Task {number}", f"t{number}", TEXT, after), 1.0, "bench")
                key = tasks.key_of(connection, f"t{number}")
                events.record(connection, events.LOG, task=key, now=2.0, actor="bench", message="a line in the log")


def commands(count: int, rounds: int) -> tuple[Command, ...]:
    """What is measured. Every round finishes another task: those of this size that no smaller size has used."""
    finished = [f"t{count - CHAIN * each}" for each in range(1, rounds + 2)]
    return (
        BARE,
        Command("ready", ((WG, "ready", "--limit", "50"),), BARS["ready"]),
        Command("show", ((WG, "show", f"t{count // 2}"),), BARS["show"]),
        Command("log", ((WG, "log", f"t{count // 2}", "one more line"),), BARS["log"]),
        Command("add", ((WG, "add", "A new task", "--after", f"t{count // 2}"),), BARS["add"]),
        Command("done", tuple((WG, "done", task_id) for task_id in finished), BARS["done"]),
        Command("list", ((WG, "list", "--limit", "50"),), BARS["list"]),
    )


def run() -> int:
    """Measure, print one table of all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8, help="how often each command runs, at most 8 (default: 8)")
    parser.add_argument("--tasks", type=int, nargs="+", default=SIZES, help="the sizes of graph")
    arguments = parser.parse_args()
    rounds = min(arguments.rounds, SIZES[0] // CHAIN - 2)
    found: dict[int, dict[str, float]] = {}
    for count in arguments.tasks:
        with tempfile.TemporaryDirectory() as scratch:
            box = Box(Path(os.path.realpath(scratch)))
            prepare(box, tasks=0)
            fill(str(box.project / ".wg" / "db" / "graph.db"), count)
            os.chdir(box.project)
            found[count] = ratios(commands(count, rounds), rounds, box)
            box.close()
            os.chdir("/")
    print("command " + "".join(f"{count:>9,}" for count in found) + "    bar")
    for name, bar in BARS.items():
        print(f"{name:<8}" + "".join(f"{ratio[name]:>8.2f}x" for ratio in found.values()) + f"{bar:>6.0f}x")
    return 0


if __name__ == "__main__":
    sys.exit(run())
