"""What the dispatcher does not start: what people have claimed (F28), paused, or put off."""

from __future__ import annotations

import time

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def test_what_is_claimed_paused_or_for_later_is_left_alone_also_by_a_new_dispatcher(service: ServiceBox) -> None:
    for name in ("claimed", "held", "later"):
        put_off = time.time() + 3600 if name == "later" else None
        service.add(NewTask(name, id=name, exec="true", paused=name == "held", not_before=put_off))
    service.box.wg("claim", "claimed", env={"USER": "ann"})
    for witness in ("first", "second"):
        service.start()
        service.add(NewTask(witness, id=witness, exec="true"))
        service.await_status(witness, "done")
        service.box.wg("service", "stop")
    assert {name: service.task(name).status for name in ("claimed", "held", "later")} == {
        "claimed": "in-progress",
        "held": "open",
        "later": "open",
    }
    assert [service.attempts(name) for name in ("claimed", "held", "later")] == [[], [], []]
    service.box.wg("unclaim", "claimed")
    service.box.wg("publish", "held")
    service.box.wg("edit", "later", "--not-before", "")
    service.start()
    for name in ("claimed", "held", "later"):
        service.await_status(name, "done")


def test_the_most_urgent_task_is_started_first(service: ServiceBox) -> None:
    out = service.box.root / "order"
    service.set("max_agents = 8", "max_agents = 1")
    for name, priority in (("low", 5), ("normal", 10), ("critical", 100), ("high", 50)):
        service.add(NewTask(name, id=name, exec=f"echo {name} >> {out}", priority=priority))
    service.start()
    service.await_status("low", "done")
    assert out.read_text().split() == ["critical", "high", "normal", "low"]
