"""Killed at every step, and at random moments: nothing is lost, and the next run completes (sections 5 and 9)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests import originals
from tests.dying import Ended, Launcher
from tests.harness import WG, Box
from wg.config.starters import STARTERS, starter_text

MODES = ("symlink", "copy")
FULL = os.environ.get("WG_TEST_FULL") == "1"
STRIDE = 1 if FULL else 4
TEMP = ".wg-tmp-"
Tree = dict[str, tuple[str, str]]


class Machine:
    """A box whose commands may be killed, and that can be put back to where it was."""

    def __init__(self, box: Box, launcher: Launcher, mode: str) -> None:
        self.box = box
        self.launcher = launcher
        self.env = {"WG_PROFILE_MODE": mode}
        self.saved = box.root / "saved"

    def wg(self, *argv: str, die_at: int = 0) -> Ended:
        return self.launcher.wg(*argv, cwd=self.box.project, die_at=die_at, env=self.env)

    def do(self, *argv: str) -> None:
        ended = self.wg(*argv)
        assert ended.code == 0, ended

    def save(self) -> None:
        for directory in (self.box.home, self.box.project):
            shutil.copytree(directory, self.saved / directory.name, symlinks=True)

    def restore(self) -> None:
        for directory in (self.box.home, self.box.project):
            shutil.rmtree(directory)
            shutil.copytree(self.saved / directory.name, directory, symlinks=True)

    def files(self) -> Iterator[Path]:
        for directory in (self.box.home, self.box.project):
            for path in sorted(directory.rglob("*")):
                if not path.name.endswith("lock") and "db" not in path.parts and (path.is_symlink() or path.is_file()):
                    yield path

    def tree(self) -> Tree:
        """Everything but what is disposable: of state.json only what `use -` goes back to."""
        found: Tree = {}
        for path in self.files():
            key = str(path.relative_to(self.box.root))
            if path.name == "state.json":
                state = json.loads(path.read_text())
                if state["previous"] or state["previous_target"]:
                    found[key] = ("state", f"{state['previous']} {state['previous_target']}")
            elif path.is_symlink():
                found[key] = ("link", os.readlink(path))
            elif TEMP not in path.name:
                found[key] = ("file", path.read_text())
        return found

    def in_force(self) -> str | None:
        path = self.box.wg_home / "config.toml"
        return path.read_text() if path.exists() else None

    def temporary(self) -> list[Path]:
        return [path for path in self.files() if TEMP in path.name]


@pytest.fixture(params=MODES)
def machine(box: Box, request: pytest.FixtureRequest) -> Iterator[Machine]:
    with Launcher(box.env, box.root) as launcher:
        box.wg_home.mkdir()
        yield Machine(box, launcher, request.param)


def lines_of(text: str) -> set[str]:
    """The lines of a file, with the old names of providers under their new ones."""
    for old in ("local", "oai-compat"):
        text = text.replace(f'"{old}:', '"nex:').replace(f'provider = "{old}"', 'provider = "nex"')
    return {line.strip() for line in text.splitlines() if line.strip()}


def assert_nothing_lost(before: Tree, machine: Machine, edits: tuple[str, ...]) -> None:
    """Every file of the user's is there still, whole: as it was, or with keys added to it, or with `edits` changed."""
    starters = [starter_text(name) for name in STARTERS]
    present = [lines_of(text) for kind, text in machine.tree().values() if kind == "file"]
    for name, (kind, text) in before.items():
        own = kind == "file" and not name.endswith(("active-profile", ".json")) and text not in starters
        kept = {line for line in lines_of(text) if not line.startswith(edits)}
        if own and not any(kept <= lines for lines in present):
            raise AssertionError(f"what {name} held is lost")


def kill_everywhere(machine: Machine, argv: tuple[str, ...], again: tuple[int, ...], edits: tuple[str, ...]) -> None:
    """Kill the command at every step (short form: at some), run it again, and compare with a run that nobody killed.

    `again` lists the exit codes that the second run may have, `edits` how lines begin that the command changes.
    """
    machine.save()
    before, old = machine.tree(), machine.in_force()
    assert machine.wg(*argv).code == 0
    after, new = machine.tree(), machine.in_force()
    steps = range(1 + zlib.crc32(repr((argv, machine.env)).encode()) % min(STRIDE, 2), 400, STRIDE)
    for step in steps:
        machine.restore()
        if not machine.wg(*argv, die_at=step).killed:
            assert machine.tree() == after
            assert step != steps[0], "it was never killed"
            return
        assert_nothing_lost(before, machine, edits)
        assert machine.in_force() in ((old, new) if old is not None else (None, new)), f"step {step}"
        second = machine.wg(*argv)
        assert second.code in again, f"step {step}: {second}"
        assert machine.tree() == after, f"step {step}"
        assert machine.wg("profile", "install", "--force").code == 0
        assert not machine.temporary(), f"step {step}"
    raise AssertionError("it never survives")


@pytest.mark.parametrize("case", [case for case in originals.CASES if FULL or case != "five"])
def test_a_migration_killed_at_any_step_completes(machine: Machine, case: str) -> None:
    originals.CASES[case](machine.box.wg_home)
    kill_everywhere(machine, ("profile", "list"), (0,), ("\0",))  # a listing needs no valid config, and migrates


class Scenario(NamedTuple):
    """A command, and what was done before."""

    before: Callable[[Machine], None]
    argv: tuple[str, ...]
    again: tuple[int, ...] = (0,)
    edits: tuple[str, ...] = ("\0",)  # none


def edited(machine: Machine, name: str) -> None:
    """A snapshot that is somebody's own work."""
    path = machine.box.wg_home / f"config.toml.{name}"
    path.write_text(path.read_text() + f"# {name}-edited-marker\n")


def from_snapshot(machine: Machine) -> None:
    machine.do("profile", "use", "codex")
    edited(machine, "codex")
    machine.do("profile", "use", "nex")
    machine.do("profile", "use", "claude")
    edited(machine, "claude")
    machine.do("profile", "list")


def detached(machine: Machine) -> None:
    from_snapshot(machine)
    text = machine.in_force()
    assert text is not None
    (machine.box.wg_home / "config.toml").unlink()
    (machine.box.wg_home / "config.toml").write_text(text + "# detached-marker\n")


def detached_from_the_start(machine: Machine) -> None:
    (machine.box.wg_home / "config.toml").write_text(starter_text("claude") + "# detached-marker\n")


def foreign(machine: Machine) -> None:
    (machine.box.home / "dotfiles").mkdir()
    (machine.box.home / "dotfiles" / "wg.toml").write_text(starter_text("claude") + "# foreign-marker\n")
    (machine.box.wg_home / "config.toml").symlink_to("../dotfiles/wg.toml")


def linked(machine: Machine) -> None:
    """A home that was used in symlink mode, whatever the mode is now."""
    from_snapshot(machine)
    (machine.box.wg_home / "active-profile").unlink(missing_ok=True)
    (machine.box.wg_home / "config.toml").unlink()
    (machine.box.wg_home / "config.toml").symlink_to("config.toml.claude")


def pinned_plain(machine: Machine) -> None:
    machine.do("profile", "use", "claude")
    machine.do("init")
    (machine.box.project / ".wg" / "config.toml").write_text(starter_text("nex") + "# pin-marker\n")


def pinned_link(machine: Machine) -> None:
    machine.do("profile", "use", "claude")
    machine.do("init")
    machine.do("profile", "use", "nex", "--project")


def spare(machine: Machine) -> None:
    from_snapshot(machine)
    machine.do("profile", "create", "spare", "--from", "codex")


def projects_of_the_original(machine: Machine, config: str) -> None:
    machine.do("profile", "use", "claude")
    directory = machine.box.project / ".wg"
    directory.mkdir()
    (directory / "graph.jsonl").write_text('{"kind":"task","id":"old","title":"Old"}\n')
    (directory / "config.toml").write_text(config)


def original_pin(machine: Machine) -> None:
    projects_of_the_original(machine, originals.WGNEXT)


def original_without_model(machine: Machine) -> None:
    projects_of_the_original(machine, originals.CODEX_OVERLAY)


SET = ("config", "set", "dispatcher.max_agents", "3")
SCENARIOS = {
    "use": Scenario(from_snapshot, ("profile", "use", "codex")),
    "use, first": Scenario(lambda machine: None, ("profile", "use", "codex")),
    "use, detached": Scenario(detached, ("profile", "use", "codex")),
    "use, detached from the start": Scenario(detached_from_the_start, ("profile", "use", "codex")),
    "use, foreign link": Scenario(foreign, ("profile", "use", "codex")),
    "use, linked before": Scenario(linked, ("profile", "use", "codex")),
    "use, plain pin": Scenario(pinned_plain, ("profile", "use", "codex")),
    "use, pin": Scenario(pinned_link, ("profile", "use", "codex")),
    "use --project, plain pin": Scenario(pinned_plain, ("profile", "use", "codex", "--project")),
    "use --project, pin": Scenario(pinned_link, ("profile", "use", "codex", "--project")),
    "save": Scenario(detached_from_the_start, ("profile", "save", "mine"), (0, 1)),
    "config set": Scenario(from_snapshot, SET, (0,), ("max_agents",)),
    "config -m": Scenario(from_snapshot, ("config", "-m", "claude:sonnet"), (0,), ("model =",)),
    "config set, detached": Scenario(detached_from_the_start, SET, (0,), ("max_agents",)),
    "config set, foreign link": Scenario(foreign, SET, (0,), ("max_agents",)),
    "config set, pin": Scenario(pinned_plain, SET, (0,), ("max_agents",)),
    "config init --force": Scenario(from_snapshot, ("config", "init", "--route", "codex-cli", "--force")),
    "init, the original's pin": Scenario(original_pin, ("init",)),
    "init, the original's config without a model": Scenario(original_without_model, ("init",)),
    "rename": Scenario(spare, ("profile", "rename", "spare", "other"), (0, 3)),
    "delete": Scenario(spare, ("profile", "delete", "spare"), (0, 3)),
    "install --force": Scenario(from_snapshot, ("profile", "install", "--force")),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_killed_at_any_step_loses_nothing(machine: Machine, name: str) -> None:
    scenario = SCENARIOS[name]
    scenario.before(machine)
    kill_everywhere(machine, scenario.argv, scenario.again, scenario.edits)


# --- kill -9 at random moments, on the installed command ---

KILLS = 200 if FULL else 15  # in each mode
SEED = 20261122


def interrupted(box: Box, argv: tuple[str, ...], delay: float) -> bool:
    """Start `wg`, and kill it after `delay` seconds; whether it was still running then."""
    process = subprocess.Popen(
        [WG, *argv], cwd=box.project, env=box.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def duration_of(run: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Seconds that a command takes here and now, so that the kills spread over all of it.

    The shortest of three runs: if the machine stood still in one of them, all kills would come too late.
    """
    spans = []
    for _ in range(3):
        before()
        start = time.monotonic()
        run()
        spans.append(time.monotonic() - start)
    return min(spans)


def told(what: str, killed: int) -> str:
    return f"kills: {what}: {killed} of {KILLS} runs killed at random moments (seed {SEED}), 0 losses"


@pytest.mark.parametrize("mode", MODES)
def test_use_killed_at_random_moments(box: Box, mode: str, figure: Callable[[str], None]) -> None:
    box.env["WG_PROFILE_MODE"] = mode
    random = Random(SEED)
    names = ("claude", "codex")
    for name in names:
        box.wg("profile", "use", name)
    whole = {name: (box.wg_home / f"config.toml.{name}").read_text() for name in names}
    span = duration_of(lambda: box.wg("profile", "use", names[0]))
    killed = 0
    for number in range(KILLS):
        new, old = names[(number + 1) % 2], names[number % 2]
        killed += interrupted(box, ("profile", "use", new), random.uniform(0, span))
        assert (box.wg_home / "config.toml").read_text() in (whole[old], whole[new]), f"kill {number}"
        box.wg("profile", "use", new)
        assert (box.wg_home / "config.toml").read_text() == whole[new], f"kill {number}"
        assert not list(box.wg_home.glob(f"{TEMP}*")), f"kill {number}"
    assert {path.name for path in box.wg_home.glob("config.toml.*")} == {f"config.toml.{name}" for name in names}
    assert killed
    figure(told(f"use ({mode})", killed))


@pytest.mark.parametrize("mode", MODES)
def test_config_set_killed_at_random_moments(box: Box, mode: str, figure: Callable[[str], None]) -> None:
    box.env["WG_PROFILE_MODE"] = mode
    random = Random(SEED)
    box.wg("profile", "use", "codex")
    span = duration_of(lambda: box.wg("config", "set", "dispatcher.max_agents", "1"))
    snapshot = box.wg_home / "config.toml.codex"
    killed = 0
    for number in range(KILLS):
        old = snapshot.read_text()
        new = old.replace(f"max_agents = {number + 1}\n", f"max_agents = {number + 2}\n")
        assert new != old
        argv = ("config", "set", "dispatcher.max_agents", str(number + 2))
        killed += interrupted(box, argv, random.uniform(0, span))
        assert (box.wg_home / "config.toml").read_text() in (old, new), f"kill {number}"
        assert snapshot.read_text() in (old, new), f"kill {number}"
        box.wg(*argv)
        assert (box.wg_home / "config.toml").read_text() == snapshot.read_text() == new, f"kill {number}"
        assert not list(box.wg_home.glob(f"{TEMP}*")), f"kill {number}"
    assert killed
    figure(told(f"config set ({mode})", killed))


@pytest.mark.parametrize("mode", MODES)
def test_migration_killed_at_random_moments(box: Box, mode: str, figure: Callable[[str], None]) -> None:
    box.env["WG_PROFILE_MODE"] = mode
    random = Random(SEED)
    with Launcher(box.env, box.root) as launcher:
        machine = Machine(box, launcher, mode)
        originals.both(box.wg_home)
        machine.save()
        before, old = machine.tree(), machine.in_force()
        span = duration_of(lambda: box.wg("status"), machine.restore)
        after, new = machine.tree(), machine.in_force()
        killed = 0
        for number in range(KILLS):
            machine.restore()
            killed += interrupted(box, ("status",), random.uniform(0, span))
            assert_nothing_lost(before, machine, ("\0",))
            assert machine.in_force() in (old, new), f"kill {number}"
            machine.do("status")
            assert machine.tree() == after, f"kill {number}"
            machine.do("profile", "install")
            assert not machine.temporary(), f"kill {number}"
    assert killed
    figure(told(f"migration ({mode})", killed))
