"""`wg export` and `wg import` as processes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import tty
from pathlib import Path

from tests.graph.records import FAILED, claim, run_to_end
from tests.harness import WG, Box, wait_for
from tests.original_graph import graph
from wg.graph import tasks
from wg.graph.store import Store
from wg.graph.task import NewTask


def database(box: Box) -> str:
    return str(box.project / ".wg" / "db" / "graph.db")


def other_project(box: Box) -> Path:
    directory = box.root / "other"
    directory.mkdir()
    box.wg("init", cwd=directory)
    return directory


def some_tasks(box: Box) -> None:
    box.wg("init")
    box.wg("add", "First", "-d", "l\nö", "-t", "ui", "--timeout", "30m")
    box.wg("add", "Second", "--after", "first", "--priority", "high", "--paused")
    box.wg("log", "first", "a line")


def test_there_and_back(box: Box) -> None:
    some_tasks(box)
    out = box.wg("export").out
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["first", "second"]
    other = other_project(box)
    (other / "tasks.jsonl").write_text(out)
    assert "Would import 2 tasks" in box.wg("import", "tasks.jsonl", "--dry-run", cwd=other).out
    assert box.wg("list", "--json", cwd=other).json == []
    assert box.wg("import", "tasks.jsonl", cwd=other).out == "Imported 2 tasks from tasks.jsonl\n"
    assert box.wg("export", cwd=other).out == out
    assert "a line" in box.wg("log", "first", cwd=other).out
    box.wg("check", cwd=other)
    refused = box.wg("import", "tasks.jsonl", cwd=other, code=1).err
    assert "tasks.jsonl:1: there is a task first already" in refused and "--skip-existing" in refused


def test_a_mark_of_windows_editors_is_no_part_of_the_file(box: Box) -> None:
    some_tasks(box)
    out = box.wg("export").out
    other = other_project(box)
    (other / "graph.jsonl").write_bytes(b"\xef\xbb\xbf" + graph())
    assert "a graph of the original" in box.wg("import", "graph.jsonl", "--dry-run", cwd=other).out
    box.wg("import", "-", cwd=other, stdin="\ufeff" + out)
    assert box.wg("export", cwd=other).out == out


def test_stdin_and_json(box: Box) -> None:
    some_tasks(box)
    out = box.wg("export").out
    other = other_project(box)
    report = box.wg("import", "-", "--json", cwd=other, stdin=out).json
    assert (report["file"], report["form"], report["tasks"], report["dry_run"]) == ("stdin", "wg", 2, False)
    report = box.wg("import", "-", "--json", "--skip-existing", cwd=other, stdin=out).json
    assert (report["tasks"], report["skipped"]) == (0, ["first", "second"])
    refused = box.wg("import", "-", "--json", cwd=other, stdin=out + "{\n", code=1)
    assert json.loads(refused.err)["problems"][0]["line"] == 3
    assert box.wg("export", "--json", "-o", "x", cwd=other).json == {"file": "x", "tasks": 2}


def test_the_file_is_private_and_replaced_in_one_step(box: Box) -> None:
    some_tasks(box)
    path = box.project / "tasks.jsonl"
    assert box.wg("export", "--output", "tasks.jsonl").out == "Exported 2 tasks to tasks.jsonl\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == box.wg("export").out
    path.chmod(0o644)
    before = path.stat().st_ino
    box.wg("add", "Third")
    box.wg("export", "--output", "tasks.jsonl")
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_ino != before) == (0o644, True)
    assert len(path.read_text().splitlines()) == 3
    with Store.open(database(box)) as store:
        store.add(NewTask("Zzz", extra="{broken"), 1.0, "ann")
    kept = path.read_text()
    assert "zzz cannot be exported" in box.wg("export", "--output", "tasks.jsonl", code=1).err
    assert path.read_text() == kept
    assert sorted(os.listdir(box.project)) == [".wg", "tasks.jsonl"]


def test_files_that_are_not_there_and_pipes(box: Box) -> None:
    some_tasks(box)
    for name in ("nothing", "no/such/place"):
        missing = box.wg("import", name, code=3).err
        assert missing == f"wg: error: {name} does not exist\nhint: name a file of wg export, or - for stdin\n"
    assert "directory" in box.wg("import", ".", code=1).err
    for place, why in (("no/such/place", "No such file or directory"), (".", "Is a directory")):
        assert box.wg("export", "-o", place, code=1).err == f"wg: error: {place}: {why}\n"
    assert "empty" in box.wg("export", "-o", "", code=2).err
    out = box.wg("export").out
    other = other_project(box)
    os.mkfifo(other / "pipe")
    process = subprocess.Popen([WG, "import", "pipe"], cwd=other, env=box.env, stdout=subprocess.PIPE)
    (other / "pipe").write_text(out)
    assert process.communicate(timeout=150)[0] == b"Imported 2 tasks from pipe\n"


def test_devices_and_pipes_are_written_to_and_stay(box: Box) -> None:
    some_tasks(box)
    out = box.wg("export").out
    for name in ("-", "/dev/stdout"):
        assert box.wg("export", "-o", name).out == out
    pipe = box.project / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([WG, "export", "-o", "pipe"], cwd=box.project, env=box.env, stdout=subprocess.PIPE)
    assert pipe.read_text() == out
    assert process.communicate(timeout=150)[0] == b"Exported 2 tasks to pipe\n"
    assert pipe.is_fifo()
    said = box.run("bash", "-c", f"{WG} export -o >(cat > copy; touch end)").out
    wait_for((box.project / "end").exists, "the other end of the pipe has read all")
    assert (box.project / "copy").read_text() == out and said.startswith("Exported 2 tasks to /dev/fd/")


def test_a_device_is_written_to_and_stays(box: Box) -> None:
    some_tasks(box)
    out = box.wg("export").out.encode()
    master, terminal = os.openpty()
    tty.setraw(terminal)
    name = os.ttyname(terminal)
    assert box.wg("export", "-o", name).out == f"Exported 2 tasks to {name}\n"
    seen = b""
    while len(seen) < len(out):
        seen += os.read(master, 65536)
    assert seen == out
    assert Path(name).is_char_device()
    for descriptor in (terminal, master):
        os.close(descriptor)


def test_what_an_attempt_is_at_work_on_is_open_in_a_copy(box: Box) -> None:
    box.wg("init")
    with Store.open(database(box)) as store:
        for name in ("running", "held", "claimed", "failed"):
            store.add(NewTask(name, id=name), 1.0, "ann")
        claim(store, "running")
        store.hold(run_to_end(store, "held"), "a conflict", 110.0)
        store.settle(run_to_end(store, "failed"), FAILED, 120.0)
    box.wg("claim", "claimed", env={"USER": "erik"})
    found = {each["id"]: each for each in map(json.loads, box.wg("export").out.splitlines())}
    assert {name: each["status"] for name, each in found.items()} == {
        "running": "open",
        "held": "open",
        "claimed": "in-progress",
        "failed": "failed",
    }
    assert found["claimed"]["claimed_by"] == "erik"
    assert (found["failed"]["reason"], found["failed"]["failures"]) == ("exit 1", 1)
    assert all("started_at" not in found[name] and "reason" not in found[name] for name in ("running", "held"))
    other = other_project(box)
    box.wg("import", "-", cwd=other, stdin=box.wg("export").out)
    assert {each["id"] for each in box.wg("ready", "--json", cwd=other).json["ready"]} == {"running", "held"}


def test_a_task_that_is_added_while_a_file_is_read_is_not_overwritten(box: Box) -> None:
    some_tasks(box)
    (box.project / "f").write_text(json.dumps({"id": "late", "title": "T", "status": "open", "created_at": 1}) + "\n")
    lock = str(box.project / ".wg" / "db" / "lock")
    with Store.open(database(box)) as store:
        with store._database.writing() as connection:
            process = subprocess.Popen([WG, "import", "f"], cwd=box.project, env=box.env, stderr=subprocess.PIPE)
            wait_for(lambda: lock in opened(process.pid), "the import waits to write")
            tasks.add(connection, NewTask("Mine", id="late"), 1.0, "bob")
        said = process.communicate(timeout=150)[1].decode()
        assert process.returncode == 1 and "f:1: there is a task late already" in said
        assert store.task("late").title == "Mine"


def opened(pid: int) -> list[str]:
    """What a process has open."""
    try:
        return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []


def test_a_failed_import_leaves_no_trace(box: Box) -> None:
    some_tasks(box)
    before = box.wg("export").out
    box.wg("import", "-", stdin=before.replace("first", "other") + "{", code=1)
    assert box.wg("export").out == before
    box.wg("check")


# the original's graph


def test_init_beside_the_original_offers_it(box: Box) -> None:
    place = box.project / ".wg"
    place.mkdir()
    (place / "graph.jsonl").write_bytes(graph())
    said = box.wg("init").err
    assert f"note: {place}/graph.jsonl holds tasks of the original" in said
    assert "wg import .wg/graph.jsonl" in said
    assert box.wg("export").out == ""
    assert "original" not in box.wg("init").err
    out = box.wg("import", ".wg/graph.jsonl").out
    assert "a graph of the original" in out and "incomplete -> open" in out
    box.wg("check")
    report = box.wg("import", ".wg/graph.jsonl", "--skip-existing", "--json").json
    assert (report["form"], report["tasks"]) == ("original", 0)
    assert (place / "graph.jsonl").read_bytes() == graph()


def test_init_from_elsewhere_names_the_project_and_json_says_it_too(box: Box) -> None:
    directory = box.root / "a b"
    (directory / ".wg").mkdir(parents=True)
    (directory / ".wg" / "graph.jsonl").write_bytes(graph())
    [note] = [each for each in box.wg("--dir", str(directory), "--json", "init").json["notes"] if "original" in each]
    assert f"wg --dir '{directory}' import '{directory}/.wg/graph.jsonl'" in note
