"""Profile names: what may be one, what carries one, and what is suggested."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.errors import UsageError
from wg.profiles import names

VALID = ["a", "codex", "nex-custom", "a_b-9", "con", "x" * 64, "newer", "oldest", "tmp2", "p-bak"]
INVALID = [
    *("", "../x", "a.b", "CON", "Codex", "1a", "-a", "_a", "a b", "a/b", "a\\b", "a\n", "é", "aé", "x" * 65, "x" * 300),
    *("bak", "orig", "tmp", "swp", "lock", "old", "new", "none", "default", "active", "bak-2", "bak1"),
    *(".", "..", "a\x00", "~", "codex.2026-05-11", "-", "--help", "*"),
]


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str) -> None:
    assert names.is_valid(name)
    assert names.check(name) == name
    assert names.name_of(names.snapshot_path("/h", name)) == name


@pytest.mark.parametrize("name", INVALID, ids=lambda name: repr(name)[:20])
def test_invalid(name: str) -> None:
    assert not names.is_valid(name)
    with pytest.raises(UsageError) as caught:
        names.check(name, "WG_PROFILE")
    assert caught.value.message.startswith("WG_PROFILE: ")
    assert len(caught.value.message) < 120
    assert caught.value.hint
    assert names.name_of(f"/h/config.toml.{name}") == ""


@given(st.one_of(st.from_regex(r"[a-z][a-z0-9_-]{0,66}", fullmatch=True), st.text(max_size=70)))
def test_the_pattern_of_the_specification_decides(name: str) -> None:
    reserved = ("bak", "orig", "tmp", "swp", "lock", "old", "new", "none", "default", "active")
    fits = re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", name) is not None
    assert names.is_valid(name) == (fits and name not in reserved and not name.startswith("bak"))


@given(st.text(min_size=1, max_size=90))
def test_candidates_are_valid_and_differ(wanted: str) -> None:
    first = list(islice(names.candidates(names.normalized(wanted)), 12))
    assert all(names.is_valid(name) for name in first)
    assert len(set(first)) == 12


@pytest.mark.parametrize(
    ("old", "new"), [("Codex", "codex"), ("my profile", "my-profile"), ("1st", "p1st"), ("a.b", "a-b"), ("é", "p-")]
)
def test_old_names_are_made_valid(old: str, new: str) -> None:
    assert names.normalized(old) == new


def test_only_snapshots_are_listed(tmp_path: Path) -> None:
    for name in (
        "codex",
        "a",
        "codex.2026-05-11",
        "codex~",
        "codex.swp",
        "bak",
        "bak2",
        "lock",
        "Codex",
        "codex.edit-1",
    ):
        (tmp_path / f"config.toml.{name}").write_text("")
    for name in (
        "config.toml",
        ".config.toml.codex.swp",
        "#config.toml.codex#",
        ".wg-tmp-1-2-3",
        "config.toml.",
        "x.a",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "config.toml.directory").mkdir()
    (tmp_path / "config.toml.linked").symlink_to("config.toml.a")
    (tmp_path / "config.toml.dangling").symlink_to("nowhere")
    assert names.installed(str(tmp_path)) == ["a", "codex", "linked"]
    assert names.installed(str(tmp_path / "nowhere")) == []
    assert names.installed(str(tmp_path / "config.toml")) == []


def test_a_free_name_is_free(tmp_path: Path) -> None:
    assert names.free_name(str(tmp_path), "codex") == "codex"
    (tmp_path / "config.toml.codex").symlink_to("nowhere")
    assert names.free_name(str(tmp_path), "codex") == "codex-2"
    (tmp_path / "config.toml.codex-2").write_text("")
    assert names.free_name(str(tmp_path), "codex") == "codex-3"
    assert names.free_name(str(tmp_path), "default") == "default-2"


def test_a_miss_suggests_the_closest() -> None:
    assert names.missing("codx", ["claude", "codex"]).hint == "did you mean codex?"
    assert "wg profile list" in names.missing("zzz", ["claude", "codex"]).hint
    assert names.missing("codx", ["codex"]).exit_code == 3
