"""F18: many processes write at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.faults.commands import Figure, open_store, start
from tests.graph.processes import acknowledged, writer
from tests.harness import Box
from wg.graph.store import Store
from wg.graph.task import NewTask

FULL = os.environ.get("WG_TEST_FULL") == "1"
ROUNDS = 30 if FULL else 2
OF_EACH = 8  # commands of each of four kinds: 32 processes


@pytest.fixture
def path(tmp_path: Path) -> str:
    made = str(tmp_path / "db" / "graph.db")
    Store.create(made).close()
    return made


def test_F18_thirty_two_commands_at_a_time_lose_nothing_and_see_no_lock(box: Box, figure: Figure) -> None:
    box.wg("init")
    with open_store(box) as store:
        for number in range(ROUNDS):
            store.add(NewTask("shared", f"shared-{number}"), 1.0, "ann")
            for each in range(OF_EACH):
                store.add(NewTask("own", f"own-{number}-{each}"), 1.0, "ann")
                store.add(NewTask("after", f"after-{number}-{each}", after=(f"own-{number}-{each}",)), 1.0, "ann")
    added: list[str] = []
    for number in range(ROUNDS):
        running = [
            (kind, start(box, *argv, user=f"user-{each}"))
            for each in range(OF_EACH)
            for kind, argv in (
                ("add", ("add", "the same title", "--after", f"shared-{number}")),
                ("log", ("log", f"shared-{number}", f"line {each}")),
                ("done", ("done", f"own-{number}-{each}")),
                ("claim", ("claim", f"shared-{number}")),
            )
        ]
        claimed = []
        for kind, process in running:
            out, err = process.communicate(timeout=150)
            if kind == "claim":
                claimed.append(process.returncode)
                refused = {0: "", 1: "is claimed by user-"}[process.returncode]
                assert refused in err
                continue
            assert (process.returncode, err) == (0, "")
            if kind == "add":
                added.append(json.loads(out)["id"])
        assert sorted(claimed) == [0] + [1] * (OF_EACH - 1)
    with open_store(box) as store:
        assert len(added) == len(set(added)) == ROUNDS * OF_EACH
        assert set(added) <= {task.id for task in store.tasks(("open",))}
        assert len(store.tasks(("done",))) == ROUNDS * OF_EACH
        assert {task.id for task in store.ready()} == {
            f"after-{number}-{each}" for number in range(ROUNDS) for each in range(OF_EACH)
        }
        for number in range(ROUNDS):
            lines = {entry.message for entry in store.log_entries(f"shared-{number}")}
            assert lines == {f"line {each}" for each in range(OF_EACH)}
            assert store.task(f"shared-{number}").claimed_by.startswith("user-")
        assert store.miscounted() == []
        assert store.integrity_check() == []
    figure(f"commands by {4 * OF_EACH} processes at a time, nothing lost: {ROUNDS * 4 * OF_EACH}")


def test_F18_eight_writers_lose_nothing(path: str) -> None:
    writers = [writer(path, "add", f"w{number}", 8) for number in range(8)]
    told = [task_id for process in writers for task_id in acknowledged(process)]
    assert len(told) == len(set(told)) == 64
    with Store.open(path) as store:
        assert sorted(task.id for task in store.tasks(("done",))) == sorted(told)
        lines = {store.log_entries(task_id)[0].message for task_id in told}
        assert lines == {f"w{number} {line}" for number in range(8) for line in range(8)}
        assert store.integrity_check() == []


def test_F18_thirty_two_processes_lose_nothing_and_see_no_lock(path: str) -> None:
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
