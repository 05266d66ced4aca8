"""The person of the soak: starts the dispatcher again, moves away what is held, and retries what had bad luck."""

from __future__ import annotations

import os
from collections import Counter

from tests.e2e.service_box import ServiceBox
from tests.soak.plan import Planned
from wg.dispatch import state

_HELD = (".env.soak", "large.bin")


class Person:
    """Looks now and then, and does what `wg status` would make a person do; `deeds` counts that."""

    def __init__(self, service: ServiceBox, planned: dict[str, Planned]) -> None:
        self.deeds: Counter[str] = Counter()
        self._service = service
        self._planned = planned

    def look(self) -> int:
        """Returns how many tasks are neither done nor failed as they should."""
        with self._service.store() as store:
            runs = state.read(store) is not None
            unfinished = [one for one in store.tasks() if one.status != "done"]
            held = [one for one in store.attempts(("ended",)) if one.hold == "files"]
        if not runs:
            self._service.box.wg("service", "start", code=None)  # a kill may have met it, too
            self.deeds["restarts"] += 1
        for attempt in held:
            assert attempt.workplace is not None
            self._move_away(attempt.workplace.directory)
        failed = {one.id for one in unfinished if one.status == "failed"}
        for task_id in failed:
            if not self._planned[task_id].hopeless:
                self._service.box.wg("retry", task_id)
                self.deeds["retries"] += 1
        return sum(1 for one in unfinished if one.id not in failed or not self._planned[one.id].hopeless)

    def _move_away(self, directory: str) -> None:
        for name in _HELD:
            path = os.path.join(directory, name)
            if os.path.exists(path):
                os.remove(path)
                self.deeds["held files moved"] += 1
