"""F10 with the real codex and claude, whose provider is a rehearsal that refuses them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clis import Clis
from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from tests.rehearsal import Rehearsal
from wg.executors import failures
from wg.graph.task import NewTask

pytestmark = pytest.mark.clis


@pytest.fixture
def rehearsal(box: Box) -> Iterator[Rehearsal]:
    with Rehearsal(box.root / "requests.jsonl", box.env) as started:
        yield started


@pytest.fixture
def service(box: Box, clis: Clis, rehearsal: Rehearsal) -> ServiceBox:
    made = ServiceBox(box)
    box.env |= rehearsal.codex_env(box.home / ".codex")
    box.env |= rehearsal.claude_env(box.home / ".claude")
    box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
    for name in ("codex", "claude"):
        made.limit(name, poll_interval=1, route_pause_first="1h")
    return made


@pytest.mark.parametrize("name", ["codex", "claude"])
@pytest.mark.parametrize(
    ("status", "kind"), [(401, failures.AUTH), (429, failures.RATE_LIMIT), (500, failures.OVERLOAD)]
)
def test_F10_a_refused_program_pauses_its_route(
    service: ServiceBox, rehearsal: Rehearsal, name: str, status: int, kind: str
) -> None:
    other = "claude:opus" if name == "codex" else "codex:gpt-5.5"
    service.use(name)
    service.add(NewTask("refused", id="refused", description=f"REHEARSE: status {status}"))
    service.start()

    def pause() -> str:
        with service.store() as store:
            return next((one.kind for one in store.route_pauses() if one.route == name), "")

    assert wait_for(pause, "the route is paused") == kind
    service.add(NewTask("same", id="same"))
    service.add(NewTask("other", id="other", model=other))
    service.await_status("other", "done")
    task = service.task("refused")
    assert (task.status, task.failures, len(service.attempts("refused"))) == ("open", 0, 1)
    assert service.attempts("same") == []

    service.box.wg("abandon", "refused")
    service.box.wg("service", "unpause", name)
    service.await_status("same", "done")
    assert pause() == ""
