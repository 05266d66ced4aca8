"""A config.toml that has become a plain file: it runs, it is reported, and it is never lost (section 5)."""

from __future__ import annotations

import os

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from tests.harness import Box

SED = "s/max_agents = 8/max_agents = 3/"


@pytest.fixture
def detached(links: ProfileBox) -> ProfileBox:
    """codex was linked, and then `sed -i` made a plain file of the link."""
    links.wg("profile", "use", "claude")
    links.wg("profile", "use", "codex")
    detach(links)
    return links


def detach(links: ProfileBox) -> str:
    links.box.run("sed", "-i", SED, str(links.config))
    assert not links.config.is_symlink()
    return links.config.read_text()


def test_F25_it_runs_as_it_is_and_says_what_happened(detached: ProfileBox) -> None:
    for command in (["profile", "show"], ["status"]):
        said = detached.wg(*command).out
        assert f"{detached.config} is a plain file, not a link to a snapshot (sed -i and some editors" in said
        assert "wg profile save NAME" in said
    assert detached.wg("config", "get", "dispatcher.max_agents").out == "3\n"
    assert detached.wg("profile", "show", "--json").json["active"] == "-"
    detached.wg("config", "set", "dispatcher.max_agents", "4")
    assert detached.wg("config", "get", "dispatcher.max_agents").out == "4\n"
    assert not detached.config.is_symlink()
    assert detached.snapshot("codex").read_text() == STARTER["codex"]


def test_F25_save_adopts_it(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    saved = detached.wg("profile", "save", "mine").out
    assert saved == f"Saved as {detached.snapshot('mine')}, and linked\n"
    detached.assert_active("mine")
    assert detached.config.read_text() == content
    assert "nothing to save" in detached.wg("profile", "save", "other", code=1).err


def test_F25_save_overwrites_no_other_profile(detached: ProfileBox) -> None:
    before = tree(detached.home)
    assert "exists and differs" in detached.wg("profile", "save", "claude", code=1).err
    assert "cannot be" in detached.wg("profile", "save", "../x", code=2).err
    assert tree(detached.home) == before
    detached.snapshot("same").write_text(detached.config.read_text())
    detached.wg("profile", "save", "same")
    detached.assert_active("same")


def test_F25_save_refuses_what_is_invalid(detached: ProfileBox) -> None:
    detached.config.write_text("[agent]\n")
    assert f"{detached.config}:1: [agent].model is missing" in detached.wg("profile", "save", "mine", code=5).err
    assert detached.config.read_text() == "[agent]\n"


def test_F25_use_keeps_it_in_the_snapshot_last_linked(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    used = detached.wg("profile", "use", "claude")
    assert "note: config.toml had become a plain file; what it held is kept in config.toml.codex\n" in used.err
    detached.assert_active("claude")
    assert detached.snapshot("codex").read_text() == content
    assert "Active profile: codex" in detached.wg("profile", "use", "-").out


def test_F25_use_of_the_one_last_linked_keeps_it_there(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    detached.wg("profile", "use", "codex")
    detached.assert_active("codex")
    assert detached.config.read_text() == content
    assert "Active profile: claude" in detached.wg("profile", "use", "-").out


def test_F25_a_snapshot_that_was_changed_since_is_not_overwritten(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    detached.snapshot("codex").write_text(STARTER["codex"] + "# changed since\n")
    used = detached.wg("profile", "use", "claude")
    assert "kept in config.toml.codex-edited" in used.err
    assert detached.snapshot("codex-edited").read_text() == content
    assert "# changed since" in detached.snapshot("codex").read_text()
    assert "Active profile: codex-edited" in detached.wg("profile", "use", "-").out


def test_F25_nor_is_one_that_wg_itself_changed_since(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    detached.wg("--profile", "codex", "config", "set", "dispatcher.max_agents", "5")
    detached.wg("profile", "use", "claude")
    assert "max_agents = 5" in detached.snapshot("codex").read_text()
    assert detached.snapshot("codex-edited").read_text() == content


def test_F25_without_a_memory_it_gets_a_name_of_its_own(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    (detached.home / "state.json").write_text("{ broken")
    assert "kept in config.toml.detached" in detached.wg("profile", "use", "claude").err
    assert detached.snapshot("detached").read_text() == content
    assert detached.snapshot("codex").read_text() == STARTER["codex"]


def test_F25_what_is_there_already_is_not_kept_twice(detached: ProfileBox) -> None:
    detached.config.write_text(STARTER["codex"])
    used = detached.wg("profile", "use", "claude")
    assert "kept" not in used.err
    assert sorted(path.name for path in detached.home.glob("config.toml.*")) == [
        "config.toml.claude",
        "config.toml.codex",
    ]


@pytest.mark.parametrize("other", ["claude:opus", "codex:other"])
def test_F25_a_link_set_by_hand_in_between_overwrites_no_other_profile(links: ProfileBox, other: str) -> None:
    """Whether the provider tells the two apart or only what is in the files."""
    links.wg("profile", "use", "codex")
    text = STARTER["codex"].replace("codex:gpt-5.5", other).replace("codex:gpt-5.4-mini", other)
    links.snapshot("other").write_text(text)
    links.box.run("ln", "-sfn", "config.toml.other", str(links.config))
    content = detach(links)
    links.wg("profile", "use", "nex")
    assert links.snapshot("codex").read_text() == STARTER["codex"]
    assert content in [path.read_text() for path in links.home.glob("config.toml.*")]


def test_F25_back_to_a_foreign_link_keeps_it(links: ProfileBox) -> None:
    foreign = links.box.root / "foreign"
    foreign.write_text(small("codex:foreign"))
    links.home.mkdir()
    links.config.symlink_to(foreign)
    links.wg("profile", "use", "codex")
    content = detach(links)
    links.wg("profile", "use", "-")
    assert os.readlink(links.config) == str(foreign)
    assert links.snapshot("codex").read_text() == content


def test_F25_force_writes_the_template_and_keeps_both(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    detached.snapshot("codex").write_text(small("codex:old"))
    forced = detached.wg("config", "init", "--route", "codex-cli", "--force")
    detached.assert_active("codex")
    assert detached.config.read_text() == STARTER["codex"]
    kept = [path.read_text() for path in detached.home.glob("config.toml.codex-*")]
    assert sorted(kept) == sorted([content, small("codex:old")])
    assert "config.toml.codex-2" in forced.err and "config.toml.codex-edited" in forced.err


def test_F25_force_of_an_unchanged_one_writes_the_template(detached: ProfileBox) -> None:
    content = detached.config.read_text()
    detached.wg("config", "init", "--route", "codex-cli", "--force")
    detached.assert_active("codex")
    assert detached.config.read_text() == STARTER["codex"]
    assert detached.snapshot("codex-edited").read_text() == content


def test_F25_a_plain_file_that_wg_never_linked(box: Box) -> None:
    links = ProfileBox(box)
    links.home.mkdir()
    links.config.write_text(small("claude:mine"))
    assert "Profile:    -" in links.wg("status").out
    assert "kept in config.toml.detached" in links.wg("profile", "use", "claude").err
    assert links.snapshot("detached").read_text() == small("claude:mine")
    assert links.snapshot("claude").read_text() == STARTER["claude"]
