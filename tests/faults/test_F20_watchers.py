"""F20: who watches keeps nobody from writing."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator

import pytest

from tests.faults.commands import open_store, start
from tests.harness import WG, Box, wait_for
from wg.graph.store import Store
from wg.graph.task import NewTask

WATCHERS = 4
WRITERS = 8
ROUNDS = 4


@pytest.fixture
def watchers(project: Box) -> Iterator[list[subprocess.Popen[str]]]:
    argv = [WG, "watch", "--since", "0"]
    with contextlib.ExitStack() as stack:
        made = []
        for number in range(WATCHERS):
            said = stack.enter_context((project.root / f"watched-{number}").open("w"))
            made.append(subprocess.Popen(argv, cwd=project.project, env=project.env, stdout=said, text=True))
        yield made
        for process in made:
            process.kill()
            process.wait()


def seen(project: Box) -> set[str]:
    """The messages of all events that every watcher has printed in full."""
    files = [project.root / f"watched-{number}" for number in range(WATCHERS)]
    return set.intersection(*({json.loads(line)["message"] for line in whole(file.read_text())} for file in files))


def whole(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]


def test_F20_watchers_hold_nothing_while_others_write(project: Box, watchers: list[subprocess.Popen[str]]) -> None:
    project.wg("add", "t", "--id", "t")
    project.wg("log", "t", "before")
    wait_for(lambda: "before" in seen(project), "all watch")
    expected = {f"{round_}.{each}" for round_ in range(ROUNDS) for each in range(WRITERS)}
    for round_ in range(ROUNDS):
        writers = [start(project, "log", "t", f"{round_}.{each}") for each in range(WRITERS)]
        for writer in writers:
            out, err = writer.communicate(timeout=150)
            assert (writer.returncode, err) == (0, ""), out
    wait_for(lambda: expected <= seen(project), "all have seen all")
    assert all(process.poll() is None for process in watchers)
    connection = sqlite3.connect(project.project / ".wg" / "db" / "graph.db", timeout=0)
    try:  # the write-ahead log begins anew only where nobody is in the middle of reading it

        def folded() -> bool:
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return not busy

        wait_for(folded, "no watcher holds on to what it has read")
    finally:
        connection.close()
    with open_store(project) as store:
        assert store.integrity_check() == []


def test_F20_an_export_is_of_one_moment_and_keeps_nobody_waiting(project: Box) -> None:
    path = str(project.project / ".wg" / "db" / "graph.db")
    with Store.open(path) as store:
        for number in range(2000):
            store.add(NewTask(f"t{number:04}", description="x" * 500), 1.0, "ann")
    reading, writing = os.pipe()  # nobody reads it, so the export comes to a stop in the middle
    process = subprocess.Popen([WG, "export"], cwd=project.project, env=project.env, stdout=writing)
    os.close(writing)
    first = os.read(reading, 1)
    project.wg("done", "t1999")
    project.wg("add", "zzz")
    with os.fdopen(reading, "rb") as pipe:
        lines = (first + pipe.read()).splitlines()
    assert process.wait(timeout=150) == 0
    assert len(lines) == 2000
    assert json.loads(lines[-1])["status"] == "open"
    assert len(project.wg("export").out.splitlines()) == 2001
