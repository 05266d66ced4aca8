"""F05: an agent that is slow, healthy, and silent."""

from __future__ import annotations

import os
import re
import time

from tests.e2e.service_box import ServiceBox
from tests.e2e.test_agents import at_work, before_the_end
from wg.graph.task import NewTask


def test_F05_silence_is_shown_and_nothing_more(service: ServiceBox) -> None:
    at_work(service, before_the_end(service, "codex-ok"))
    assert "silent" not in service.box.wg("agents").out
    long_ago = time.time() - 750
    for name in ("stdout.log", "stderr.log"):
        os.utime(service.dir / "attempts" / "1" / name, (long_ago, long_ago))
    assert re.search(r"    silent for 1[2-9]m ", service.box.wg("agents").out)
    assert service.box.wg("--json", "agents").json[0]["silent_seconds"] >= 750
    assert service.attempts("t")[0].state == "running"
    service.box.wg("service", "stop", "--kill-agents")


def test_F05_an_agent_that_was_silent_for_an_hour_is_not_killed(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    run = f"echo hello; while ! test -f {gate}; do sleep 0.05; done; echo x > x"
    service.add(NewTask("t", id="t", description=f"RUN: {run}"))
    service.start()
    before = service.await_running("t")
    log = service.dir / "attempts" / "1" / "stdout.log"
    service.await_file(log)
    with service.store() as store, store._database.writing() as connection:
        for name in ("claimed_at", "launch_deadline"):
            connection.execute(f"UPDATE attempts SET {name} = {name} - 3600")
    for path in log.parent.iterdir():
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    service.box.wg("service", "stop")
    service.start()
    for name in ("one", "two"):
        service.add(NewTask(name, id=name, exec="true"))
        service.await_status(name, "done")
    after = service.attempts("t")[0]
    assert (after.state, after.supervisor) == ("running", before.supervisor)
    assert "silent for 1h " in service.box.wg("agents").out
    gate.touch()
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 1


def test_F05_with_a_silence_timeout_only_the_silent_one_is_ended(service: ServiceBox) -> None:
    service.set("poll_interval", 'silence_timeout = "6s"\npoll_interval')
    gate = service.box.root / "gate"
    talks = f"while ! test -f {gate}; do echo still here; sleep 0.2; done"
    service.add(NewTask("talks", id="talks", exec=talks))
    service.add(NewTask("silent", id="silent", exec="sleep 1000"))
    service.start()
    silent = service.await_status("silent", "failed")
    assert "it printed nothing for 6s" in silent.reason
    assert service.attempts("silent")[0].outcome is not None
    assert service.attempts("talks")[0].state == "running"
    gate.touch()
    service.await_status("talks", "done")
