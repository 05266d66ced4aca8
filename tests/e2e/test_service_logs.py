"""`wg service logs`, and `wg service status --all`."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import WG, Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


@pytest.fixture
def log(service: ServiceBox) -> Path:
    """A log that no dispatcher writes."""
    path = service.dir / "service" / "dispatcher.log"
    path.parent.mkdir()
    path.write_text("".join(f"line {number}\n" for number in range(100)))
    return path


def test_what_the_dispatcher_writes(service: ServiceBox) -> None:
    assert "wg service start" in service.box.wg("service", "logs", code=3).err
    pid = service.start()
    assert f"dispatcher {pid} starts in " in service.box.wg("service", "logs").out


def test_the_last_lines_also_of_before_a_rotation(service: ServiceBox, log: Path) -> None:
    assert service.box.wg("service", "logs").out.splitlines() == [f"line {number}" for number in range(50, 100)]
    log.rename(f"{log}.1")
    log.write_text("new \x1b[31m\n")
    assert service.box.wg("service", "logs", "-n", "2").out == "line 99\nnew \\x1b[31m\n"
    assert service.box.wg("--json", "service", "logs", "-n", "1").json == {"line": "new \x1b[31m"}
    assert service.box.wg("service", "logs", "-n", "0").out == ""


def test_it_is_followed_over_rotation_until_nobody_reads_it(service: ServiceBox, log: Path) -> None:
    process = subprocess.Popen(
        [WG, "service", "logs", "-f", "-n", "1"],
        cwd=service.box.project,
        env=service.box.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "line 99\n"
    with log.open("a") as file:
        file.write("before\n")
    log.rename(f"{log}.1")
    log.write_text("after\n")
    assert [process.stdout.readline(), process.stdout.readline()] == ["before\n", "after\n"]
    process.stdout.close()
    assert process.wait(timeout=150) == 0


def test_it_is_followed_until_interrupted(service: ServiceBox, log: Path) -> None:
    process = subprocess.Popen(
        [WG, "service", "logs", "--follow", "-n", "1"],
        cwd=service.box.project,
        env=service.box.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "line 99\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=150)
    assert (process.returncode, err) == (130, "")


def other_project(service: ServiceBox, name: str) -> Path:
    root = service.box.root / name
    root.mkdir()
    service.box.wg("init", cwd=root)
    return root


def test_the_dispatchers_of_all_projects(service: ServiceBox) -> None:
    here, other, crashed, broken = service.box.project, *(other_project(service, n) for n in ("b", "crashed", "broken"))
    pid = service.start()
    service.add(NewTask("t", id="t", exec="sleep 1000"))
    service.await_running("t")
    try:
        service.box.wg("service", "start", cwd=other)
        service.box.wg("service", "pause", cwd=other, env={"USER": "ann"})
        dead: int = service.box.wg("--json", "service", "start", cwd=crashed).json["pid"]
        os.kill(dead, signal.SIGKILL)
        wait_for(lambda: is_gone(dead), "it is dead")
        (broken / ".wg" / "db" / "graph.db").write_text("this is no database, and long enough to be seen as none\n" * 9)
        found = {each["project"]: each for each in service.box.wg("--json", "service", "status", "--all").json}
        assert found.keys() == {str(each) for each in (here, other, crashed, broken)}
        assert found[str(here)]["dispatcher"]["identity"]["pid"] == pid
        assert (found[str(here)]["agents"], found[str(other)]["agents"]) == (1, 0)
        assert (found[str(other)]["running"], found[str(other)]["paused"]["by"]) == (True, "ann")
        assert (found[str(crashed)]["running"], found[str(crashed)]["trouble"]) == (False, None)
        assert "is not a database" in found[str(broken)]["trouble"]
        lines = {line.split()[0]: line for line in service.box.wg("service", "status", "--all").out.splitlines()}
        assert f"pid {pid}" in lines[str(here)] and "codex" in lines[str(here)]
        assert "paused by ann" in lines[str(other)]
        assert "not running" in lines[str(crashed)]
        assert "cannot be read" in lines[str(broken)]
    finally:
        service.box.wg("service", "stop", cwd=other, code=None)
        service.box.wg("service", "stop", "--kill-agents")


def test_a_project_that_init_did_not_make_known_is_known_once_it_has_a_dispatcher(service: ServiceBox) -> None:
    service.start()
    elsewhere = service.box.wg("--json", "service", "status", "--all", cwd=service.box.home).json
    assert [each["project"] for each in elsewhere] == [str(service.box.project)]


def test_without_any_project(service: ServiceBox) -> None:
    assert "No project is known" in service.box.wg("service", "status", "--all", cwd=service.box.home).out
