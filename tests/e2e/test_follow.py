"""The dispatcher follows the config file in force (SPEC-profiles.md, section 10; F23, F24)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    made.agent("claude")
    return made


def config(service: ServiceBox, name: str) -> Path:
    return service.box.wg_home / f"config.toml.{name}"


def loaded_profile(service: ServiceBox) -> str:
    profile: str = service.box.wg("--json", "service", "status").json["dispatcher"]["profile"]
    return profile


def test_an_edit_in_place_is_taken_up(service: ServiceBox) -> None:
    service.start()
    path = config(service, "codex")
    path.write_text(path.read_text().replace("codex:gpt-5.5", "codex:gpt-9"))
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.await_status("t", "done")
    assert service.environment("codex-1")["WG_MODEL"] == "codex:gpt-9"


def test_a_new_pin_is_taken_up(service: ServiceBox) -> None:
    service.start()
    (service.dir / "config.toml").symlink_to(config(service, "claude"))
    wait_for(lambda: loaded_profile(service) == "claude", "the pin is loaded")
    (service.dir / "config.toml").unlink()
    wait_for(lambda: loaded_profile(service) == "codex", "the global config is loaded again")


def test_what_a_task_asks_for_and_the_config_lacks_waits_with_its_reason(service: ServiceBox) -> None:
    path = config(service, "codex")
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("fast")))
    service.add(NewTask("t", id="t", tier="fast", description="RUN: echo x > x"))
    service.start()
    wait_for(lambda: "there is no [tiers].fast" in service.task("t").note, "the reason is noted")
    assert service.attempts("t") == []


def test_the_dispatcher_never_sees_the_callers_profile(service: ServiceBox) -> None:
    service.box.env["WG_DEBUG"] = "1"
    pid = service.start()
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert [entry for entry in environment if entry.startswith(b"WG_")] == [f"WG_HOME={service.box.wg_home}".encode()]
