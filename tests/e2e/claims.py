"""Claims of dispatchers that are no more."""

from __future__ import annotations

import time

from tests.e2e.service_box import ServiceBox
from tests.graph.records import ROUTE
from wg.graph.attempt import Workplace


def claim(service: ServiceBox, task_id: str, deadline: float) -> int:
    """Claim a task as a dispatcher does that is killed right after; returns the attempt's number."""
    with service.store() as store:
        attempt = store.claim(task_id, ROUTE._replace(executor="shell"), 60.0, time.time(), deadline)
        assert attempt is not None
        store.prepare(attempt.fence, Workplace(str(service.box.project), "", "", ""))
    return attempt.fence
