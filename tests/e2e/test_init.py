"""`wg init`, and how commands find their project: SPEC-profiles.md, section 3."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from tests.harness import Box

PROGRAMS = ("git", "sh", "python3", "env")


@pytest.fixture
def bare(links: ProfileBox) -> ProfileBox:
    """A PATH without agent programs."""
    return without_agents(links)


@pytest.fixture
def bare_twice(profiles: ProfileBox) -> ProfileBox:
    """The same in both modes."""
    return without_agents(profiles)


def without_agents(profiles: ProfileBox) -> ProfileBox:
    path = profiles.box.root / "bin"
    path.mkdir()
    for name in PROGRAMS:
        found = profiles.box.run("sh", "-c", f"command -v {name}").out.strip()
        (path / name).symlink_to(found)
    profiles.box.env["PATH"] = str(path)
    return profiles


def install(profiles: ProfileBox, *names: str) -> None:
    for name in names:
        program = profiles.box.root / "bin" / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)


def test_in_a_repository(bare: ProfileBox) -> None:
    box = bare.box
    box.repository()
    box.git("switch", "-qc", "trunk")
    made = bare.wg("init")
    assert made.out.startswith(f"Made a project in {box.project}, base branch trunk\n")
    assert box.git("status", "--porcelain") == "?? .wg/"
    box.git("add", ".wg")
    assert box.git("diff", "--cached", "--name-only").splitlines() == [".wg/.gitignore", ".wg/project.toml"]
    assert 'base_branch = "trunk"\n' in (box.project / ".wg" / "project.toml").read_text()
    assert stat.S_IMODE((box.project / ".wg" / "db").stat().st_mode) == 0o700
    assert bare.wg("list").out is not None


def test_in_a_plain_directory_and_twice(bare: ProfileBox) -> None:
    bare.wg("init")
    assert not (bare.box.project / ".wg" / "project.toml").exists()
    before = tree(bare.box.project)
    again = bare.wg("init")
    assert again.out.startswith(f"{bare.box.project} is a project\n")
    assert tree(bare.box.project) == before
    assert bare.wg("init", "--json").json["created"] is False


def test_the_home_is_never_a_project(bare: ProfileBox) -> None:
    home = bare.box.home
    refused = bare.wg("init", cwd=home, code=1).err
    assert f"{home}/.wg is wg's home" in refused and "hint: run wg init in the directory of a project" in refused
    assert not (home / ".wg").exists()
    bare.wg("profile", "use", "codex")
    assert "is wg's home" in bare.wg("init", "--dir", str(home / ".wg"), code=1).err
    (home / "linked").symlink_to(home)
    assert "is wg's home" in bare.wg("init", cwd=home / "linked", code=1).err
    (home / ".wg" / "db").mkdir()
    (home / ".wg" / "db" / "graph.db").touch()
    (home / "below").mkdir()
    assert "none here" in bare.wg("status", cwd=home / "below").out


def test_a_subdirectory_belongs_to_the_project_above(bare: ProfileBox) -> None:
    bare.wg("init")
    below = bare.box.project / "a" / "b"
    below.mkdir(parents=True)
    assert str(bare.box.project) in bare.wg("status", cwd=below, code=None).out
    bare.wg("add", "from below", cwd=below)
    assert "from below" in bare.wg("list").out


def test_a_linked_worktree_belongs_to_the_project_of_the_main_one(bare: ProfileBox) -> None:
    bare.box.repository()
    bare.wg("init")
    bare.box.git("worktree", "add", "-q", "../linked")
    linked = bare.box.root / "linked"
    (linked / "deep").mkdir()
    bare.wg("add", "from the linked one", cwd=linked / "deep")
    assert "from the linked one" in bare.wg("list").out
    assert bare.wg("config", "init", "--route", "nex", "--project", cwd=linked).err == ""
    assert (bare.box.project / ".wg" / "config.toml.nex").exists()


@pytest.mark.parametrize("place", ["project", "project/.wg", "project/"])
def test_dir_and_wg_dir_name_the_root_or_its_wg(bare: ProfileBox, place: str) -> None:
    root = bare.box.root
    assert bare.wg("--dir", place, "list", cwd=root, code=3).err.startswith("wg: error: --dir names project")
    assert "WG_DIR names project" in bare.wg("list", cwd=root, code=3, env={"WG_DIR": place}).err
    made = bare.wg("init", "--dir", place, cwd=root)
    assert made.out.startswith(f"Made a project in {bare.box.project}\n")
    bare.wg("--dir", place, "add", "one", cwd=root)
    bare.wg("add", "two", cwd=root, env={"WG_DIR": str(root / place)})
    assert len(bare.wg("list", "--json").json) == 2


def test_wg_dir_names_what_is_made(bare: ProfileBox) -> None:
    """WG_DIR is the project before any directory: an agent's `wg init` must not make a second one."""
    bare.wg("init", cwd=bare.box.root, env={"WG_DIR": str(bare.box.project / ".wg")})
    assert (bare.box.project / ".wg" / "db").is_dir()
    assert not (bare.box.root / ".wg").exists()


def test_init_where_there_is_no_directory(bare: ProfileBox) -> None:
    assert "is not a directory" in bare.wg("init", "--dir", "nowhere", code=1).err


# the first config


@pytest.mark.parametrize("name", ["codex", "claude"])
def test_the_one_agent_program_that_is_installed_is_activated(bare_twice: ProfileBox, name: str) -> None:
    install(bare_twice, name)
    made = bare_twice.wg("init").out
    assert f"Active profile: {name}, the one agent program that is installed here\n" in made
    bare_twice.assert_active(name)
    assert {path.name for path in bare_twice.home.glob("config.toml.*")} == {f"config.toml.{each}" for each in STARTER}


@pytest.mark.parametrize("installed", [(), ("codex", "claude")], ids=["none", "both"])
def test_else_the_choice_is_printed(bare_twice: ProfileBox, installed: tuple[str, ...]) -> None:
    install(bare_twice, *installed)
    made = bare_twice.wg("init").out
    assert made.endswith("No profile is active yet. Choose one: wg profile use claude | codex | nex\n")
    assert not os.path.lexists(bare_twice.config)
    assert bare_twice.snapshot("codex").read_text() == STARTER["codex"]
    assert "wg profile use" in bare_twice.wg("status", code=3).err
    bare_twice.wg("profile", "use", "codex")
    assert "Choose one" not in bare_twice.wg("init").out


def test_a_config_that_is_there_is_left_alone(bare: ProfileBox) -> None:
    install(bare, "claude")
    bare.home.mkdir()
    bare.config.write_text(small("codex:mine"))
    made = bare.wg("init", "--json").json
    assert (made["activated"], made["choice"]) == (None, [])
    assert bare.config.read_text() == small("codex:mine")
    assert not bare.snapshot("claude").exists()


def test_a_pinned_project_needs_no_other_config(bare: ProfileBox) -> None:
    install(bare, "claude")
    pin = bare.box.project / ".wg" / "config.toml"
    pin.parent.mkdir()
    pin.write_text(small("codex:mine"))
    bare.wg("init")
    assert pin.read_text() == small("codex:mine")
    assert not os.path.lexists(bare.config)
    assert "codex:mine" in bare.wg("status").out


def test_what_a_person_wrote_is_left_alone(box: Box) -> None:
    own = box.project / ".wg"
    own.mkdir()
    (own / ".gitignore").write_text("mine\n")
    (own / "project.toml").write_text('base_branch = "mine"\n')
    box.repository()
    box.wg("init")
    assert (own / ".gitignore").read_text() == "mine\n"
    assert (own / "project.toml").read_text() == 'base_branch = "mine"\n'


def test_facts_and_secrets_never_go_into_a_snapshot(box: Box) -> None:
    box.repository()
    box.wg("init")
    box.wg("profile", "install")
    for path in Path(box.wg_home).glob("config.toml*"):
        assert "base_branch" not in path.read_text()


def test_a_project_from_before_git_gets_its_base_branch(box: Box) -> None:
    box.wg("init")
    facts = box.project / ".wg" / "project.toml"
    assert not facts.exists()
    box.git("init", "-q", "-b", "trunk")
    assert box.wg("init").out.startswith(f"{box.project} is a project, base branch trunk\n")
    assert 'base_branch = "trunk"\n' in facts.read_text()
    facts.write_text('base_branch = "mine"\n')
    box.wg("init")
    assert facts.read_text() == 'base_branch = "mine"\n'
