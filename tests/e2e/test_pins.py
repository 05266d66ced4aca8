"""Pinned projects, and what is in force by flag, variable or pin: SPEC-profiles.md, sections 3 and 4."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree


@pytest.fixture
def pinned(profiles: ProfileBox) -> ProfileBox:
    """A project pinned to the global claude; the home's link leads to codex."""
    profiles.prepare("codex")
    profiles.wg("init")
    profiles.wg("profile", "use", "claude", "--project")
    return profiles


def pin(profiles: ProfileBox) -> Path:
    return profiles.box.project / ".wg" / "config.toml"


def in_force(profiles: ProfileBox) -> str:
    return str(profiles.wg("config", "which", "--json").json["active"])


def bring_back(profiles: ProfileBox, err: str) -> None:
    """Run exactly what the note says."""
    command = err.rpartition("bring it back with: ")[2].splitlines()[0]
    if command.startswith("wg "):
        profiles.wg(*command.split()[1:])
    else:
        subprocess.run(command, shell=True, check=True, cwd="/")


def test_a_pin_to_a_global_profile(pinned: ProfileBox) -> None:
    if pinned.copies:
        assert not pin(pinned).exists()
        assert (pin(pinned).parent / "active-profile").read_text() == "claude\n"
    else:
        assert os.readlink(pin(pinned)) == str(pinned.snapshot("claude"))
    pinned.assert_active("codex")
    which = pinned.wg("config", "which").out
    pointer = pin(pinned).parent / "active-profile"
    shown = f"{pointer} (names {{}})" if pinned.copies else f"{pin(pinned)} -> {{}}"
    path = pinned.snapshot("claude")
    because = f"because the project {pinned.box.project} is pinned: {shown.format(path)}"
    assert which.startswith(f"{path}\n{because}\n")
    hidden = (
        f"{pinned.config} (a copy of config.toml.codex)" if pinned.copies else f"{pinned.config} -> config.toml.codex"
    )
    assert which.endswith(f"\nhides {hidden}\n")
    assert pinned.wg("config", "which", cwd=pinned.box.root).out.startswith(
        str(pinned.config if pinned.copies else pinned.snapshot("codex"))
    )


def test_use_project_says_what_was(pinned: ProfileBox) -> None:
    used = pinned.wg("profile", "use", "nex", "--project").out
    assert "Active profile of this project: nex (was: claude)" in used
    assert in_force(pinned) == "nex"
    pinned.assert_active("codex")


def test_a_pin_to_the_project_s_own_comes_first(pinned: ProfileBox) -> None:
    own = pin(pinned).parent / "config.toml.claude"
    own.write_text(small("claude:own"))
    pinned.wg("profile", "use", "claude", "--project")
    assert pinned.wg("config", "path").out == f"{own}\n"
    assert "claude:own" in pinned.wg("status").out
    if not pinned.copies:
        assert os.readlink(pin(pinned)) == "config.toml.claude"


def test_edits_go_into_the_pinned_snapshot(pinned: ProfileBox) -> None:
    wrote = pinned.wg("config", "set", "dispatcher.max_agents", "3").out
    assert wrote == f"Wrote {pinned.snapshot('claude')}\n"
    assert "max_agents = 3" in pinned.snapshot("claude").read_text()
    assert pinned.snapshot("codex").read_text() == STARTER["codex"]
    assert in_force(pinned) == "claude"


def test_use_lifts_a_pin_to_a_profile(pinned: ProfileBox) -> None:
    used = pinned.wg("profile", "use", "nex")
    assert "is lifted; bring it back with: wg profile use claude --project" in used.err
    assert "not in force" not in used.err
    pinned.assert_active("nex")
    assert in_force(pinned) == "nex"
    bring_back(pinned, used.err)
    assert in_force(pinned) == "claude"
    pinned.assert_active("nex")


def test_use_lifts_a_pin_to_the_global_one_beside_an_own_of_that_name(links: ProfileBox) -> None:
    links.wg("init")
    links.wg("profile", "use", "claude", "--project")
    target = os.readlink(pin(links))
    (pin(links).parent / "config.toml.claude").write_text(small("claude:own"))
    bring_back(links, links.wg("profile", "use", "nex").err)
    assert os.readlink(pin(links)) == target


def test_use_lifts_a_plain_pin(pinned: ProfileBox) -> None:
    pinned.wg("profile", "use", "nex")  # lifts the first
    for name in ("local", "local-2"):
        pin(pinned).write_text(small(f"codex:{name}"))
        used = pinned.wg("profile", "use", "claude")
        assert f"the pin {pin(pinned)} is now config.toml.{name}" in used.err
        assert (pin(pinned).parent / f"config.toml.{name}").read_text() == small(f"codex:{name}")
        assert in_force(pinned) == "claude"
        bring_back(pinned, used.err)
        assert f"codex:{name}" in pinned.wg("status").out
        pinned.wg("profile", "use", "claude")


def test_use_lifts_a_foreign_pin(box_with_spaces: ProfileBox) -> None:
    links = box_with_spaces
    links.wg("init")
    (links.box.project / "their config").write_text(small("codex:theirs"))
    pin(links).symlink_to("../their config")
    used = links.wg("profile", "use", "claude")
    assert not pin(links).is_symlink()
    bring_back(links, used.err)
    assert os.readlink(pin(links)) == "../their config"
    assert in_force(links) == "-"
    used = links.wg("profile", "use", "nex", "--project")
    assert in_force(links) == "nex"
    bring_back(links, used.err)
    assert os.readlink(pin(links)) == "../their config"


@pytest.fixture
def box_with_spaces(links: ProfileBox) -> ProfileBox:
    links.box.project = links.box.root / "a project's directory"
    links.box.project.mkdir()
    return links


def test_use_lifts_a_dangling_pin(links: ProfileBox) -> None:
    links.wg("init")
    pin(links).symlink_to("nowhere")
    assert f"{pin(links)} -> nowhere leads nowhere" in links.wg("status", code=5).err
    links.wg("profile", "use", "claude")
    assert in_force(links) == "claude"


def test_use_keeps_a_plain_pin_that_a_project_pin_replaces(profiles: ProfileBox) -> None:
    profiles.wg("init")
    pin(profiles).write_text(small("codex:mine"))
    used = profiles.wg("profile", "use", "claude", "--project")
    assert in_force(profiles) == "claude"
    bring_back(profiles, used.err)
    assert "codex:mine" in profiles.wg("status").out


@pytest.mark.parametrize("command", [["profile", "use", "nex"], ["config", "init", "--route", "nex", "--force"]])
def test_a_tracked_pin_is_not_lifted(profiles: ProfileBox, command: list[str]) -> None:
    profiles.box.repository()
    profiles.wg("init")
    profiles.wg("profile", "use", "claude")
    profiles.snapshot("nex").write_text(small("nex:mine"))
    pin(profiles).write_text(small("codex:team"))
    profiles.box.git("add", "-f", ".wg/config.toml")
    before = tree(profiles.home), tree(pin(profiles).parent)
    refused = profiles.wg(*command, code=1).err
    assert f"pinned by {pin(profiles)}, which git tracks; nothing was changed" in refused
    assert "--global" in refused and "--project" in refused
    assert (tree(profiles.home), tree(pin(profiles).parent)) == before
    used = profiles.wg("profile", "use", "nex", "--global")
    assert f"warning: not in force here: the project {profiles.box.project} is pinned" in used.err
    profiles.assert_active("nex")
    assert in_force(profiles) == "-"


def test_global_leaves_the_pin_and_says_so(pinned: ProfileBox) -> None:
    used = pinned.wg("profile", "use", "nex", "--global")
    assert f"warning: not in force here: the project {pinned.box.project} is pinned" in used.err
    assert pinned.wg("profile", "use", "codex", "--global", "--json").json["hidden_by"].endswith("is pinned")
    assert in_force(pinned) == "claude"


def test_a_home_that_is_saved_under_a_pin_is_said_to_be_hidden(pinned: ProfileBox) -> None:
    pinned.config.unlink()
    pinned.pointer.unlink(missing_ok=True)
    pinned.config.write_text(small("codex:m"))
    saved = pinned.wg("profile", "save", "mine")
    assert f"not in force here: the project {pinned.box.project} is pinned" in saved.err
    assert pinned.wg("profile", "use", "nex", "--project").err == ""


def test_project_without_a_project(profiles: ProfileBox) -> None:
    assert "wg init" in profiles.wg("profile", "use", "claude", "--project", code=3).err
    assert "wg init" in profiles.wg("config", "init", "--route", "codex-cli", "--project", code=3).err


# flag and variable


def test_a_flag_or_a_variable_decides_for_one_command(pinned: ProfileBox) -> None:
    pinned.wg("profile", "install")
    before = tree(pinned.home), tree(pin(pinned).parent)
    for options, env, why in (
        (["--profile", "nex"], {"WG_PROFILE": "codex"}, "--profile nex"),
        ([], {"WG_PROFILE": "nex"}, "WG_PROFILE=nex"),
    ):
        which = pinned.wg(*options, "config", "which", env=env).out.splitlines()
        assert which[:2] == [str(pinned.snapshot("nex")), f"because {why}: {pinned.snapshot('nex')} (snapshot)"]
        assert len(which) == 4 and all(line.startswith("hides ") for line in which[2:])
        assert f"Profile:    nex, because {why}" in pinned.wg(*options, "status", env=env).out
        assert pinned.wg("explain", "--role", "triage", *options, "--json", env=env).json["profile"] == "nex"
    assert (tree(pinned.home), tree(pin(pinned).parent)) == before
    assert in_force(pinned) == "claude"


def test_a_flag_or_a_variable_that_hides_a_switch_is_said(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "nex")
    for options, env, why in (
        (["--profile", "nex"], {}, "--profile nex"),
        ([], {"WG_PROFILE": "nex"}, "WG_PROFILE=nex"),
    ):
        used = profiles.wg("profile", "use", "codex", *options, env=env)
        assert used.err == f"warning: not in force here: {why}\n"
        initialised = profiles.wg("config", "init", "--route", "codex-cli", *options, env=env)
        assert f"warning: not in force here: {why}\n" in initialised.err
    profiles.assert_active("codex")


@pytest.mark.parametrize(("name", "code"), [("cluade", 3), ("../x", 2), ("CON", 2), ("a.b", 2), ("x" * 300, 2)])
def test_a_flag_or_a_variable_that_names_nothing(profiles: ProfileBox, name: str, code: int) -> None:
    profiles.wg("profile", "use", "claude")
    by_flag = profiles.wg("--profile", name, "status", code=code).err
    by_variable = profiles.wg("status", code=code, env={"WG_PROFILE": name}).err
    if code == 3:
        assert "did you mean claude?" in by_flag and "did you mean claude?" in by_variable
        assert "--profile cluade asks for" in by_flag and "WG_PROFILE=cluade asks for" in by_variable
    # a switch that was asked for is made, and its result is said: the variable hides it
    used = profiles.wg("profile", "use", "codex", env={"WG_PROFILE": name})
    assert "warning: not in force here: " in used.err and "WG_PROFILE" in used.err
    profiles.assert_active("codex")


def test_an_empty_profile_is_no_profile(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "claude")
    assert "--profile" in profiles.wg("--profile", "", "status", code=2).err
    profiles.wg("status", env={"WG_PROFILE": ""})


def test_a_broken_pin_does_not_fall_through(pinned: ProfileBox) -> None:
    pinned.snapshot("claude").unlink()
    refused = pinned.wg("status", code=5).err
    assert "claude" in refused and "leads nowhere" in refused
    used = pinned.wg("profile", "use", "nex", "--global")
    assert "warning: not in force here: " in used.err
    assert pinned.wg("status", code=5, cwd=pinned.box.project).err
