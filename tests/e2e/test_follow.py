"""The dispatcher follows the config file in force (SPEC-profiles.md, section 10; F23, F24)."""

from __future__ import annotations

import shutil
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


def test_f23_the_next_attempt_runs_what_was_switched_to_and_the_running_one_is_left_alone(
    service: ServiceBox,
) -> None:
    gate = service.box.root / "gate"
    wait = f"while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("first", id="first", description=f"RUN: echo 1 > one; {wait}"))
    service.start()
    before = service.await_running("first")
    service.use("claude")
    service.add(NewTask("second", id="second", description="RUN: echo 2 > two"))
    service.await_status("second", "done")
    assert service.await_running("first").supervisor == before.supervisor
    gate.touch()
    service.await_status("first", "done")
    assert service.environment("codex-1")["WG_EXECUTOR"] == "codex"
    given = service.environment("claude-2")
    assert (given["WG_EXECUTOR"], given["WG_MODEL"]) == ("claude", "claude:opus")
    assert given["WG_ACTIVE_PROFILE"] == "claude"
    argv = service.argv("claude-2")
    assert argv[argv.index("--model") + 1] == "opus"
    digests = [service.attempts(task)[0].route.config_digest for task in ("first", "second")]
    assert digests == [service.environment(name)["WG_CONFIG_SHA256"] for name in ("codex-1", "claude-2")]
    assert digests[0] != digests[1]
    assert loaded_profile(service) == "claude"


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


def test_f24_on_an_invalid_file_nothing_starts_until_it_is_mended(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("runs", id="runs", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_running("runs")
    path = config(service, "codex")
    whole = path.read_text()
    path.write_text(whole + "\nbroken = = 1\n")
    line = len(whole.splitlines()) + 2
    wait_for(lambda: f"{path}:{line}: " in service.box.wg("service", "status").out, "the problem is shown")
    service.add(NewTask("t", id="t", exec="true"))
    gate.touch()
    service.await_status("runs", "done")
    assert service.attempts("t") == []
    assert service.dispatcher_log().count(f"{path}:{line}: ") == 1
    path.write_text(whole)
    service.await_status("t", "done")
    assert not service.box.wg("--json", "service", "status").json["dispatcher"]["problem"]


def test_f24_a_dangling_link_starts_nothing(service: ServiceBox) -> None:
    service.start()
    service.use("nowhere")
    wait_for(lambda: "leads nowhere" in service.box.wg("service", "status").out, "the problem is shown")
    service.add(NewTask("t", id="t", exec="true"))
    service.add(NewTask("u", id="u", exec="true"))
    assert service.attempts("t") == []
    service.use("claude")
    service.await_status("t", "done")
    assert service.attempts("t")[0].route.profile == "claude"


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


SLOW_GIT = """\
#!/bin/sh
case " $* " in *" worktree add "*) while ! test -f {gate}; do sleep 0.05; done;; esac
exec {git} "$@"
"""


def test_a_switch_between_claim_and_start_is_not_missed(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    git = shutil.which("git")
    (service.bin / "git").write_text(SLOW_GIT.format(gate=gate, git=git))
    (service.bin / "git").chmod(0o755)
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    wait_for(lambda: service.attempts("t"), "it is claimed")
    service.use("claude")
    wait_for(lambda: loaded_profile(service) == "claude", "the switch is seen")
    gate.touch()
    service.await_status("t", "done")
    first, second = service.attempts("t")
    assert (first.route.executor, first.state) == ("codex", "settled")
    assert first.outcome is not None and "the config changed" in first.outcome.message
    assert second.route.executor == "claude"
    assert not list(service.records.glob("codex-*"))
