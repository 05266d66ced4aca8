"""F03: the pid of a process that has ended is given to another program."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from tests.e2e.claims import claim
from tests.e2e.service_box import ServiceBox, is_gone
from tests.graph.records import ROUTE
from tests.harness import wait_for
from wg import processes
from wg.graph.task import NewTask


def test_F03_a_stranger_is_neither_waited_for_nor_signalled(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="true"))
    fence = claim(service, "t", deadline=time.time() + 3600)
    stranger = subprocess.Popen(["sleep", "1000"], env=service.box.env)
    there = processes.identity_of(stranger.pid)
    assert there is not None
    with service.store() as store:
        store.start(fence, there._replace(started="1"), time.time())
    service.start()
    service.await_status("t", "done")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_F03_wg_kill_leaves_a_stranger_alone(service: ServiceBox) -> None:
    stranger = subprocess.Popen(["sleep", "1000"], env=service.box.env)
    try:
        identity = processes.identity_of(stranger.pid)
        assert identity is not None
        service.add(NewTask("t", id="t", exec="true"))
        with service.store() as store:
            attempt = store.claim("t", ROUTE._replace(executor="shell"), 60.0, 1.0, 61.0)
            assert attempt is not None
            store.start(attempt.fence, identity._replace(started="1"), 2.0)
        service.box.wg("kill", "t")
        assert service.task("t").status == "failed"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_F03_a_dispatcher_whose_pid_is_a_strangers_is_not_running(service: ServiceBox) -> None:
    dispatcher = service.start()
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    stranger = subprocess.Popen(["sleep", "1000"], env=service.box.env)
    try:
        with service.store() as store, store._database.writing() as connection:
            (state,) = connection.execute("SELECT state FROM dispatcher").fetchone()
            assert f'"pid":{dispatcher}' in state.replace(" ", "")
            connection.execute("UPDATE dispatcher SET state = ?", (state.replace(str(dispatcher), str(stranger.pid)),))
        assert not service.box.wg("--json", "service", "status").json["running"]
        service.box.wg("service", "stop")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
