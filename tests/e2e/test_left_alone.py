"""What the dispatcher does not start: what people have claimed (F28), paused, or put off."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def test_the_most_urgent_task_is_started_first(service: ServiceBox) -> None:
    out = service.box.root / "order"
    service.set("max_agents = 8", "max_agents = 1")
    for name, priority in (("low", 5), ("normal", 10), ("critical", 100), ("high", 50)):
        service.add(NewTask(name, id=name, exec=f"echo {name} >> {out}", priority=priority))
    service.start()
    service.await_status("low", "done")
    assert out.read_text().split() == ["critical", "high", "normal", "low"]
