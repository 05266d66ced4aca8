"""A home that cannot be written, and a full disk: refused, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, tree
from tests.e2e.unwritable import UNPRIVILEGED, limited, protect
from tests.harness import WG, Completed

WRITING = {
    "use": ["profile", "use", "claude"],
    "use -": ["profile", "use", "-"],
    "create": ["profile", "create", "mine", "--from", "codex"],
    "rename": ["profile", "rename", "claude", "mine"],
    "delete": ["profile", "delete", "claude"],
    "install": ["profile", "install", "--force"],
    "edit": ["profile", "edit", "nex"],
    "set": ["config", "set", "dispatcher.max_agents", "3"],
    "-m": ["config", "-m", "codex:other"],
    "init": ["config", "init", "--route", "nex", "--force"],
}
NO_ROOM = ("No space left on device", "File too large")
READING = [
    ["status"],
    ["profile", "show"],
    ["profile", "list"],
    ["profile", "diff", "claude"],
    ["config", "show"],
    ["config", "which"],
    ["config", "get", "agent.model"],
    ["explain", "--role", "triage"],
]


@pytest.fixture
def home(profiles: ProfileBox) -> ProfileBox:
    """codex is active, one starter is not as it was installed, and an editor is at hand."""
    profiles.prepare("codex")
    (profiles.home / "lock").touch(0o600)
    profiles.snapshot("nex").write_text(STARTER["nex"] + "# mine\n")
    editor = profiles.box.root / "editor"
    editor.write_text('#!/bin/sh\necho "# edited" >> "$1"\n')
    editor.chmod(0o755)
    profiles.box.env["EDITOR"] = str(editor)
    return profiles


def run(profiles: ProfileBox, prefix: list[str], command: list[str], code: int) -> Completed:
    return profiles.box.run(*prefix, *profiles.launcher, WG, *command, code=code)


@pytest.fixture
def read_only(home: ProfileBox) -> Iterator[ProfileBox]:
    protect(home.home, *(path for path in home.home.iterdir() if not path.is_symlink()))
    home.box.run(*UNPRIVILEGED, "touch", str(home.home / "x"), code=1)
    yield home
    home.home.chmod(0o700)


def test_a_read_only_home_is_read_and_not_changed(read_only: ProfileBox) -> None:
    before = tree(read_only.home)
    for command in READING:
        assert "cannot be written" not in run(read_only, UNPRIVILEGED, command, 0).err
    for command in WRITING.values():
        refused = run(read_only, UNPRIVILEGED, command, 1).err
        assert refused.startswith("wg: error: ")
        assert "internal error" not in refused
        assert str(read_only.home) in refused
    assert tree(read_only.home) == before


def test_a_project_is_made_beside_a_read_only_home(read_only: ProfileBox) -> None:
    before = tree(read_only.home)
    made = run(read_only, UNPRIVILEGED, ["init"], 0)
    assert "the home was left as it is" in made.err
    for command in (
        ["add", "a task"],
        ["list"],
        ["show", "a-task"],
        ["log", "a-task", "x"],
        ["done", "a-task"],
        ["--help"],
    ):
        assert run(read_only, UNPRIVILEGED, command, 0).err == ""
    assert tree(read_only.home) == before


def test_an_edit_in_a_read_only_copied_home_is_read(copies: ProfileBox) -> None:
    """What should be mended and cannot be is read as it is, and that is said."""
    copies.prepare("codex")
    copies.config.write_text(STARTER["codex"].replace("= 8", "= 3"))
    protect(copies.home)
    before = tree(copies.home)
    try:
        got = run(copies, UNPRIVILEGED, ["config", "get", "dispatcher.max_agents"], 0)
        assert got.out == "3\n"
        assert "cannot be written" in got.err
    finally:
        copies.home.chmod(0o700)
    before[str(copies.home)] = tree(copies.box.home)[str(copies.home)]
    assert {**tree(copies.home), str(copies.home): before[str(copies.home)]} == before


def test_a_home_that_cannot_be_read(home: ProfileBox) -> None:
    home.home.chmod(0)
    try:
        for command in (["status"], ["profile", "use", "claude"]):
            refused = run(home, UNPRIVILEGED, command, 1).err
            assert "internal error" not in refused
            assert f"{home.home}" in refused and "Permission denied" in refused
    finally:
        home.home.chmod(0o700)


def test_a_snapshot_that_cannot_be_read_is_named_and_the_others_are_listed(home: ProfileBox) -> None:
    home.snapshot("claude").chmod(0)
    refused = run(home, UNPRIVILEGED, ["profile", "use", "claude"], 1).err
    assert str(home.snapshot("claude")) in refused
    home.assert_active("codex")
    assert "codex:gpt-5.5" in run(home, UNPRIVILEGED, ["profile", "list"], 0).out


def test_a_write_that_fails_in_the_middle(home: ProfileBox) -> None:
    before = tree(home.home)
    for name, command in WRITING.items():
        if name in ("use -", "rename", "delete") or (name == "use" and not home.copies):
            continue  # these write no more than a few bytes
        refused = run(home, limited(1000), command, 1).err
        assert "File too large" in refused and "internal error" not in refused
        after = tree(home.home)
        assert [path for path in after if path not in before] == [], name
        assert after == before, name
