"""F21: the power goes, processes are killed, files are torn."""

from __future__ import annotations

import os
import subprocess
from random import Random

from tests.faults.commands import Figure, open_store, start
from tests.graph.interchange.stores import new_store, refusal, take
from tests.graph.processes import killed, writer
from tests.harness import Box
from wg.graph.store import Store
from wg.graph.task import NewTask

FULL = os.environ.get("WG_TEST_FULL") == "1"
KILLS = 400 if FULL else 25
WRITERS = 16
MANY = 1_000_000  # more than it ever does
SMALL = (
    b'{"id":"a","title":"\xc3\x84","status":"open","created_at":"2026-01-31T08:30:00.000000Z","log":[{"at":"2026-01-31'
    b'T08:30:00.000000Z","actor":"ann","message":"x"}]}\n'
    b'{"id":"b","title":"B","status":"done","created_at":"2026-01-31T08:30:00.000000Z","after":["a"]}\n'
)


def test_F21_kill_9_among_many_writers_loses_nothing_acknowledged(box: Box, figure: Figure) -> None:
    """Some write all the time and are killed behind a line that they print; commands are killed at any moment."""
    box.wg("init")
    path = str(box.project / ".wg" / "db" / "graph.db")
    random = Random(7)
    writers = [writer(path, "work", f"w{number}", MANY) for number in range(WRITERS)]
    commands: dict[str, subprocess.Popen[str]] = {}
    told: list[str] = []
    for kill in range(KILLS):
        victim = random.randrange(len(writers))
        commands |= {f"c-{kill}-{each}": start(box, "add", "t", "--id", f"c-{kill}-{each}") for each in range(2)}
        told += [_line(writers[victim]) for _ in range(random.randint(1, 4))]  # meanwhile the commands get anywhere
        commands[f"c-{kill}-0"].kill()
        told += killed(writers[victim])
        writers[victim] = writer(path, "work", f"w{WRITERS + kill}", MANY)
    for task_id, command in commands.items():
        out, err = command.communicate(timeout=150)
        assert err == ""
        assert command.returncode in ((0, -9) if task_id.endswith("-0") else (0,))
        told += [task_id] if out.endswith("}\n") else []
    ended = sum(command.returncode == -9 for command in commands.values())
    for each in writers:
        told += killed(each)
    with open_store(box) as store:
        assert store.integrity_check() == []
        assert store.miscounted() == []
        assert set(told) <= {task.id for task in store.tasks()}
        # of what a writer does to one task, each part is there or not, in this order
        assert {task.status for task in store.tasks()} <= {"open", "in-progress", "done"}
        assert {task_id for task_id in told if not task_id.startswith("c-")} <= {t.id for t in store.tasks(("done",))}
        store.add(NewTask("the lock is free"), 1.0, "ann")
    figure(f"kill -9 among {WRITERS} writers: {KILLS} behind a write, {ended} commands anywhere; {len(told)} kept")


def _line(process: subprocess.Popen[str]) -> str:
    """What it says next. It writes for ever, so an end is an error, which is shown."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, process.communicate()
    return line


def test_F21_kill_9_of_a_writer_loses_nothing_acknowledged(project: Box) -> None:
    path = str(project.project / ".wg" / "db" / "graph.db")
    told: list[str] = []
    numbers = Random(11)
    for _ in range(6):
        process = writer(path, "work", "w", 1000)
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _ in range(numbers.randint(1, 12))]
        told += killed(process)
        with Store.open(path) as store:  # the lock and the database are free at once
            assert store.integrity_check() == []
            store.add(NewTask("after"), 1.0, "ann")
    with Store.open(path) as store:
        done = {task.id for task in store.tasks(("done",))}
        assert set(told) <= done
        assert len(done) - len(told) <= 6  # what was committed and not told any more
        assert store.counts()["blocked"] == 0


def test_F21_a_file_cut_at_any_byte_is_reported() -> None:
    """F21. Only a cut at a line's end leaves a file that is whole, if smaller; then what is left is imported."""
    with new_store() as store:
        for length in range(len(SMALL)):
            cut = SMALL[:length]
            if cut.endswith(b"\n"):
                continue
            said = refusal(store, cut)
            line = cut.count(b"\n") + 1
            assert f"FILE:{line}: " in said
            assert ("cut off" in said or "without a line end" in said) if cut else "holds no task" in said
    with new_store() as store:
        assert take(store, SMALL[: SMALL.index(b"\n") + 1]).tasks == 1
    with new_store() as store:  # here a dependency tells
        second = SMALL[SMALL.index(b"\n") + 1 :]
        assert "after: there is no task a" in refusal(store, second)
