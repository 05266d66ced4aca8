"""However the config file changes, every dispatcher follows it, and runs on no file that is not whole (section 10).

In both link modes, by the installed commands alone; what runs is what recording programs at the agents' end saw.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.machine import Machine, Run, digest, started
from tests.harness import WG, Box, wait_for
from wg.config.starters import starter_text
from wg.graph.store import Store

# what it is called, what it does, and then the model, the active profile, and the file that is run on
Way = tuple[str, Callable[[], object], str, str, Path]
MODES = pytest.mark.parametrize("mode", ["symlink", "copy"])


def check_run(machine: Machine, task_id: str, spec: str, file: Path) -> Run:
    """One run of that model, whose config's digest is stored, was given to the agent, and is that of `file`."""
    run = machine.done(task_id)
    executor, _, model = spec.partition(":")
    (attempt,) = machine.attempts(task_id)
    route = attempt["route"]
    assert (os.path.basename(run.program), run.env["WG_MODEL"], route["model"]) == (executor, spec, spec)
    assert run.argv[run.argv.index("-m" if executor == "codex" else "--model") + 1] == model
    assert route["config_digest"] == run.env["WG_CONFIG_SHA256"] == digest(file)
    return run


def follow(machine: Machine, ways: list[Way]) -> None:
    """Change the file in each way, and see by the next task that the dispatcher has taken it up."""
    for number, (way, change, spec, profile, file) in enumerate(ways):
        change()
        machine.add(f"t{number}")
        assert check_run(machine, f"t{number}", spec, file).env["WG_ACTIVE_PROFILE"] == profile, way


def replace(path: Path, old: str, new: str) -> None:
    """What an editor does that writes in place, through a link if it is one."""
    text = path.read_text()
    assert old in text
    with path.open("w") as file:
        file.write(text.replace(old, new))


def test_every_way_of_changing_the_file_is_followed(box: Box) -> None:
    machine = started(box)
    home, pin = box.wg_home, machine.dir / "config.toml"
    link, codex, claude = machine.config, home / "config.toml.codex", home / "config.toml.claude"

    def replaced_snapshot() -> None:
        new = home / "config.toml.codex.tmp"
        new.write_text(codex.read_text().replace("codex:gpt-8", "codex:gpt-9"))
        new.rename(codex)

    def detached() -> None:
        pin.unlink()
        link.unlink()
        link.write_text(starter_text("claude"))

    ways: list[Way] = [
        ("nothing yet", lambda: None, "codex:gpt-5.5", "codex", codex),
        ("wg profile use", lambda: machine.wg("profile", "use", "claude"), "claude:opus", "claude", claude),
        ("ln -sfn", lambda: box.run("ln", "-sfn", "config.toml.codex", str(link)), "codex:gpt-5.5", "codex", codex),
        ("through the link", lambda: replace(link, "codex:gpt-5.5", "codex:gpt-7"), "codex:gpt-7", "codex", codex),
        ("into the snapshot", lambda: replace(codex, "codex:gpt-7", "codex:gpt-8"), "codex:gpt-8", "codex", codex),
        ("another snapshot", replaced_snapshot, "codex:gpt-9", "codex", codex),
        ("wg config -m", lambda: machine.wg("config", "-m", "claude:sonnet"), "claude:sonnet", "codex", codex),
        ("a pin", lambda: machine.wg("profile", "use", "claude", "--project"), "claude:opus", "claude", claude),
        ("the pin is gone", pin.unlink, "claude:sonnet", "codex", codex),
        ("a plain file as pin", lambda: pin.write_text(starter_text("codex")), "codex:gpt-5.5", "-", pin),
        ("a plain file at home", detached, "claude:opus", "-", link),
    ]
    pid = machine.wg("--json", "service", "status").json["dispatcher"]["identity"]["pid"]
    follow(machine, ways)
    assert machine.wg("--json", "service", "status").json["dispatcher"]["identity"]["pid"] == pid


def test_in_copy_mode_too(box: Box) -> None:
    machine = started(box, "copy")
    home, config = box.wg_home, machine.config
    assert config.is_file()
    assert not config.is_symlink()

    def edited_snapshot() -> None:
        machine.wg("profile", "show")  # any command that reads the config carries edits over, to the snapshot
        replace(home / "config.toml.codex", "codex:gpt-7", "codex:gpt-8")
        machine.wg("profile", "show")  # and from it

    pin = machine.dir / "active-profile"
    snapshot = home / "config.toml.claude"
    ways: list[Way] = [
        ("nothing yet", lambda: None, "codex:gpt-5.5", "codex", config),
        ("wg profile use", lambda: machine.wg("profile", "use", "claude"), "claude:opus", "claude", config),
        ("and back", lambda: machine.wg("profile", "use", "-"), "codex:gpt-5.5", "codex", config),
        ("an editor", lambda: replace(config, "codex:gpt-5.5", "codex:gpt-7"), "codex:gpt-7", "codex", config),
        ("into the snapshot", edited_snapshot, "codex:gpt-8", "codex", config),
        ("a pin", lambda: machine.wg("profile", "use", "claude", "--project"), "claude:opus", "claude", snapshot),
        ("the pin is gone", pin.unlink, "codex:gpt-8", "codex", config),
        ("ln -sfn", lambda: box.run("ln", "-sfn", snapshot.name, str(config)), "claude:opus", "claude", config),
    ]
    follow(machine, ways)


@MODES
def test_what_runs_keeps_its_config(box: Box, mode: str) -> None:
    machine = started(box, mode)
    before = digest(machine.config)
    machine.add("long", gated=True)
    run = machine.await_run("long")
    machine.wg("profile", "use", "claude")
    machine.add("next")
    assert machine.done("next").env["WG_MODEL"] == "claude:opus"
    status = machine.wg("--json", "status").json
    assert [(one["task"], one["route"]["model"]) for one in status["running"]] == [("long", "codex:gpt-5.5")]
    machine.open_gate()
    assert machine.done("long") == run
    (attempt,) = machine.attempts("long")
    assert attempt["route"]["config_digest"] == run.env["WG_CONFIG_SHA256"] == before != digest(machine.config)


@MODES
def test_every_dispatcher_follows_and_a_pinned_one_does_not(box: Box, mode: str) -> None:
    projects = [started(box, mode, box.root / name) for name in ("one", "two", "pinned")]
    try:
        projects[2].wg("profile", "use", "codex", "--project")
        projects[0].wg("profile", "use", "claude")
        for machine in projects:
            machine.add("t")
        models = [machine.done("t").env["WG_MODEL"] for machine in projects]
        assert models == ["claude:opus", "claude:opus", "codex:gpt-5.5"]
    finally:
        for machine in projects:
            machine.wg("service", "stop")


def invalid(machine: Machine) -> str:
    replace(machine.config, "max_agents = 8", "max_agents = = 8")
    return f"{machine.config.resolve()}:{line_of('max_agents')}: not valid TOML"


def wrong_type(machine: Machine) -> str:
    replace(machine.config, "max_agents = 8", 'max_agents = "8"')
    return f"{machine.config.resolve()}:{line_of('max_agents')}: dispatcher.max_agents"


def without_model(machine: Machine) -> str:
    text = machine.config.read_text()
    machine.config.write_text(text.replace('model = "codex:gpt-5.5"\n', "", 1))
    return f"{machine.config.resolve()}:{line_of('[agent]')}: [agent].model"


def dangling(machine: Machine) -> str:
    machine.box.run("ln", "-sfn", "config.toml.gone", str(machine.config))
    return f"the link {machine.config} -> config.toml.gone leads nowhere"


def removed(machine: Machine) -> str:
    machine.config.unlink()
    return f"there is no config yet: {machine.config} does not exist"


def line_of(start: str) -> int:
    lines = enumerate(starter_text("codex").splitlines(), 1)
    return next(number for number, line in lines if line.startswith(start))


@pytest.mark.parametrize("break_it", [invalid, wrong_type, without_model, dangling, removed])
def test_on_a_file_that_cannot_be_run_on_nothing_new_starts(box: Box, break_it: Callable[[Machine], str]) -> None:
    machine = started(box)
    machine.add("runs", gated=True)
    machine.await_run("runs")
    why = break_it(machine)
    wait_for(lambda: why in machine.dispatcher_log(), f"the dispatcher's log says: {why}")
    assert "nothing new is started: " in machine.dispatcher_log()

    def is_shown() -> bool:
        shown = machine.wg("status", code=None)
        assert shown.code in (3, 5)
        return why in shown.out.partition("  starts nothing new: ")[2]

    wait_for(is_shown, f"wg status says: {why}")
    machine.add("waits")
    machine.open_gate()
    machine.done("runs")
    assert machine.attempts("waits") == []
    snapshot = box.wg_home / "config.toml.codex"
    if break_it in (dangling, removed):
        box.run("ln", "-sfn", "config.toml.codex", str(machine.config))
    else:
        snapshot.write_text(starter_text("codex"))
    check_run(machine, "waits", "codex:gpt-5.5", snapshot)
    assert "starts nothing new" not in machine.wg("status").out


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digests(machine: Machine) -> set[str]:
    """Of every config that something was run on."""
    with Store.open(str(machine.dir / "db" / "graph.db")) as store:
        attempts = store.attempts(("claimed", "running", "ended", "settled"))
    return {attempt.route.config_digest for attempt in attempts}


def test_nothing_of_the_users_shell_decides_what_an_agent_is(box: Box) -> None:
    """WG_PROFILE is refused at the start, and no other variable of wg's comes through a dispatcher."""
    machine = started(box)
    machine.wg("service", "stop")
    for argv, env in ((["--profile", "claude"], {}), ([], {"WG_PROFILE": "claude"})):
        refused = machine.wg(*argv, "service", "start", code=1, env=env)
        assert "wg profile use claude --project" in refused.err
        by_hand = machine.wg(*argv, "dispatcher", code=1, env=env)
        assert "wg profile use claude --project" in by_hand.err
        assert not machine.wg("--json", "service", "status").json["running"]
    shell = {"WG_MODEL": "claude:x", "WG_EXECUTOR": "claude", "WG_ACTIVE_PROFILE": "x", "WG_CONFIG_SHA256": "x"}
    machine.start({**shell, "WG_DIR": str(machine.project), "WG_BIN": "/x/wg", "WG_TASK_ID": "x", "WG_OTHER": "x"})
    machine.add("t")
    run = machine.done("t")
    assert {name: value for name, value in run.env.items() if name.startswith("WG_")} == {
        "WG_HOME": str(box.wg_home),
        "WG_DIR": str(machine.dir),
        "WG_BIN": WG,
        "WG_TASK_ID": "t",
        "WG_ATTEMPT": "1",
        "WG_EXECUTOR": "codex",
        "WG_MODEL": "codex:gpt-5.5",
        "WG_ACTIVE_PROFILE": "codex",
        "WG_CONFIG_SHA256": digest(machine.config),
    }


def test_what_nex_is_to_run_waits_until_another_profile_is_used(box: Box) -> None:
    machine = started(box)
    machine.wg("profile", "install")
    # so seldom that only the look at the file itself can find the switch
    machine.wg("config", "set", "dispatcher.poll_interval", "3600", "--all-profiles")
    machine.add("before")
    machine.done("before")
    replace(box.wg_home / "config.toml.nex", 'provider = "nex"', 'provider = "ollama"')
    machine.wg("profile", "use", "nex")
    machine.add("t")
    reason = "no endpoint serves nex:qwen3-coder-30b"
    wait_for(lambda: f"t waits: {reason}" in machine.wg("status").out, "wg status says why it waits")
    assert f"Not started: {reason}" in machine.wg("show", "t").out
    assert machine.attempts("t") == []
    machine.wg("profile", "use", "codex")
    assert machine.done("t").env["WG_MODEL"] == "codex:gpt-5.5"
    assert reason not in machine.wg("show", "t").out
