"""F08: work that is finished, or that somebody has taken, is dispatched again."""

from __future__ import annotations

import os
import signal

from tests.e2e.service_box import ServiceBox, is_gone
from tests.faults.slow_git import stopping
from tests.graph.processes import acknowledged, writer
from tests.harness import Box, wait_for
from wg.graph.store import Store
from wg.graph.task import NewTask


def test_F08_two_claims_never_both_succeed(project: Box) -> None:
    path = str(project.project / ".wg" / "db" / "graph.db")
    with Store.open(path) as store:
        made = [store.add(NewTask("t"), 1.0, "ann").id for _ in range(30)]
    writers = [writer(path, "claim", f"w{number}", 30) for number in range(4)]
    told = [task_id for process in writers for task_id in acknowledged(process)]
    assert sorted(told) == sorted(made)
    with Store.open(path) as store:
        assert sorted(attempt.task_id for attempt in store.attempts(("claimed",))) == sorted(made)


def test_F08_what_was_merged_right_before_the_dispatcher_died_is_not_done_again(service: ServiceBox) -> None:
    gate = stopping(service, after="merge -q --ff-only")
    service.add(NewTask("t", id="t", description="RUN: echo x >> x"))
    dispatcher = service.start()
    wait_for(gate.with_name("git-gate.reached").exists, "the work is merged, and that is not recorded yet")
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    assert service.task("t").status == "in-progress"
    gate.touch()
    service.start()
    service.await_status("t", "done")
    service.add(NewTask("last", id="last", exec="true"))
    service.await_status("last", "done")
    assert len(service.attempts("t")) == len(list(service.records.glob("*.argv"))) == 1
    assert service.box.git("log", "--format=%(trailers:key=Wg-Attempt)", "main").split() == ["Wg-Attempt:", "1"]
    assert (service.box.project / "x").read_text() == "x\n"
