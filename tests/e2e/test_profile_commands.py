"""The other commands of `wg profile`: SPEC-profiles.md, section 4, in both modes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from tests.e2e.test_profile import editor
from tests.harness import Box


@pytest.fixture
def codex(profiles: ProfileBox) -> ProfileBox:
    """All starters are installed, codex is active."""
    profiles.prepare("codex")
    return profiles


# show and list


def test_show(codex: ProfileBox) -> None:
    shown = codex.wg("profile", "show")
    link = "copied from config.toml.codex" if codex.copies else "config.toml.codex"
    in_force = codex.config if codex.copies else codex.snapshot("codex")
    assert shown.out.startswith(
        f"Active: codex\nLink:   {link}\nConfig: {in_force}\nWhy:    it is the global config\n\n"
    )
    grep = codex.box.run("grep", "-n", "model", str(codex.config)).out
    assert f"\n\n{grep}\n" in shown.out
    number = (
        next(n for n, line in enumerate(codex.config.read_text().split("\n"), 1) if "[models.evaluator]" in line) + 2
    )
    assert f"evaluator        codex   codex:gpt-5.4-mini  line {number}, [models.evaluator]\n" in shown.out
    for word in ("overlay", "effective", "claude"):
        assert word not in shown.out.lower()


def test_show_another_one(codex: ProfileBox) -> None:
    shown = codex.wg("profile", "show", "claude").out
    assert shown.startswith(f"Profile: claude\nConfig:  {codex.snapshot('claude')}\n")
    assert "claude:opus" in shown and "codex:" not in shown
    assert "did you mean claude?" in codex.wg("profile", "show", "cluade", code=3).err
    codex.snapshot("broken").write_text("[agent]\n")
    assert "config.toml.broken:1: [agent].model is missing" in codex.wg("profile", "show", "broken", code=5).err


def test_show_marks_keys_that_decide_nothing(codex: ProfileBox) -> None:
    codex.wg("config", "set", "agent.model", "codex:other")
    line = next(n for n, text in enumerate(codex.config.read_text().split("\n"), 1) if "codex:other" in text)
    winner = (
        next(n for n, text in enumerate(codex.config.read_text().split("\n"), 1) if "[models.task_agent]" in text) + 2
    )
    said = f":{line}: agent.model is not used: hidden by [models.task_agent], line {winner}\n"
    assert said in codex.wg("profile", "show").err
    assert said in codex.wg("config", "lint").out


def test_show_as_json(codex: ProfileBox) -> None:
    shown = codex.wg("profile", "show", "--json").json
    assert (shown["active"], shown["why"]) == ("codex", "it is the global config")
    assert {role["role"]: role["model"] for role in shown["roles"]}["assigner"] == "codex:gpt-5.4-mini"
    assert {line["number"] for line in shown["model_lines"]} == {
        n for n, text in enumerate(codex.config.read_text().split("\n"), 1) if "model" in text
    }
    assert codex.wg("profile", "show", "nex", "--json").json["profile"] == "nex"


def test_show_without_any_config(profiles: ProfileBox) -> None:
    for command in (["profile", "show"], ["status"], ["config", "show"], ["config", "which"]):
        refused = profiles.wg(*command, code=3).err
        assert f"there is no config yet: {profiles.config} does not exist" in refused
        assert "wg profile use" in refused


def test_list(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "codex")
    profiles.snapshot("broken").write_text("broken")
    profiles.snapshot("codex.2026-05-11").write_text("a version")
    listed = profiles.wg("profile", "list").out.splitlines()
    assert [line.split()[:3] for line in listed] == [
        ["Profiles:"],
        ["broken", "invalid"],
        ["*", "codex", "codex:gpt-5.5"],
        ["Starters,", "not", "yet"],
        ["claude", "claude:opus", "Claude"],
        ["nex", "nex:qwen3-coder-30b", "nex:"],
    ]


def test_list_both_scopes_as_json(codex: ProfileBox) -> None:
    own = codex.project_made() / "config.toml.mine"
    own.write_text('description = "Mine"\n' + small("codex:m"))
    codex.wg("profile", "use", "mine", "--project")
    rows = codex.wg("profile", "list", "--json").json
    assert [(row["name"], row["scope"], row["active"]) for row in rows] == [
        ("mine", "project", True),
        ("claude", "global", False),
        ("codex", "global", True),
        ("nex", "global", False),
    ]
    assert (rows[0]["description"], rows[0]["model"]) == ("Mine", "codex:m")


# create, edit, diff


def test_create_from_another_copies_byte_for_byte(codex: ProfileBox) -> None:
    text = "\r\n".join(["# mine", "[agent]", 'model = "codex:m" # why', ""])
    codex.snapshot("source").write_bytes(text.encode())
    made = codex.wg("profile", "create", "mine", "--from", "source")
    assert made.out == f"Created {codex.snapshot('mine')}\n"
    assert codex.snapshot("mine").read_bytes() == text.encode()
    assert stat.S_IMODE(codex.snapshot("mine").stat().st_mode) == 0o600
    codex.wg("profile", "create", "edited", "--from", "codex", "-m", "codex:gpt-6", "--description", 'It is "mine"')
    edited = codex.snapshot("edited").read_text()
    assert 'description = "It is \\"mine\\""' in edited
    assert edited.count('model = "codex:gpt-6"') == 4
    codex.assert_active("codex")


def test_create_for_a_model_and_an_endpoint(codex: ProfileBox) -> None:
    codex.wg("profile", "create", "local", "-m", "ollama:qwen", "-e", "http://127.0.0.1:11434/v1", "--json")
    codex.wg("profile", "use", "local")
    route = codex.wg("explain", "--role", "task_agent", "--json").json
    assert (route["model"], route["executor"], route["endpoint"]) == ("ollama:qwen", "nex", "http://127.0.0.1:11434/v1")


CREATE_ERRORS = {
    "nothing to make it of": (["x"], 2, "--from"),
    "a bad name": (["../x", "-m", "codex:m"], 2, "cannot be a profile's name"),
    "a reserved name": (["default", "-m", "codex:m"], 2, "is reserved"),
    "a taken name": (["claude", "-m", "codex:m"], 1, "the profile 'claude' exists"),
    "no such source": (["x", "--from", "codx"], 3, "did you mean codex?"),
    "no model": (["x", "-m", "opus"], 2, "'opus' is not provider:model"),
    "no url": (["x", "-m", "nex:m", "-e", "localhost"], 2, "is no endpoint's address"),
    "an invalid source": (["x", "--from", "broken"], 5, "[agent].model is missing"),
}


@pytest.mark.parametrize(("arguments", "code", "message"), CREATE_ERRORS.values(), ids=CREATE_ERRORS)
def test_create_refuses(codex: ProfileBox, arguments: list[str], code: int, message: str) -> None:
    codex.snapshot("broken").write_text("[agent]\n")
    before = tree(codex.home)
    assert message in codex.wg("profile", "create", *arguments, code=code).err
    assert tree(codex.home) == before


def test_a_broken_edit_is_kept_aside(codex: ProfileBox) -> None:
    before = tree(codex.home)
    refused = codex.wg("profile", "edit", "codex", env=editor(codex, 'echo "[broken" >> "$1"'), code=5).err
    kept = codex.home / "config.toml.codex.edit-1"
    assert f"the edit is kept in {kept}" in refused
    assert "not valid TOML" in refused and "nothing runs on it" not in refused
    assert kept.read_text() == STARTER["codex"] + "[broken\n"
    kept.unlink()
    assert tree(codex.home) == before


def test_an_edit_without_a_change(codex: ProfileBox) -> None:
    before = tree(codex.home)
    assert codex.wg("profile", "edit", "codex", env=editor(codex, "true")).out == "No change\n"
    assert tree(codex.home) == before


def test_visual_comes_first_and_may_have_arguments(codex: ProfileBox) -> None:
    visual = editor(codex, 'echo "# $1" >> "$2"')["EDITOR"]
    codex.wg("profile", "edit", "nex", env={"VISUAL": f"{visual} '# two words'", "EDITOR": "false"})
    assert codex.snapshot("nex").read_text().endswith("# # two words\n")
    codex.assert_active("codex")


@pytest.mark.parametrize(
    ("name", "program", "code", "message"),
    [
        ("codx", "true", 3, "did you mean codex?"),
        ("../x", "true", 2, "cannot be a profile's name"),
        ("codex", "false", 1, "the editor ended with exit code 1"),
        ("codex", "/nowhere/vi", 1, "cannot be started"),
    ],
)
def test_edit_refuses(codex: ProfileBox, name: str, program: str, code: int, message: str) -> None:
    before = tree(codex.home)
    assert message in codex.wg("profile", "edit", name, env={"EDITOR": program}, code=code).err
    assert tree(codex.home) == before


def test_edit_needs_a_terminal_or_an_editor(codex: ProfileBox) -> None:
    before = tree(codex.home)
    assert "no editor is named" in codex.wg("profile", "edit", "codex", code=2).err
    assert tree(codex.home) == before


def test_explain_says_who_asks_for_a_tier(codex: ProfileBox) -> None:
    codex.wg("config", "unset", "models.evaluator.model")
    codex.wg("config", "set", "models.evaluator.tier", "premium")
    shown = codex.wg("explain", "--role", "evaluator").out
    assert "tiers.premium" in shown and "<- decides (asked for by models.evaluator.tier, line " in shown


def test_a_profile_that_is_nowhere_leaves_no_trace(box: Box) -> None:
    assert "did you mean codex?" in box.wg("profile", "use", "codx", code=3).err
    assert not box.wg_home.exists()


def test_an_edit_during_which_the_snapshot_changed_is_kept_aside(codex: ProfileBox) -> None:
    meanwhile = f'echo "# mine" >> "$1"; echo "# theirs" >> {codex.snapshot("claude")}'
    refused = codex.wg("profile", "edit", "claude", env=editor(codex, meanwhile), code=1).err
    assert "was changed meanwhile; your edit is kept in" in refused
    assert codex.snapshot("claude").read_text() == STARTER["claude"] + "# theirs\n"
    assert (codex.home / "config.toml.claude.edit-1").read_text() == STARTER["claude"] + "# mine\n"


def test_diff(codex: ProfileBox) -> None:
    diff = codex.wg("profile", "diff", "claude").out
    in_force = codex.config if codex.copies else codex.snapshot("codex")
    assert diff.startswith(f"--- {codex.snapshot('claude')}\n+++ {in_force}\n@@ ")
    assert '-model = "claude:opus"\n+model = "codex:gpt-5.5"\n' in diff
    assert codex.wg("profile", "diff", "claude", "codex", "--json").json["diff"].count("\n") == diff.count("\n")
    assert codex.wg("profile", "diff", "codex", "codex").out == ""
    assert "did you mean codex?" in codex.wg("profile", "diff", "codx", code=3).err


# delete, rename, install


@pytest.mark.parametrize("command", [["delete", "codex"], ["rename", "codex", "mine"]], ids=["delete", "rename"])
def test_the_active_one_is_refused(codex: ProfileBox, command: list[str]) -> None:
    before = tree(codex.home)
    refused = codex.wg("profile", *command, code=1).err
    assert f"cannot {command[0]} the profile 'codex': it is the active one" in refused
    assert tree(codex.home) == before


@pytest.mark.parametrize("command", [["delete", "claude"], ["rename", "claude", "mine"]], ids=["delete", "rename"])
def test_one_that_a_known_project_pins_is_refused(codex: ProfileBox, command: list[str]) -> None:
    codex.project_made()
    codex.wg("profile", "use", "claude", "--project")
    before = tree(codex.home)
    refused = codex.wg("profile", *command, code=1, cwd=codex.box.root).err
    assert f"the project {codex.box.project} pins it" in refused
    assert tree(codex.home) == before
    codex.wg("profile", "use", "codex")
    codex.wg("profile", *command, cwd=codex.box.root)
    assert not codex.snapshot("claude").exists()


@pytest.mark.parametrize("own", [True, False], ids=["own", "global"])
def test_one_that_this_project_pins_is_refused_though_the_home_does_not_know_the_project(
    links: ProfileBox, own: bool
) -> None:
    links.wg("profile", "use", "codex")
    project = links.project_made()
    scope = ["--project"] if own else []
    snapshot = (project if own else links.home) / "config.toml.mine"
    snapshot.write_text(small("codex:m"))
    (project / "config.toml").symlink_to(snapshot)
    (links.home / "projects.json").unlink()
    for command in (["delete", "mine"], ["rename", "mine", "other"]):
        refused = links.wg("profile", *command, *scope, code=1).err
        assert f"the project {links.box.project} pins it" in refused
    assert snapshot.exists()


def test_one_behind_the_active_one_is_refused(links: ProfileBox) -> None:
    links.wg("profile", "install")
    links.snapshot("work").symlink_to("config.toml.codex")
    links.wg("profile", "use", "work")
    assert "it is the active one" in links.wg("profile", "delete", "codex", code=1).err
    links.wg("status")


def test_delete_and_rename(codex: ProfileBox) -> None:
    assert codex.wg("profile", "rename", "claude", "mine").out == f"Renamed to {codex.snapshot('mine')}\n"
    assert codex.snapshot("mine").read_text() == STARTER["claude"]
    assert codex.wg("profile", "delete", "mine", "--json").json == {
        "deleted": "mine",
        "path": str(codex.snapshot("mine")),
    }
    assert not codex.snapshot("mine").exists() and not codex.snapshot("claude").exists()
    codex.assert_active("codex")


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (["delete", "codx"], 3, "did you mean codex?"),
        (["delete", "../x"], 2, "cannot be"),
        (["rename", "claude", "nex"], 1, "the profile 'nex' exists"),
        (["rename", "claude", "CON"], 2, "cannot be"),
        (["rename", "claud", "mine"], 3, "did you mean claude?"),
        (["delete"], 2, "required"),
        (["unknown"], 2, "invalid choice"),
        (["delete", "nex", "--project"], 3, "wg init"),
    ],
)
def test_what_cannot_be_deleted_or_renamed(codex: ProfileBox, command: list[str], code: int, message: str) -> None:
    before = tree(codex.home)
    assert message in codex.wg("profile", *command, code=code).err
    assert tree(codex.home) == before


def test_a_project_s_own_profiles(codex: ProfileBox) -> None:
    own = codex.project_made()
    (own / "config.toml").write_text(small("codex:m"))
    # what is not where it was looked for is found in the other scope
    assert "wg profile save mine --project" in codex.wg("profile", "save", "mine", code=1).err
    codex.wg("profile", "save", "mine", "--project")
    assert "add --project" in codex.wg("profile", "delete", "mine", code=3).err
    assert "leave --project out" in codex.wg("profile", "delete", "claude", "--project", code=3).err
    assert "pins it" in codex.wg("profile", "delete", "mine", "--project", code=1).err
    codex.wg("profile", "use", "codex")
    codex.wg("profile", "rename", "mine", "other", "--project")
    codex.wg("profile", "delete", "other", "--project")
    assert [path.name for path in own.glob("config.toml*")] == []


@pytest.mark.parametrize("name", ["install", "init-starters"])
def test_install(profiles: ProfileBox, name: str) -> None:
    profiles.home.mkdir()
    profiles.snapshot("codex").write_text(small("codex:mine"))
    assert profiles.wg("profile", name).out == "Installed: claude, nex\n"
    assert profiles.snapshot("codex").read_text() == small("codex:mine")
    assert profiles.wg("profile", name).out == "All starters are there\n"
    forced = profiles.wg("profile", name, "--force")
    assert "what config.toml.codex held is kept in config.toml.codex-2" in forced.err
    assert profiles.snapshot("codex").read_text() == STARTER["codex"]
    assert profiles.snapshot("codex-2").read_text() == small("codex:mine")
    assert not os.path.lexists(profiles.config)


def test_install_force_over_the_active_one(codex: ProfileBox) -> None:
    codex.wg("config", "set", "dispatcher.max_agents", "3")
    codex.wg("profile", "install", "--force")
    codex.assert_active("codex")
    assert Path(codex.config).read_text() == STARTER["codex"]
