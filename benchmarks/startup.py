"""How long the commands that are called all the time take, as multiples of a bare Python start on the same machine.

    .venv/bin/python -m benchmarks.startup [--rounds N] [--check]

Each round runs every command once, in a shifting order, so that what else the machine does falls on all alike; the
lower quartile of the rounds counts, because a disturbance only ever adds. Measured as users have it: compiled modules
and the console script of this venv. With --check a command over its bar is measured again (three times at most), and
the exit code is 1 if it stays over.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.harness import WG, Box

TRIES = 3
TASKS = 50


class Command(NamedTuple):
    """What is measured. Of several command lines one is taken each round, in turn. No bar: it is only shown."""

    name: str
    argvs: tuple[tuple[str, ...], ...]
    bar: float | None


BARE = Command("python -I -c pass", ((sys.executable, "-I", "-c", "pass"),), None)
COMMANDS = (
    BARE,
    Command("wg show", ((WG, "show", "task-1"),), 3.0),
    Command("wg status", ((WG, "status"),), 5.0),
    Command("wg profile use", ((WG, "profile", "use", "claude"), (WG, "profile", "use", "codex")), 5.0),
    Command("wg profile show", ((WG, "profile", "show"),), 5.0),
    Command("wg --version", ((WG, "--version"),), None),
    Command("wg list", ((WG, "list"),), None),
    Command("wg log", ((WG, "log", "task-1"),), None),
)


def prepare(box: Box, tasks: int = TASKS) -> None:
    """A project with tasks and profiles, as in use, and every module compiled."""
    package = Path(__file__).parents[1] / "src" / "wg"
    compileall.compile_dir(package, quiet=1)
    box.repository()
    box.wg("profile", "use", "codex")
    box.wg("init")
    for number in range(1, tasks + 1):
        box.wg("add", f"Task {number}", "--id", f"task-{number}", "--exec", "true")


class Cost(NamedTuple):
    """What one run took, in seconds."""

    wall: float  # from before the process is made to its end
    cpu: float  # its own, and the kernel's for it: what else the machine does changes it less


def cost(argv: tuple[str, ...], env: Mapping[str, str]) -> Cost:
    """Run it once. RuntimeError if it fails."""
    silence = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in range(3)]
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=silence)
    _, status, used = os.wait4(pid, 0)
    taken = time.perf_counter() - begin
    if status:
        raise RuntimeError(f"{' '.join(argv)} failed: {os.waitstatus_to_exitcode(status)}")
    return Cost(taken, used.ru_utime + used.ru_stime)


def measure(commands: tuple[Command, ...], rounds: int, box: Box) -> dict[str, list[Cost]]:
    """What each command took in each round, by its name."""
    costs: dict[str, list[Cost]] = {command.name: [] for command in commands}
    for number in range(-1, rounds):  # the first round only fills caches
        start = number % len(commands)
        for command in commands[start:] + commands[:start]:
            taken = cost(command.argvs[number % len(command.argvs)], box.env)
            if number >= 0:
                costs[command.name].append(taken)
    return costs


def low(values: Iterable[float]) -> float:
    """The lower quartile."""
    return statistics.quantiles(values, n=4)[0]


def ratios(commands: tuple[Command, ...], rounds: int, box: Box) -> dict[str, float]:
    """Each command's time as a multiple of the bare start's in the same rounds."""
    times = {name: low(each.wall for each in costs) for name, costs in measure(commands, rounds, box).items()}
    print(f"bare start: {times[BARE.name] * 1000:.1f} ms (lower quartile of {rounds} rounds)")
    return {name: taken / times[BARE.name] for name, taken in times.items()}


def over(command: Command, found: Mapping[str, float]) -> bool:
    """Whether a command is slower than its bar allows."""
    return command.bar is not None and found[command.name] > command.bar


def table(found: Mapping[str, float]) -> str:
    """What was found, one command a line."""
    lines = [f"{'command':<20} {'ratio':>6} {'bar':>5}"]
    for command in COMMANDS:
        bar = f"{command.bar:.0f}x" if command.bar else ""
        verdict = "  OVER" if over(command, found) else ""
        lines.append(f"{command.name:<20} {found[command.name]:>5.2f}x {bar:>5}{verdict}")
    return "\n".join(lines)


def run() -> int:
    """Measure, print the table; 1 if --check was asked for and a command is over its bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often each command runs (default: 40)")
    parser.add_argument("--check", action="store_true", help="fail if a command is over its bar")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        box = Box(Path(os.path.realpath(scratch)))
        prepare(box)
        os.chdir(box.project)
        found = ratios(COMMANDS, arguments.rounds, box)
        for _ in range(TRIES - 1):
            slow = tuple(command for command in COMMANDS if over(command, found))
            if not (arguments.check and slow):
                break
            print(f"over the bar, measured again: {', '.join(command.name for command in slow)}")
            again = ratios((BARE, *slow), arguments.rounds, box)
            found |= {command.name: min(found[command.name], again[command.name]) for command in slow}
        box.close()
    print(table(found))
    return 1 if arguments.check and any(over(command, found) for command in COMMANDS) else 0


if __name__ == "__main__":
    sys.exit(run())
