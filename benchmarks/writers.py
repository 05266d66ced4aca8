"""Sixteen processes that stay and write through the API, as dispatchers and supervisors do: claims and adds a second.

As a program it is one of them: python -m benchmarks.writers PATH WHAT FIRST COUNT. It prints a line when it is ready,
waits for one, and works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wg.graph.attempt import RouteRecord
from wg.graph.store import Store
from wg.graph.task import NewTask

PROCESSES = 16
_SYNCS = 300
_CLAIM_BYTES = 4 * 4120  # in the write-ahead log
ROUTE = RouteRecord("shell", "", "a benchmark", "/config.toml", "digest", "")


def rate(path: str, what: str, first: int, each: int) -> float:
    """How many a second all of them do in all: "claim" the tasks d<first> and following, or "add" new ones."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.writers", path, what, str(first + number * each), str(each)],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    begin = time.perf_counter()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    taken = time.perf_counter() - begin
    if any(writer.returncode for writer in writers):
        raise RuntimeError(f"a process that was to {what} failed")
    return PROCESSES * each / taken


def syncs(directory: str) -> float:
    """How many writes of a claim's size a second one process brings to this disk: no store commits more."""
    with tempfile.TemporaryFile(dir=directory) as file:
        begin = time.perf_counter()
        for number in range(_SYNCS):
            os.pwrite(file.fileno(), b"x" * _CLAIM_BYTES, number % 64 * _CLAIM_BYTES)
            os.fsync(file.fileno())
        return _SYNCS / (time.perf_counter() - begin)


def work(store: Store, what: str, first: int, count: int) -> None:
    """What one process does."""
    for number in range(first, first + count):
        if what == "add":
            store.add(NewTask(f"Added {number}", description="x" * 2000), time.time(), "bench")
        elif store.claim(f"d{number}", ROUTE, 60.0, time.time(), time.time() + 60) is None:
            raise RuntimeError(f"d{number} was not ready")


if __name__ == "__main__":
    _, path, what, first, count = sys.argv
    with Store.open(path) as opened:
        print("ready", flush=True)
        sys.stdin.readline()
        work(opened, what, int(first), int(count))
