"""F28: a person works on a task."""

from __future__ import annotations

import time

from tests.e2e.service_box import ServiceBox
from wg.graph.task import NewTask


def test_F28_what_is_claimed_paused_or_for_later_is_left_alone_also_by_a_new_dispatcher(service: ServiceBox) -> None:
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
