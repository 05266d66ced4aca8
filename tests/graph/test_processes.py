"""Many processes on one store (F8, F18, F21)."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wg.graph.store import Store
from wg.graph.task import NewTask

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    made = str(tmp_path / "db" / "graph.db")
    Store.create(made).close()
    yield made


def writer(path: str, what: str, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.graph.writer", path, what, name, str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def acknowledged(process: subprocess.Popen[str]) -> list[str]:
    """What it printed; it must have ended well."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    return out.split()


def test_eight_writers_lose_nothing(path: str) -> None:
    writers = [writer(path, "add", f"w{number}", 8) for number in range(8)]
    told = [task_id for process in writers for task_id in acknowledged(process)]
    assert len(told) == len(set(told)) == 64
    with Store.open(path) as store:
        assert sorted(task.id for task in store.tasks(("done",))) == sorted(told)
        lines = {store.log_entries(task_id)[0].message for task_id in told}
        assert lines == {f"w{number} {line}" for number in range(8) for line in range(8)}
        assert store.integrity_check() == []


def test_thirty_two_processes_lose_nothing_and_see_no_lock(path: str) -> None:
    with Store.open(path) as store:
        for name in ("common", *(f"shared-{number}" for number in range(4))):
            store.add(NewTask(name, id=name), 1.0, "ann")
    writers = [writer(path, "mixed", f"w{number}", 4) for number in range(32)]
    told = [line.split(":") for process in writers for line in acknowledged(process)]
    done = sorted(task_id for what, task_id in told if what == "done")
    assert len(done) == len(set(done)) == 128
    # each was claimed by exactly one of all that went for it
    assert sorted(task_id for what, task_id in told if what == "claimed") == [f"shared-{n}" for n in range(4)]
    with Store.open(path) as store:
        assert sorted(task.id for task in store.tasks(("done",))) == done
        assert {task.unmet for task in store.tasks()} == {0}
        lines = {store.log_entries(task_id)[0].message for task_id in done}
        assert lines == {f"w{number} {line}" for number in range(32) for line in range(4)}
        assert store.integrity_check() == []


def test_two_claims_never_both_succeed(path: str) -> None:
    with Store.open(path) as store:
        made = [store.add(NewTask("t"), 1.0, "ann").id for _ in range(30)]
    writers = [writer(path, "claim", f"w{number}", 30) for number in range(4)]
    told = [task_id for process in writers for task_id in acknowledged(process)]
    assert sorted(told) == sorted(made)
    with Store.open(path) as store:
        assert sorted(attempt.task_id for attempt in store.attempts(("claimed",))) == sorted(made)


def test_kill_9_of_a_writer_loses_nothing_acknowledged(path: str) -> None:
    told: list[str] = []
    for _ in range(6):
        process = writer(path, "work", "w", 1000)
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _ in range(random.randint(1, 12))]
        process.kill()
        told += process.communicate()[0].split()
        with Store.open(path) as store:  # the lock and the database are free at once
            assert store.integrity_check() == []
            store.add(NewTask("after"), 1.0, "ann")
    with Store.open(path) as store:
        done = {task.id for task in store.tasks(("done",))}
        assert set(told) <= done
        assert len(done) - len(told) <= 6  # what was committed and not told any more
        assert store.counts()["blocked"] == 0
