"""`wg attach`: what an agent prints, live and readable, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.graph.records import ROUTE
from tests.harness import WG, Box, wait_for
from wg.graph.task import NewTask

OUTPUT = Path(__file__).parents[1] / "executors" / "output"


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


@contextmanager
def attached(service: ServiceBox, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """`wg attach` in the background."""
    process = subprocess.Popen(
        [WG, "attach", *argv],
        cwd=service.box.project,
        env=service.box.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def steps(service: ServiceBox, task: str = "t") -> Path:
    """A shell task that prints a line for every file `step-N` that appears, and ends with the third."""
    gate = service.box.root / "step"
    wait = f"while ! test -f {gate}-$n; do sleep 0.05; done"
    service.add(NewTask(task, id=task, exec=f"for n in 1 2 3; do {wait}; echo line $n; echo trouble $n >&2; done"))
    service.start()
    service.await_running(task)
    return gate


def step(gate: Path, number: int) -> None:
    Path(f"{gate}-{number}").touch()


def test_it_is_followed_live_to_its_end(service: ServiceBox) -> None:
    gate = steps(service)
    with attached(service, "t") as process:
        for number in (1, 2, 3):
            step(gate, number)
            assert line_of(process) == f"line {number}\n"
        end = line_of(process)
        assert end.startswith("[agent-1 of t has ended after ")
        assert "without error" in end
        assert process.wait(timeout=150) == 0
        assert process.stderr is not None
        assert process.stderr.read() == "trouble 1\ntrouble 2\ntrouble 3\n"


def test_only_the_last_lines_and_what_follows(service: ServiceBox) -> None:
    gate = steps(service)
    step(gate, 1)
    step(gate, 2)
    log = service.dir / "attempts" / "1" / "stdout.log"
    wait_for(lambda: log.exists() and "line 2" in log.read_text(), "it has printed two")
    with attached(service, "agent-1", "-n", "1") as process:
        assert line_of(process) == "line 2\n"
        step(gate, 3)
        assert line_of(process) == "line 3\n"
        assert process.wait(timeout=150) == 0
    said = service.box.wg("attach", "t", "-n", "0").out
    assert said.startswith("[agent-1 of t has ended")


def test_what_real_programs_print_is_readable_or_raw(service: ServiceBox) -> None:
    service.agent("claude")
    recorded = OUTPUT / "claude-command-failed.jsonl"
    service.add(NewTask("t", id="t", model="claude:opus", description=f"RUN: cat {recorded}; echo x > x"))
    service.start()
    service.await_status("t", "done")
    said = service.box.wg("attach", "t").out
    assert "$ ls nowhere; exit 3\n  Exit code 3\n" in said
    assert '{"' not in said
    raw = service.box.wg("attach", "t", "--raw").out
    assert raw.startswith(recorded.read_text())
    *lines, end = [json.loads(line) for line in service.box.wg("--json", "attach", "t").out.splitlines()]
    assert {"stream": "stdout", "text": "$ ls nowhere; exit 3"} in lines
    assert end["ended"]["outcome"]["succeeded"] is True


def test_ctrl_c_detaches_and_the_agent_goes_on(service: ServiceBox) -> None:
    gate = steps(service)
    step(gate, 1)
    with attached(service, "t") as process:
        assert line_of(process) == "line 1\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=150)
        assert process.returncode == 0
    assert err.endswith("Detached; agent-1 goes on\n")
    step(gate, 2)
    step(gate, 3)
    service.await_status("t", "done")


def test_it_ends_when_nobody_reads_it(service: ServiceBox) -> None:
    gate = steps(service)
    step(gate, 1)
    with attached(service, "t") as process:
        assert line_of(process) == "line 1\n"
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=150)
    step(gate, 2)
    step(gate, 3)
    service.await_status("t", "done")


def test_it_waits_for_an_agent_that_is_just_being_started(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="echo here"))
    with service.store() as store:
        claimed = store.claim("t", ROUTE._replace(executor="shell"), 60.0, 1.0, 2.0)
    assert claimed is not None
    (service.dir / "attempts" / "1").mkdir(parents=True)
    (service.dir / "attempts" / "1" / "stdout.log").write_text("of an older database\n")
    with attached(service, "agent-1") as process:
        service.start()
        out, _ = process.communicate(timeout=150)
        assert process.returncode == 0
    assert out.startswith("[agent-1 of t has ended")
    service.await_status("t", "done")


def test_a_dead_supervisor_is_an_end_too(service: ServiceBox) -> None:
    steps(service)
    service.box.wg("service", "stop")
    supervisor = service.attempts("t")[0].supervisor
    assert supervisor is not None
    with attached(service, "t") as process:
        os.kill(supervisor.pid, signal.SIGKILL)
        out, _ = process.communicate(timeout=150)
    wait_for(lambda: is_gone(supervisor.pid), "it is dead")
    assert "its supervisor is gone" in out
    service.box.wg("kill", "t")


def test_who_is_not_there_is_not_found(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t"))
    assert "wg why t says why" in service.box.wg("attach", "t", code=3).err
    service.box.wg("attach", "agent-7", code=3)
    service.box.wg("attach", "t", "-n", "-1", code=2)
