"""Copy mode: what any later run finds by digest, and mends (SPEC-profiles.md, section 5)."""

from __future__ import annotations

import hashlib

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from wg.profiles.pointer import Pointer

EDITED = STARTER["codex"].replace("max_agents = 8", "max_agents = 3")
OTHER = STARTER["codex"].replace("max_agents = 8", "max_agents = 4")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def codex(copies: ProfileBox) -> ProfileBox:
    """codex is active, by copy; claude is installed."""
    copies.prepare("codex")
    return copies


def settled(profiles: ProfileBox) -> None:
    """Another run finds nothing to mend and changes nothing."""
    before = tree(profiles.home)
    assert profiles.wg("status").err == ""
    assert tree(profiles.home) == before


def test_config_toml_changed_is_carried_back(codex: ProfileBox) -> None:
    codex.config.write_text(EDITED)
    assert "config.toml was edited; the edit is now in config.toml.codex, too" in codex.wg("status").err
    codex.assert_active("codex")
    assert codex.snapshot("codex").read_text() == EDITED
    settled(codex)


def test_the_snapshot_changed_is_copied_out(codex: ProfileBox) -> None:
    codex.snapshot("codex").write_text(EDITED)
    assert "config.toml.codex was edited; the edit is now in config.toml, too" in codex.wg("status").err
    codex.assert_active("codex")
    assert codex.config.read_text() == EDITED
    settled(codex)


def test_both_changed_alike_renews_the_pointer(codex: ProfileBox) -> None:
    for path in (codex.config, codex.snapshot("codex")):
        path.write_text(EDITED)
    codex.wg("status")
    codex.assert_active("codex")
    assert codex.config.read_text() == EDITED
    settled(codex)


def test_both_changed_differently_keeps_both(codex: ProfileBox) -> None:
    codex.config.write_text(EDITED)
    codex.snapshot("codex").write_text(OTHER)
    assert "what config.toml held is kept in config.toml.codex-edited" in codex.wg("status").err
    codex.assert_active("codex-edited")
    assert codex.config.read_text() == EDITED
    assert codex.snapshot("codex").read_text() == OTHER
    settled(codex)


def test_config_toml_gone_is_copied_again(codex: ProfileBox) -> None:
    codex.config.unlink()
    assert "config.toml was gone; copied again from config.toml.codex" in codex.wg("status").err
    codex.assert_active("codex")


def test_the_snapshot_gone_is_made_again(codex: ProfileBox) -> None:
    codex.snapshot("codex").unlink()
    assert "config.toml.codex was gone; made again from config.toml" in codex.wg("status").err
    codex.assert_active("codex")


def test_both_gone_is_an_error_and_use_is_the_way_out(codex: ProfileBox) -> None:
    codex.config.unlink()
    codex.snapshot("codex").unlink()
    assert "config.toml.codex leads nowhere" in codex.wg("status", code=5).err
    codex.wg("profile", "use", "claude")
    codex.assert_active("claude")


# a switch from codex to claude that was killed, after each of its steps


def unfinished(profiles: ProfileBox, config: str) -> None:
    pointer = Pointer("codex", digest(STARTER["codex"]), "claude", digest(STARTER["claude"]))
    profiles.pointer.write_text(pointer.as_text())
    profiles.config.write_text(config)


@pytest.mark.parametrize("config", ["codex", "claude"], ids=["after the pointer", "after the rename"])
@pytest.mark.parametrize("command", [["status"], ["profile", "use", "claude"], ["config", "get", "agent.model"]])
def test_an_unfinished_switch_is_completed(codex: ProfileBox, config: str, command: list[str]) -> None:
    unfinished(codex, STARTER[config])
    assert "finished the switch to claude that was interrupted" in codex.wg(*command).err
    codex.assert_active("claude")
    for name in ("codex", "claude"):
        assert codex.snapshot(name).read_text() == STARTER[name]
    settled(codex)


def test_an_unfinished_first_switch_is_completed(copies: ProfileBox) -> None:
    copies.wg("profile", "install")
    copies.pointer.write_text(Pointer("-", "-", "claude", digest(STARTER["claude"])).as_text())
    copies.wg("status")
    copies.assert_active("claude")


def test_an_edit_after_an_unfinished_switch_is_kept(codex: ProfileBox) -> None:
    unfinished(codex, EDITED)
    said = codex.wg("status").err
    kept = said.partition("what config.toml held is kept in ")[2].split()[0]
    assert (codex.home / kept).read_text() == EDITED
    codex.assert_active("claude")


# between the modes


def test_symlink_mode_that_meets_a_pointer_heals_then_links(codex: ProfileBox) -> None:
    codex.config.write_text(EDITED)
    links = ProfileBox(codex.box)
    assert "config.toml was edited" in links.wg("status", env={"WG_PROFILE_MODE": ""}).err
    links.assert_active("codex")
    assert links.snapshot("codex").read_text() == EDITED


def test_symlink_mode_that_meets_a_settled_pointer_links(codex: ProfileBox) -> None:
    links = ProfileBox(codex.box)
    links.wg("status", env={"WG_PROFILE_MODE": "symlink"})
    links.assert_active("codex")


def test_symlink_mode_completes_an_unfinished_switch(codex: ProfileBox) -> None:
    unfinished(codex, STARTER["codex"])
    links = ProfileBox(codex.box)
    links.wg("status", env={"WG_PROFILE_MODE": "symlink"})
    links.assert_active("claude")


def test_copy_mode_that_meets_a_link_uses_it_until_the_next_switch(copies: ProfileBox) -> None:
    copies.wg("profile", "install")
    copies.config.symlink_to("config.toml.codex")
    assert "Profile:    codex" in copies.wg("status").out
    copies.wg("profile", "use", "claude")
    copies.assert_active("claude")
    assert copies.snapshot("codex").read_text() == STARTER["codex"]


def test_a_link_set_by_hand_beside_a_pointer_counts(codex: ProfileBox) -> None:
    codex.config.unlink()
    codex.config.symlink_to("config.toml.claude")
    assert "Profile:    claude" in codex.wg("status").out
    assert codex.snapshot("codex").read_text() == STARTER["codex"]


def test_a_plain_file_without_a_pointer_is_detached(copies: ProfileBox) -> None:
    copies.home.mkdir()
    copies.config.write_text(small("codex:mine"))
    assert "is a plain file" in copies.wg("status").out
    copies.wg("profile", "save", "mine")
    copies.assert_active("mine")
    assert copies.snapshot("mine").read_text() == small("codex:mine")


def test_edits_go_to_both(codex: ProfileBox) -> None:
    codex.wg("config", "set", "dispatcher.max_agents", "3")
    codex.assert_active("codex")
    assert codex.config.read_text() == EDITED
    codex.wg("config", "set", "log.rotation_threshold", "5000", "--all-profiles")
    codex.assert_active("codex")
    assert "rotation_threshold = 5000" in codex.config.read_text()
    assert "rotation_threshold = 5000" in codex.snapshot("nex").read_text()


def test_a_wrong_mode_is_said(links: ProfileBox) -> None:
    refused = links.wg("profile", "use", "codex", env={"WG_PROFILE_MODE": "hardlink"}, code=2).err
    assert "WG_PROFILE_MODE is 'hardlink'" in refused
