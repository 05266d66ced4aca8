"""What stands at a `config.toml`: every state of SPEC-profiles.md, section 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from wg.errors import ConfigError
from wg.profiles import entry
from wg.profiles.entry import Entry
from wg.profiles.pointer import Pointer, write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    for name in ("codex", "codex.2026-05-11", "bak"):
        (made / f"config.toml.{name}").write_text(name)
    return made


def look(home: Path) -> Entry:
    return entry.look(str(home), str(home))


def linked(home: Path, target: str | Path) -> Entry:
    (home / "config.toml").symlink_to(target)
    found = look(home)
    assert (found.path, found.target) == (str(home / "config.toml"), str(target))
    return found


def test_absent(home: Path) -> None:
    assert look(home).kind == entry.ABSENT
    assert look(home / "nowhere").kind == entry.ABSENT
    assert look(home / "config.toml.codex").kind == entry.ABSENT


def test_a_relative_link_to_a_snapshot(home: Path) -> None:
    found = linked(home, "config.toml.codex")
    assert (found.kind, found.name, found.copied) == (entry.SNAPSHOT, "codex", False)
    assert found.leads_to() == "config.toml.codex"
    assert found.describe() == f"{home}/config.toml -> config.toml.codex"
    assert found.file == str(home / "config.toml.codex")


@pytest.mark.parametrize("target", ["./config.toml.codex", "../home/config.toml.codex"])
def test_other_spellings_of_a_relative_link(home: Path, target: str) -> None:
    assert linked(home, target)[1:3] == (entry.SNAPSHOT, "codex")


def test_an_absolute_link_to_a_snapshot(home: Path) -> None:
    assert linked(home, home / "config.toml.codex")[1:3] == (entry.SNAPSHOT, "codex")


def test_a_home_that_is_reached_through_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(home)
    assert linked(home, tmp_path / "other" / "config.toml.codex")[1:3] == (entry.SNAPSHOT, "codex")
    assert look(tmp_path / "other")[1:3] == (entry.SNAPSHOT, "codex")


def test_a_snapshot_that_is_a_link_itself(home: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfile").write_text("x")
    (home / "config.toml.work").symlink_to(tmp_path / "dotfile")
    found = linked(home, "config.toml.work")
    assert found[1:3] == (entry.SNAPSHOT, "work")
    assert found.file == str(tmp_path / "dotfile")


@pytest.mark.parametrize(
    "target", ["config.toml.codex.2026-05-11", "config.toml.bak", "../other", "../config.toml.codex"]
)
def test_a_foreign_link(home: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "other").write_text("x")
    (tmp_path / "config.toml.codex").write_text("of another directory")
    found = linked(home, target)
    assert found[1:3] == (entry.FOREIGN, "")
    entry.require_readable(found)


def test_a_plain_file_is_detached(home: Path) -> None:
    (home / "config.toml").write_text("x")
    assert look(home)[1:] == (entry.DETACHED, "", "", False)
    assert look(home).describe() == f"{home}/config.toml (detached)"


@pytest.mark.parametrize("target", ["config.toml.none-such", "nowhere/config.toml", "config.toml.codex/x"])
def test_dangling(home: Path, target: str) -> None:
    found = linked(home, target)
    assert found.kind == entry.DANGLING
    with pytest.raises(ConfigError, match=f"-> {target} leads nowhere"):
        entry.require_readable(found)


def test_loop(home: Path) -> None:
    (home / "b").symlink_to("config.toml")
    found = linked(home, "b")
    assert found.kind == entry.LOOP
    with pytest.raises(ConfigError, match="-> b leads in a circle"):
        entry.require_readable(found)


def test_a_directory_and_a_link_to_one(home: Path) -> None:
    (home / "d").mkdir()
    found = linked(home, "d")
    assert found.kind == entry.NOT_A_FILE
    with pytest.raises(ConfigError, match="is not a file"):
        entry.require_readable(found)
    (home / "config.toml").unlink()
    (home / "config.toml").mkdir()
    assert look(home).kind == entry.NOT_A_FILE


# copy mode


def test_a_copy(home: Path) -> None:
    (home / "config.toml").write_text("codex")
    write(str(home), Pointer("codex", "0" * 64))
    found = look(home)
    assert found[1:] == (entry.SNAPSHOT, "codex", "", True)
    assert found.leads_to() == "copied from config.toml.codex"
    assert found.describe() == f"{home}/config.toml (a copy of config.toml.codex)"
    assert found.file == str(home / "config.toml")


def test_the_pointer_of_the_original_says_nothing(home: Path) -> None:
    write(str(home), Pointer("codex"))
    assert look(home).kind == entry.ABSENT
    (home / "config.toml").write_text("x")
    assert look(home).kind == entry.DETACHED


def test_a_copy_that_is_gone(home: Path) -> None:
    write(str(home), Pointer("codex", "0" * 64))
    assert look(home)[1:3] == (entry.DANGLING, "codex")


def test_a_link_says_more_than_a_pointer(home: Path) -> None:
    write(str(home), Pointer("claude", "0" * 64))
    assert linked(home, "config.toml.codex")[1:3] == (entry.SNAPSHOT, "codex")


def test_a_project_is_pinned_by_a_pointer_alone(home: Path, tmp_path: Path) -> None:
    project = tmp_path / ".wg"
    project.mkdir()
    write(str(project), Pointer("codex"))
    found = entry.look(str(project), str(home))
    assert found[1:] == (entry.SNAPSHOT, "codex", str(home / "config.toml.codex"), True)
    assert found.file == str(home / "config.toml.codex")
    (project / "config.toml.codex").write_text("own")
    assert entry.look(str(project), str(home)).file == str(project / "config.toml.codex")
    write(str(project), Pointer("gone"))
    assert entry.look(str(project), str(home)).kind == entry.DANGLING
    (project / "config.toml").write_text("a plain file pins it before any pointer")
    assert entry.look(str(project), str(home)).kind == entry.DETACHED


def test_a_project_is_pinned_by_a_link_to_either_scope(home: Path, tmp_path: Path) -> None:
    project = tmp_path / ".wg"
    project.mkdir()
    (project / "config.toml").symlink_to(home / "config.toml.codex")
    assert entry.look(str(project), str(home))[1:3] == (entry.SNAPSHOT, "codex")
    (project / "config.toml.own").write_text("x")
    (project / "config.toml").unlink()
    (project / "config.toml").symlink_to("config.toml.own")
    assert entry.look(str(project), str(home))[1:3] == (entry.SNAPSHOT, "own")
