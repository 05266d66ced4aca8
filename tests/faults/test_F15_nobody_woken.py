"""F15: a task is ready, and nobody was told."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.e2e.service_box import ServiceBox
from wg.graph.task import NewTask


@pytest.fixture
def often(service: ServiceBox) -> ServiceBox:
    """The interval is a second."""
    service.limit("codex", poll_interval=1)
    return service


def test_F15_what_comes_due_is_started_though_nothing_was_written(often: ServiceBox) -> None:
    often.start()
    often.add(NewTask("t", id="t", exec="true", not_before=time.time() + 2))
    often.await_status("t", "done")


def test_F15_what_was_added_while_nobody_could_hear_it(often: ServiceBox) -> None:
    """The dispatcher is stopped when the tasks come, and when one that others wait for is finished."""
    often.add(NewTask("first", id="first", paused=True))
    dispatcher = often.start()
    os.kill(dispatcher, signal.SIGSTOP)
    often.add(NewTask("t", id="t", exec="true"))
    often.add(NewTask("behind", id="behind", exec="true", after=("first",)))
    often.box.wg("done", "first")
    os.kill(dispatcher, signal.SIGCONT)
    for name in ("t", "behind"):
        often.await_status(name, "done")


def test_F15_what_was_ready_before_there_was_a_dispatcher(often: ServiceBox) -> None:
    often.add(NewTask("t", id="t", exec="true"))
    often.start()
    often.await_status("t", "done")


def test_F15_the_interval_alone_finds_it(often: ServiceBox) -> None:
    """A file appears that a task waits for: the store knows nothing of it."""
    often.add(NewTask("t", id="t", exec="true"))
    often.box.wg("wait", "t", "--until", "file:flag")
    often.start()
    often.add(NewTask("other", id="other", exec="true"))
    often.await_status("other", "done")
    assert often.task("t").status == "waiting"
    (often.box.project / "flag").touch()
    often.await_status("t", "done")
