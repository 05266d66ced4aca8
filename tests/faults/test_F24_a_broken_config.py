"""F24: the config file is broken by hand, or seen half-written."""

from __future__ import annotations

import time

from tests.e2e.machine import started
from tests.e2e.service_box import ServiceBox
from tests.e2e.test_follow import config
from tests.e2e.test_switching import digests, sha256
from tests.harness import Box, wait_for
from wg.graph.store import Store
from wg.graph.task import NewTask


def test_F24_on_an_invalid_file_nothing_starts_until_it_is_mended(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("runs", id="runs", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_running("runs")
    path = config(service, "codex")
    whole = path.read_text()
    path.write_text(whole + "\nbroken = = 1\n")
    line = len(whole.splitlines()) + 2
    wait_for(lambda: f"{path}:{line}: " in service.box.wg("service", "status").out, "the problem is shown")
    service.add(NewTask("t", id="t", exec="true"))
    gate.touch()
    service.await_status("runs", "done")
    assert service.attempts("t") == []
    assert service.dispatcher_log().count(f"{path}:{line}: ") == 1
    path.write_text(whole)
    service.await_status("t", "done")
    assert not service.box.wg("--json", "service", "status").json["dispatcher"]["problem"]


def test_F24_a_dangling_link_starts_nothing(service: ServiceBox) -> None:
    service.start()
    service.use("nowhere")
    wait_for(lambda: "leads nowhere" in service.box.wg("service", "status").out, "the problem is shown")
    service.add(NewTask("t", id="t", exec="true"))
    service.add(NewTask("u", id="u", exec="true"))
    assert service.attempts("t") == []
    service.use("claude")
    service.await_status("t", "done")
    assert service.attempts("t")[0].route.profile == "claude"
    service.await_status("u", "done")


def test_F24_a_half_written_file_is_never_run_on(box: Box) -> None:
    """Both halves are valid by themselves, so that nothing but its stillness tells the first from a whole file."""
    machine = started(box)
    snapshot = machine.config.resolve()
    halves: set[str] = set()
    for number in range(40):
        half = f'[agent]\nmodel = "codex:half-{number}"\n'
        rest = f'[models.task_agent]\nmodel = "codex:whole-{number}"\n'
        with Store.open(str(machine.dir / "db" / "graph.db")) as store:
            began = time.monotonic()
            with snapshot.open("w") as file:
                file.write(half)
                file.flush()
                task = store.add(NewTask("t", exec="true"), 0.0, "test").id  # it is ready while the file is half there
                time.sleep(0.05)
                file.write(rest)
        if time.monotonic() - began < 0.18:  # else this machine was too busy, and the half may have counted as still
            halves.add(sha256(half))
        machine.await_status(task, "done")
        assert sha256(half + rest) in digests(machine)
        if len(halves) == 8:
            break
    assert halves
    assert not halves & digests(machine)


def test_F24_no_command_runs_on_defaults(service: ServiceBox) -> None:
    path = config(service, "codex")
    whole = path.read_text()
    line = len(whole.splitlines()) + 1
    path.write_text(whole + "broken = = 1\n")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    for command in (
        ["status"],
        ["explain", "t"],
        ["explain", "--role", "triage"],
        ["service", "start"],
        ["service", "tick"],
        ["config", "get", "dispatcher.max_agents"],
        ["config", "set", "dispatcher.max_agents", "3"],
        ["config", "-m", "claude:opus"],
        ["profile", "show"],
    ):
        said = service.box.wg(*command, code=None)
        assert f"{path}:{line}: not valid TOML" in f"{said.out}{said.err}", command
        assert said.code == 5 or command == ["service", "tick"], command
    assert path.read_text() == whole + "broken = = 1\n"
    assert service.attempts("t") == []
    for command in (["list"], ["show", "t"], ["log", "t", "graph commands need no config"], ["ready"]):
        service.box.wg(*command)
