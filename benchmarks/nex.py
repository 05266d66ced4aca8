"""What nex itself costs: its start, each turn beyond the endpoint's own time, and its memory; beside codex and claude.

    .venv/bin/python -m benchmarks.nex [--rounds N] [--check]

All of them run against the same scripted endpoint (`wg rehearse`), which lets them call their shell with `true`, again
and again. A turn is what a run of many turns takes longer than a run of one, for each turn more. The endpoint's own
time is measured by a bare client. Each round runs everything once, and the lower quartile counts. With --check the exit
code is 1 if a turn costs nex more than a bare Python start or than a peer, if a peer needs less memory, or if nex takes
more than 20 bare starts until its first request (codex, a native program, starts as soon).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.clis import Clis, installed
from tests.harness import WG, Box
from tests.rehearsal import Rehearsal

TURNS = 20
TRIES = 3
START = 20  # bare Python starts until the first request
_CODEX = ("exec", "--json", "--skip-git-repo-check", "-m", "gpt-5.5", "-s", "danger-full-access")
_CLAUDE = ("-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "bypassPermissions")


class Program(NamedTuple):
    """An agent's loop, and how it is run with a prompt on its standard input."""

    name: str
    argv: tuple[str, ...]


class Run(NamedTuple):
    """One run."""

    wall: float  # seconds
    start: float  # seconds until its first request has come
    memory: float  # MB, of the process itself at its largest


class Cost(NamedTuple):
    """What a program costs."""

    start: float  # seconds
    turn: float  # seconds
    memory: float  # MB


def programs(url: str, scratch: Path, clis: Clis | None) -> list[Program]:
    """nex, and the peers that are installed."""
    journal = str(scratch / "journal")
    nex = ("nex", "--agent", "-m", "m", "--url", url, "--journal", journal, "--max-turns=1000")
    found = [Program("nex", (WG, *nex))]
    if clis is not None:
        found += [Program("codex", (str(clis.codex), *_CODEX)), Program("claude", (str(clis.claude), *_CLAUDE))]
    return found


def run(program: Program, turns: int, box: Box, rehearsal: Rehearsal) -> Run:
    """Run it once with so many calls of its shell. RuntimeError if it fails."""
    # each call is another one, or nex takes it for going in circles
    prompt = "".join(f"REHEARSE: run true {number}\n" for number in range(turns - 1)) + "REHEARSE: final Done.\n"
    before = len(rehearsal.requests())
    (box.root / "journal").unlink(missing_ok=True)
    begin, begin_clock = time.perf_counter(), time.time()
    with (box.root / "out").open("wb") as out:
        process = subprocess.Popen(
            program.argv, cwd=box.project, env=box.env, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT
        )
        assert process.stdin is not None
        process.stdin.write(prompt.encode())
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    asked = rehearsal.requests()[before:]
    if status or len(asked) < turns:
        said = (box.root / "out").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{program.name} ended with {process.returncode} after {len(asked)} requests: {said}")
    return Run(wall, asked[0]["time"] - begin_clock, used.ru_maxrss / 1024)


def endpoint(url: str, times: int) -> float:
    """Seconds of one answer of the endpoint, to a bare client on one connection."""
    prompt = "".join(f"REHEARSE: run true {number}\n" for number in range(TURNS)) + "REHEARSE: final Done.\n"
    tool = {"name": "bash", "parameters": {"type": "object", "properties": {"command": {"type": "string"}}}}
    body = {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": prompt}],
        "tools": [{"type": "function", "function": tool}],
    }
    with httpx.Client() as client:
        client.post(f"{url}/chat/completions", json=body).raise_for_status()
        begin = time.perf_counter()
        for _ in range(times):
            client.post(f"{url}/chat/completions", json=body).raise_for_status()
        return (time.perf_counter() - begin) / times


def spent(argv: tuple[str, ...]) -> float:
    """Seconds that a program takes."""
    begin = time.perf_counter()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begin


def low(values: list[float]) -> float:
    """The lower quartile: a disturbance only ever adds."""
    return statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]


def measure(rounds: int) -> tuple[dict[str, Cost], dict[str, float]]:
    """What each program costs, and what is none of its doing."""
    with tempfile.TemporaryDirectory() as scratch:
        box = Box(Path(os.path.realpath(scratch)))
        box.repository()
        with Rehearsal(box.root / "requests.jsonl", box.env) as rehearsal:
            box.env |= rehearsal.codex_env(box.home / ".codex") | rehearsal.claude_env(box.home / ".claude")
            found = programs(rehearsal.url, box.root, installed())
            short: dict[str, list[Run]] = {program.name: [] for program in found}
            long: dict[str, list[Run]] = {program.name: [] for program in found}
            others: dict[str, list[float]] = {"bare Python": [], "endpoint": [], "bash": []}
            for _ in range(rounds):
                for program in found:
                    short[program.name].append(run(program, 1, box, rehearsal))
                    long[program.name].append(run(program, TURNS, box, rehearsal))
                others["bare Python"].append(spent((sys.executable, "-I", "-c", "pass")))
                others["endpoint"].append(endpoint(rehearsal.url, TURNS))
                others["bash"].append(spent(("/bin/bash", "-c", "true")))
        box.close()
    costs = {}
    for name in short:
        turn = (low([one.wall for one in long[name]]) - low([one.wall for one in short[name]])) / (TURNS - 1)
        memory = low([one.memory for one in long[name]])
        costs[name] = Cost(low([one.start for one in short[name]]), turn, memory)
    return costs, {name: low(values) for name, values in others.items()}


def problems(costs: dict[str, Cost], others: dict[str, float]) -> list[str]:
    """Which bars are missed."""
    nex, bare = costs["nex"], others["bare Python"]
    overhead = nex.turn - others["endpoint"] - others["bash"]
    missed = [f"a turn costs {overhead / bare:.2f} bare Python starts, and 1 is the bar"] * (overhead > bare)
    missed += [f"it starts in {nex.start / bare:.1f} bare starts, and {START} is the bar"] * (nex.start > START * bare)
    for name, cost in costs.items():
        if name != "nex":
            missed += [f"a turn of {name} takes less"] * (cost.turn < nex.turn)
            missed += [f"{name} needs less memory"] * (cost.memory < nex.memory)
    return missed


def table(costs: dict[str, Cost], others: dict[str, float]) -> list[str]:
    """For people."""
    bare = others["bare Python"]
    lines = [f"{'':8}{'until its first request':>26}{'each turn':>12}{'memory':>10}"]
    for name, cost in costs.items():
        start = f"{cost.start * 1000:.0f} ms ({cost.start / bare:.1f}x)"
        lines.append(f"{name:8}{start:>26}{cost.turn * 1000:>9.1f} ms{cost.memory:>7.0f} MB")
    own = costs["nex"].turn - others["endpoint"] - others["bash"]
    lines += [
        f"of a turn, the endpoint itself takes {others['endpoint'] * 1000:.1f} ms,"
        f" and a bare bash {others['bash'] * 1000:.1f} ms;",
        f"nex's own part is {own * 1000:.1f} ms, {own / bare:.2f} of a bare Python start ({bare * 1000:.0f} ms)",
    ]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nex", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--check", action="store_true", help="fail if a bar is missed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for attempt in range(TRIES):
        costs, others = measure(options.rounds)
        print("\n".join(table(costs, others)))
        if options.json:
            print(json.dumps({"costs": {name: cost._asdict() for name, cost in costs.items()}, "others": others}))
        missed = problems(costs, others)
        if not options.check or not missed:
            return 0
        print("\n".join(missed))
        if attempt + 1 < TRIES:
            print("measured again:")
    return 1


if __name__ == "__main__":
    sys.exit(main())
