"""A scripted agent at whose other end a provider says no, as the real programs tell it."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.service_box import ServiceBox
from tests.harness import wait_for
from wg.graph.task import NewTask

OUTPUT = Path(__file__).parents[1] / "executors" / "output"


class Provider:
    """While `says_no`, every agent of that name prints what the real one printed, and ends with 1."""

    def __init__(self, service: ServiceBox, name: str = "codex") -> None:
        self.service = service
        self.name = name
        self._answer = service.box.root / f"{name}-answer.jsonl"
        service.agent(name)

    def says_no(self, case: str, old: str = "", new: str = "") -> None:
        """From now on, with what was recorded of that case; `new` in the place of `old`."""
        text = (OUTPUT / f"{self.name}-{case}.jsonl").read_text()
        assert old in text
        self._answer.write_text(text.replace(old, new) if old else text)

    def says_yes(self) -> None:
        """From now on."""
        self._answer.unlink()

    def add(self, task_id: str, **more: object) -> None:
        """A task that succeeds where the provider says yes."""
        run = f"RUN: if cat {self._answer} 2>/dev/null; then exit 1; fi; echo x > $WG_TASK_ID.txt"
        self.service.add(NewTask(task_id, id=task_id, description=run, **more))  # type: ignore[arg-type]

    def await_pause(self, route: str = "") -> str:
        """Await that the route (by default all of the provider) is paused; returns why."""

        def found() -> str:
            with self.service.store() as store:
                return next((one.kind for one in store.route_pauses() if one.route == (route or self.name)), "")

        kind: str = wait_for(found, "the route is paused")
        return kind

    def calls(self) -> int:
        """How often an agent was started."""
        return len(list(self.service.records.glob(f"{self.name}-*.argv")))
