"""Following the file in force, with a clock that stands still."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.dispatch.lines import Lines
from wg.config.starters import starter_text
from wg.dispatch.follow import STILL_SECONDS, Follower
from wg.locations import Project


class Scene:
    """A home with two snapshots, a project, and a follower."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.project = Project(str(root / "p"), str(root / "p" / ".wg"))
        Path(self.project.dir).mkdir(parents=True)
        self.home.mkdir()
        for name in ("codex", "claude"):
            (self.home / f"config.toml.{name}").write_text(starter_text(name))
        (self.home / "config.toml").symlink_to("config.toml.codex")
        self.time = 100.0
        self.log = Lines()
        self.follower = Follower(self.project, self.log, lambda: self.time)

    def use(self, name: str) -> None:
        (self.home / "link").symlink_to(f"config.toml.{name}")
        (self.home / "link").rename(self.home / "config.toml")

    def later(self, seconds: float = STILL_SECONDS) -> None:
        self.time += seconds

    def profile(self) -> str:
        found = self.follower.current()
        return found.selection.name if found else ""


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("WG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WG_PROFILE", raising=False)
    return Scene(tmp_path)


def test_a_change_counts_once_it_has_been_still(scene: Scene) -> None:
    scene.later()
    assert scene.follower.look()
    assert not scene.follower.look()
    scene.use("claude")
    assert not scene.follower.look()
    assert scene.profile() == "", "nothing is started while it is not still"
    scene.later(STILL_SECONDS / 2)
    (scene.home / "config.toml.claude").write_text(starter_text("claude") + "# more\n")
    assert not scene.follower.look()
    scene.later(STILL_SECONDS * 0.75)
    assert not scene.follower.look(), "it has changed again meanwhile"
    scene.later()
    assert scene.follower.look()
    assert not scene.follower.look()
    assert scene.profile() == "claude"


def test_what_runs_is_what_the_file_holds_whatever_stat_says(scene: Scene) -> None:
    scene.later()
    first = scene.follower.current()
    path = scene.home / "config.toml.codex"
    scene.follower._seen = ()  # as if the change had left no trace that the stamps could show
    path.write_text(path.read_text().replace("gpt-5.5", "gpt-9.9"))
    scene.follower.is_still()
    scene.later()
    second = scene.follower.current()
    assert first and second
    assert first.config.digest != second.config.digest


@pytest.mark.parametrize("break_it", ["text", "dangling", "loop", "directory", "absent"])
def test_a_broken_file_is_a_problem_told_once(scene: Scene, break_it: str) -> None:
    scene.later()
    assert scene.profile() == "codex"
    link = scene.home / "config.toml"
    link.unlink()
    if break_it == "text":
        link.write_text("agent = [\n")
    elif break_it == "dangling":
        link.symlink_to("config.toml.gone")
    elif break_it == "loop":
        link.symlink_to("config.toml")
    elif break_it == "directory":
        link.mkdir()
    scene.follower.look()
    scene.later()
    assert scene.profile() == ""
    assert scene.profile() == ""
    assert str(link) in scene.follower.problem
    assert len([line for line in scene.log.lines if line.startswith("nothing new is started")]) == 1
    assert scene.follower.in_force is not None, "what was loaded is still shown"


def test_a_pin_goes_before_the_home(scene: Scene) -> None:
    scene.later()
    assert scene.profile() == "codex"
    os.symlink(str(scene.home / "config.toml.claude"), os.path.join(scene.project.dir, "config.toml"))
    assert not scene.follower.look()
    scene.later()
    assert scene.follower.look()
    assert scene.profile() == "claude"


def test_changes_are_logged_once_with_the_digest(scene: Scene) -> None:
    scene.later()
    for _ in range(3):
        scene.profile()
    scene.use("claude")
    scene.follower.look()
    scene.later()
    for _ in range(3):
        scene.profile()
    found = scene.follower.in_force
    assert found is not None
    assert len(scene.log.lines) == 2
    assert found.config.digest in scene.log.lines[1]
