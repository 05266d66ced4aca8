"""`wg profile use`, and writing through what it makes: SPEC-profiles.md, sections 5 and 11, in both modes."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, SYMLINK, ProfileBox, small, tree


def test_use_in_a_fresh_home(profiles: ProfileBox) -> None:
    used = profiles.wg("profile", "use", "codex")
    home = profiles.home
    assert used.out == f"Active profile: codex (was: nothing)\n{home}/config.toml -> config.toml.codex\n"
    assert used.err == ""
    profiles.assert_active("codex")
    assert profiles.config.read_text() == STARTER["codex"]
    grep = profiles.box.run("grep", "model = ", str(profiles.config)).out
    assert "codex:gpt-5.5" in grep
    assert "claude:" not in profiles.config.read_text()
    assert stat.S_IMODE(profiles.snapshot("codex").stat().st_mode) == 0o600


def test_the_home_that_tests_start_from_is_what_the_commands_make(profiles: ProfileBox) -> None:
    profiles.prepare("codex")
    prepared = tree(profiles.home)
    profiles.box.run("rm", "-r", str(profiles.home))
    profiles.wg("profile", "install")
    profiles.wg("profile", "use", "codex")
    assert tree(profiles.home) == prepared


def test_status_reports_executor_codex_and_no_claude(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    status = profiles.wg("status").out
    runs = [line for line in status.splitlines() if "codex:gpt" in line]
    assert len(runs) == 7
    assert all("  codex  codex:gpt-5" in line for line in runs)
    assert "claude" not in status
    roles = profiles.wg("status", "--json").json["roles"]
    assert {role["executor"] for role in roles} == {"codex"}


def test_use_and_back_again(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    assert "(was: codex)" in profiles.wg("profile", "use", "claude").out
    profiles.assert_active("claude")
    assert "Active profile: codex (was: claude)" in profiles.wg("profile", "use", "-").out
    profiles.assert_active("codex")
    assert "Active profile: claude (was: codex)" in profiles.wg("profile", "use", "-").out
    assert "Active profile: claude (was: claude)" in profiles.wg("profile", "use", "claude").out
    assert "Active profile: codex" in profiles.wg("profile", "use", "-").out
    for name in ("codex", "claude"):
        assert profiles.snapshot(name).read_text() == STARTER[name]


def test_use_as_json(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    assert profiles.wg("profile", "use", "claude", "--json").json == {
        "active": "claude",
        "config": str(profiles.config),
        "target": "config.toml.claude",
        "was": "codex",
        "warnings": [],
        "notes": [],
        "hidden_by": None,
    }


def test_use_without_a_previous_one(profiles: ProfileBox) -> None:
    assert "there is no previous profile" in profiles.wg("profile", "use", "-", code=3).err
    profiles.wg("profile", "use", "codex")
    assert "there is no previous profile" in profiles.wg("profile", "use", "-", code=3).err


def test_what_is_not_there_is_suggested_and_changes_nothing(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    before = tree(profiles.home)
    missed = profiles.wg("profile", "use", "cluade", code=3)
    assert missed.err == "wg: error: there is no profile 'cluade'\nhint: did you mean claude?\n"
    assert tree(profiles.home) == before


def test_an_invalid_snapshot_is_refused_and_changes_nothing(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    profiles.snapshot("broken").write_text('[agent]\nmodel = "opus"\n[dispatcher]\nmax_agents = "8"\n')
    before = tree(profiles.home)
    refused = profiles.wg("profile", "use", "broken", code=5).err
    assert f"{profiles.snapshot('broken')}:2: agent.model: 'opus' is not provider:model" in refused
    assert f"{profiles.snapshot('broken')}:4: dispatcher.max_agents must be an integer" in refused
    assert tree(profiles.home) == before


def test_warnings_do_not_refuse(profiles: ProfileBox) -> None:
    profiles.wg("profile", "install")
    profiles.snapshot("mine").write_text(small("codex:m") + "modle = 1\n")
    used = profiles.wg("profile", "use", "mine")
    assert f"warning: {profiles.snapshot('mine')}:3: unknown key agent.modle" in used.err
    profiles.assert_active("mine")


# a foreign link: made by hand, so there are links


def test_use_replaces_a_foreign_link_and_brings_it_back(links: ProfileBox) -> None:
    dotfile = links.box.root / "dotfiles" / "wg.toml"
    dotfile.parent.mkdir()
    dotfile.write_text(small("codex:mine"))
    links.home.mkdir()
    links.config.symlink_to("../../dotfiles/wg.toml")
    assert "Profile:    -" in links.wg("status").out
    shown = links.wg("profile", "show").out
    assert "Active: -\nLink:   ../../dotfiles/wg.toml\n" in shown
    used = links.wg("profile", "use", "codex")
    assert "the link led to ../../dotfiles/wg.toml; bring it back with: wg profile use -" in used.err
    links.assert_active("codex")
    assert "Active profile: - (was: codex)" in links.wg("profile", "use", "-").out
    assert os.readlink(links.config) == "../../dotfiles/wg.toml"
    assert dotfile.read_text() == small("codex:mine")
    links.wg("profile", "use", "-")
    links.assert_active("codex")


def test_an_absolute_link_made_by_hand_is_a_profile(links: ProfileBox) -> None:
    links.wg("profile", "install")
    links.config.symlink_to(links.snapshot("claude"))
    shown = links.wg("profile", "show").out
    assert f"Active: claude\nLink:   {links.home}/config.toml.claude\n" in shown
    assert "(was: claude)" in links.wg("profile", "use", "codex").out
    links.assert_active("codex")


# writing through


def editor(profiles: ProfileBox, script: str) -> dict[str, str]:
    """The environment in which $EDITOR is a script; $1 is the file."""
    path = profiles.box.root / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"EDITOR": str(path)}


def test_config_m_writes_through(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    wrote = profiles.wg("config", "-m", "codex:gpt-6")
    assert wrote.out == f"Wrote {profiles.snapshot('codex')}: codex:gpt-6 works on tasks\n"
    profiles.assert_active("codex")
    assert profiles.config.read_text() == STARTER["codex"].replace('model = "codex:gpt-5.5"', 'model = "codex:gpt-6"')


def test_an_editor_writes_through(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    edit = 'sed -i "s/max_agents = 8/max_agents = 3/" "$1"'
    profiles.wg("profile", "edit", "codex", env=editor(profiles, edit))
    profiles.assert_active("codex")
    assert "max_agents = 3" in profiles.config.read_text()


@pytest.mark.parametrize(
    "command",
    [
        "sed -i --follow-symlinks 's/max_agents = 8/max_agents = 3/' {config}",
        "printf '# max_agents = 3\\n' >> {config}",
        "sed 's/max_agents = 8/max_agents = 3/' {config} > copy && cat copy > {config}",
    ],
)
def test_other_programs_write_through(profiles: ProfileBox, command: str) -> None:
    profiles.wg("profile", "use", "codex")
    subprocess.run(command.format(config=profiles.config), shell=True, check=True, cwd=profiles.box.root)
    if profiles.mode == SYMLINK:
        profiles.assert_active("codex")  # before any run of wg
    healed = profiles.wg("status")
    assert ("config.toml was edited; the edit is now in config.toml.codex, too" in healed.err) == profiles.copies
    profiles.assert_active("codex")
    assert "max_agents = 3" in profiles.snapshot("codex").read_text()


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o660])
def test_mode_bits_are_kept(profiles: ProfileBox, mode: int) -> None:
    profiles.wg("profile", "use", "codex")
    profiles.snapshot("codex").chmod(mode)
    profiles.wg("config", "set", "dispatcher.max_agents", "3")
    profiles.wg("profile", "edit", "codex", env=editor(profiles, 'echo "# more" >> "$1"'))
    assert stat.S_IMODE(profiles.snapshot("codex").stat().st_mode) == mode
    assert "# more" in profiles.config.read_text()


def test_a_snapshot_that_is_a_link_stays_one(links: ProfileBox) -> None:
    dotfile = links.box.root / "dotfile"
    dotfile.write_text(small("codex:m"))
    dotfile.chmod(0o644)
    links.home.mkdir()
    links.snapshot("work").symlink_to(dotfile)
    links.wg("profile", "use", "work")
    links.wg("config", "-m", "codex:n")
    links.wg("config", "set", "dispatcher.max_agents", "3")
    assert os.readlink(links.snapshot("work")) == str(dotfile)
    assert os.readlink(links.config) == "config.toml.work"
    assert "codex:n" in dotfile.read_text()
    assert stat.S_IMODE(dotfile.stat().st_mode) == 0o644


def test_a_killed_switch_s_temp_link_is_swept(links: ProfileBox) -> None:
    links.wg("profile", "use", "codex")
    (links.home / ".wg-tmp-1-2-abc").symlink_to("config.toml.claude")
    links.wg("profile", "use", "claude")
    links.assert_active("claude")


def test_the_home_is_private(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in profiles.home.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(Path(profiles.home).stat().st_mode) == 0o700
