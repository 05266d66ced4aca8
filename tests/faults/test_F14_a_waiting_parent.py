"""F14: a parent waits for its child, which needs the slot."""

from __future__ import annotations

from tests.e2e.service_box import ServiceBox
from tests.e2e.test_waiting import agent_task
from tests.harness import WG


def test_F14_an_agent_waits_without_a_slot_and_a_new_one_goes_on(service: ServiceBox) -> None:
    service.set("max_agents = 8", "max_agents = 1")
    parent = agent_task(
        "parent", f"{WG} msg list parent | grep -q 'go on' || {WG} wait --until message", "date > p.txt"
    )
    service.add(parent)
    service.start()
    waiting = service.await_status("parent", "waiting")
    assert waiting.reason == "until a message comes"
    service.add(agent_task("child", "date > c.txt"))  # the slot is free (F14)
    service.await_status("child", "done")
    service.box.wg("msg", "send", "parent", "go on now")
    service.await_status("parent", "done")
    first, second = service.attempts("parent")
    assert (first.claim, first.verdict) == ("wait", "waits until a message comes")
    assert second.fence > first.fence
    assert service.task("parent").unread == 0
    assert "go on now" in (service.dir / "attempts" / str(second.fence) / "prompt").read_text()
