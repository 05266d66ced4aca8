"""Copy mode put right again on any later run, by digest (SPEC-profiles.md, section 5)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from wg.config.starters import starter_text
from wg.profiles import heal, swap
from wg.profiles.names import installed

CLAUDE, CODEX = starter_text("claude").encode(), starter_text("codex").encode()
EDITED = CLAUDE + b"# edited\n"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in copy mode with claude in force."""
    monkeypatch.setenv("WG_PROFILE_MODE", "copy")
    (tmp_path / "config.toml.claude").write_bytes(CLAUDE)
    (tmp_path / "config.toml.codex").write_bytes(CODEX)
    swap.activate(str(tmp_path), "claude")
    return tmp_path


def healed(home: Path) -> list[str]:
    """Heal, and check that it was needed, and is not any more."""
    assert heal.is_needed(str(home))
    notes = heal.heal(str(home))
    assert not heal.is_needed(str(home))
    assert heal.heal(str(home)) == []
    return notes


def state(home: Path) -> tuple[bytes, list[str]]:
    """(config.toml, the pointer's lines); both agree with the snapshot that the pointer names."""
    config = (home / "config.toml").read_bytes()
    lines = (home / "active-profile").read_text().splitlines()
    assert lines[1:] == [digest(config)]
    assert (home / f"config.toml.{lines[0]}").read_bytes() == config
    return config, lines


def test_nothing_to_mend(home: Path) -> None:
    assert not heal.is_needed(str(home))
    assert state(home)[0] == CLAUDE


def test_an_edit_of_the_copy_is_carried_back(home: Path) -> None:
    (home / "config.toml").write_bytes(EDITED)
    assert "the edit is now in config.toml.claude" in healed(home)[0]
    assert state(home)[0] == EDITED


def test_an_edit_of_the_snapshot_is_copied_out(home: Path) -> None:
    (home / "config.toml.claude").write_bytes(EDITED)
    assert "the edit is now in config.toml" in healed(home)[0]
    assert state(home)[0] == EDITED


def test_both_changed_alike_renews_the_pointer(home: Path) -> None:
    for name in ("config.toml", "config.toml.claude"):
        (home / name).write_bytes(EDITED)
    assert healed(home) == []
    assert state(home)[0] == EDITED


def test_both_changed_keeps_both_and_what_runs_goes_on_running(home: Path) -> None:
    (home / "config.toml").write_bytes(EDITED)
    (home / "config.toml.claude").write_bytes(CLAUDE + b"# otherwise\n")
    assert "config.toml.claude-edited" in healed(home)[0]
    config, lines = state(home)
    assert (config, lines[0]) == (EDITED, "claude-edited")
    assert (home / "config.toml.claude").read_bytes() == CLAUDE + b"# otherwise\n"


@pytest.mark.parametrize("gone", ["config.toml", "config.toml.claude"])
def test_either_side_is_made_again_from_the_other(home: Path, gone: str) -> None:
    (home / gone).unlink()
    assert f"{gone} was gone" in healed(home)[0]
    assert state(home)[0] == CLAUDE


def test_both_gone_is_left_for_the_user_to_see(home: Path) -> None:
    (home / "config.toml").unlink()
    (home / "config.toml.claude").unlink()
    assert heal.heal(str(home)) == []
    assert (home / "active-profile").exists()


def interrupt(home: Path) -> None:
    """A switch to codex that got no further than its intention."""
    pointer = f"claude\n{digest(CLAUDE)}\nnext: codex {digest(CODEX)}\n"
    (home / "active-profile").write_text(pointer)


@pytest.mark.parametrize("copied", [False, True])
def test_an_interrupted_switch_is_completed(home: Path, copied: bool) -> None:
    interrupt(home)
    if copied:
        (home / "config.toml").write_bytes(CODEX)
    assert healed(home) == ["finished the switch to codex that was interrupted"]
    assert state(home) == (CODEX, ["codex", digest(CODEX)])
    assert installed(str(home)) == ["claude", "codex"]


def test_an_edit_during_an_interrupted_switch_is_kept_once(home: Path) -> None:
    interrupt(home)
    (home / "config.toml").write_bytes(EDITED)
    assert "kept in config.toml.codex-edited" in healed(home)[0]
    assert state(home)[0] == CODEX
    assert (home / "config.toml.codex-edited").read_bytes() == EDITED
    interrupt(home)
    (home / "config.toml").write_bytes(EDITED)
    heal.heal(str(home))
    assert installed(str(home)) == ["claude", "codex", "codex-edited"]


def test_an_interrupted_switch_to_a_profile_that_is_gone_is_not_made(home: Path) -> None:
    interrupt(home)
    (home / "config.toml.codex").unlink()
    assert "that profile is gone" in healed(home)[0]
    assert state(home) == (CLAUDE, ["claude", digest(CLAUDE)])
    assert installed(str(home)) == ["claude"]


def test_a_copied_profile_that_is_gone_is_made_again_from_the_copy(home: Path) -> None:
    interrupt(home)
    (home / "config.toml").write_bytes(CODEX)
    (home / "config.toml.codex").unlink()
    assert "config.toml.codex was gone" in healed(home)[0]
    assert state(home)[0] == CODEX


def test_a_first_switch_that_was_interrupted_is_completed(home: Path) -> None:
    (home / "active-profile").write_text(f"-\n{digest(CLAUDE)}\nnext: codex {digest(CODEX)}\n")
    healed(home)
    assert state(home)[0] == CODEX
    assert installed(str(home)) == ["claude", "codex"]


def test_a_link_made_by_hand_says_more_than_the_pointer(home: Path) -> None:
    (home / "config.toml").unlink()
    (home / "config.toml").symlink_to("config.toml.codex")
    assert heal.is_needed(str(home))
    heal.heal(str(home))
    assert not (home / "active-profile").exists()
    assert (home / "config.toml").read_bytes() == CODEX


def test_symlink_mode_heals_first_and_then_links(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_bytes(EDITED)
    monkeypatch.setenv("WG_PROFILE_MODE", "symlink")
    healed(home)
    assert (home / "config.toml").readlink() == Path("config.toml.claude")
    assert (home / "config.toml").read_bytes() == EDITED
    assert not (home / "active-profile").exists()
