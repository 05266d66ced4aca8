"""F07: an agent of an attempt that is over says that it is done."""

from __future__ import annotations

import json

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import wait_for
from wg.graph.task import NewTask


@pytest.mark.parametrize("word", ["done", "fail"])
def test_F07_what_an_attempt_says_that_is_over_is_an_event_of_it_and_changes_nothing(
    service: ServiceBox, word: str
) -> None:
    gate = service.box.root / "gate"
    run = f"while ! test -f {gate}; do sleep 0.05; done; echo $WG_ATTEMPT > x"
    service.add(NewTask("t", id="t", description=f"RUN: {run}"))
    service.start()
    service.await_running("t")
    wait_for((service.records / "codex-1.argv").exists, "the first agent works")
    service.box.wg("kill", "t", "--requeue")
    wait_for((service.records / "codex-2.argv").exists, "another agent works")
    of_the_first = {name: service.environment("codex-1")[name] for name in ("WG_DIR", "WG_TASK_ID", "WG_ATTEMPT")}
    refused = service.box.wg(word, code=1, env=of_the_first)
    assert f"attempt 1 at t is over, so its '{word}' came too late; the task is unchanged" in refused.err
    assert service.task("t").status == "in-progress"
    assert [(one.claim, one.state) for one in service.attempts("t")] == [("", "settled"), ("", "running")]
    events = [json.loads(line) for line in service.box.wg("watch", "--once", "--since", "0").out.splitlines()]
    (late,) = [event for event in events if event["type"] == "reported-late"]
    assert (late["task"], late["attempt"], late["actor"]) == ("t", 1, "agent-1")
    gate.touch()
    service.await_status("t", "done")
    assert (service.box.project / "x").read_text() == "2\n"
    service.box.wg(word, code=1, env=of_the_first)
    assert service.task("t").status == "done"
