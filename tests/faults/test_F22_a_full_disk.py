"""F22: the disk is full."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, tree
from tests.e2e.service_box import ServiceBox, is_gone
from tests.e2e.test_unwritable import NO_ROOM, WRITING, run
from tests.e2e.unwritable import full_disk, limited
from tests.harness import WG, Box, wait_for
from wg.graph.store import Store
from wg.graph.task import NewTask


@pytest.mark.parametrize("name", [name for name in WRITING if name not in ("use -", "rename", "delete")])
def test_F22_a_switch_on_a_full_disk(links: ProfileBox, name: str) -> None:
    links.prepare("codex")
    links.box.env["EDITOR"] = "true"
    (links.home / "lock").touch(0o600)
    links.snapshot("nex").write_text(STARTER["nex"] + "# mine\n")
    before = tree(links.home)
    prefix, left = full_disk(links.home)
    refused = run(links, prefix, WRITING[name], 1).err
    assert any(reason in refused for reason in NO_ROOM) and "internal error" not in refused
    assert {path.replace(str(left), str(links.home)): what for path, what in tree(left).items()} == before


def test_F22_the_first_switch_on_a_full_disk(links: ProfileBox) -> None:
    links.home.mkdir(mode=0o700)
    prefix, left = full_disk(links.home)
    refused = run(links, prefix, ["profile", "use", "codex"], 1).err
    assert any(reason in refused for reason in NO_ROOM)
    assert left.is_dir() and list(tree(left)) == []


def test_F22_a_write_that_fails_in_the_middle_changes_nothing(project: Box) -> None:
    project.wg("add", "a")
    limited = ["bash", "-c", 'ulimit -f 80; exec "$@"', "bash"]
    refused = project.run(*limited, WG, "add", "b", "-d", "-", stdin="x" * 500_000, code=1).err
    assert "wg: error: " in refused
    assert "internal error" not in refused
    assert [task["id"] for task in project.wg("list", "--json").json] == ["a"]
    project.wg("add", "c")


def test_F22_an_outcome_waits_in_its_file_while_the_store_is_away(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    pid = service.start()
    running = service.await_running("t")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")
    (service.dir / "db").rename(service.dir / "away")
    gate.touch()
    assert running.supervisor is not None
    supervisor = running.supervisor.pid
    wait_for(lambda: is_gone(supervisor), "the supervisor has done its work")
    (service.dir / "away").rename(service.dir / "db")
    assert service.attempts("t")[0].state == "running"
    service.start()
    service.await_status("t", "done")


def test_F22_an_outcome_reaches_the_store_where_its_file_cannot_be_written(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec='mkdir "$WG_DIR/attempts/$WG_ATTEMPT/outcome.json"; exit 5'))
    service.start()
    assert service.await_status("t", "failed").reason == "exit code 5"


WRITES = (["add", "b", "-d", "x" * 20_000], ["log", "a", "y" * 20_000], ["edit", "a", "-d", "z" * 20_000])
READS = (["list"], ["show", "a"], ["log", "a"], ["ready"], ["why", "a"], ["tree"], ["watch", "--once"], ["export"])


@pytest.mark.parametrize("write", WRITES, ids=["add", "log", "edit"])
def test_F22_a_graph_on_a_full_disk_is_read_and_not_written(project: Box, write: list[str]) -> None:
    project.wg("add", "a")
    project.wg("log", "a", "a line")
    before = [project.wg(*command).out for command in READS]
    prefix, left = full_disk(project.project / ".wg" / "db", size="512k")
    script = [f'{WG} "$@" || echo "refused: $?" >&2', *(f"{WG} {' '.join(command)}" for command in READS)]
    done = project.run(*prefix, "sh", "-c", "\n".join(script), "sh", *write)
    assert "wg: error: " in done.err and "internal error" not in done.err
    assert "refused: 1" in done.err
    assert "the disk" in done.err
    assert done.out == "".join(before)
    with Store.open(str(left / "graph.db")) as store:
        assert store.integrity_check() == [] and store.miscounted() == []
        assert [task.id for task in store.tasks()] == ["a"]
        store.add(NewTask("there is room again"), 1.0, "ann")


def test_F22_a_file_is_not_replaced_by_half_of_another(project: Box) -> None:
    project.wg("add", "a")
    project.wg("export", "-o", "tasks.jsonl")
    whole = (project.project / "tasks.jsonl").read_bytes()
    project.wg("add", "b", "-d", "-", stdin="x" * 200_000)
    refused = project.run(*limited(100_000), WG, "export", "-o", "tasks.jsonl", code=1).err
    assert "wg: error: " in refused and "tasks.jsonl" in refused and "File too large" in refused
    assert (project.project / "tasks.jsonl").read_bytes() == whole
    assert [path.name for path in project.project.iterdir() if "tasks" in path.name] == ["tasks.jsonl"]
