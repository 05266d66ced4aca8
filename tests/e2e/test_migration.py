"""Homes and projects of the original, made ours on the first run (SPEC-profiles.md, section 9)."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from tests import originals
from tests.harness import WG, Box, Completed

BESIDE = (
    "config.toml.bak-20250511T101112Z",
    "config.toml.2025-04-01T00-00-00Z",
    "secrets/openrouter",
    "keys/anthropic.key",
    "keystore",
)


@pytest.fixture(params=("symlink", "copy"))
def home(box: Box, request: pytest.FixtureRequest) -> Path:
    box.env["WG_PROFILE_MODE"] = request.param
    box.wg_home.mkdir()
    return box.wg_home


def tree(root: Path) -> dict[str, str | bytes]:
    return {
        str(path.relative_to(root)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or (path.is_file() and path.name != "lock")
    }


def migrate(box: Box, case: str, code: int = 0) -> Completed:
    """Lay the home out, run `wg status`, and check that a second run changes nothing and says nothing."""
    originals.CASES[case](box.wg_home)
    beside = {name: (box.wg_home / name).read_text() for name in BESIDE if (box.wg_home / name).exists()}
    first = box.wg("status", code=code)
    after = tree(box.wg_home)
    second = box.wg("status", code=code)
    assert tree(box.wg_home) == after
    assert "is now config.toml." not in second.err
    assert {name: (box.wg_home / name).read_text() for name in beside} == beside
    return first


def active(box: Box) -> str:
    return str(box.wg("profile", "show", "--json").json["active"])


def names(box: Box) -> list[str]:
    return [row["name"] for row in box.wg("profile", "list", "--json").json if row["scope"] == "global"]


def specs(box: Box) -> dict[str, str]:
    roles = box.wg("profile", "show", "--json").json["roles"]
    return {role["role"]: role["model"] for role in roles}


def lines(path: Path) -> set[str]:
    return {line for line in path.read_text().splitlines() if line}


def test_base_and_overlay(box: Box, home: Path) -> None:
    said = migrate(box, "five")
    assert active(box) == "codex"
    assert names(box) == ["base", "claude", "codex", "my-profile", "nex", "wgnext"]
    assert (home / "config.toml.base").read_text() == originals.BASE
    assert lines(home / "config.toml.codex") >= {line for line in originals.CODEX_OVERLAY.splitlines() if line}
    assert {spec.partition(":")[0] for spec in specs(box).values()} == {"codex"}
    config = tomllib.loads((home / "config.toml").read_text())
    assert config["dispatcher"]["max_agents"] == 3  # the profile's own
    assert config["dispatcher"]["agent_timeout"] == "45m"  # the base's
    assert config["tui"]["color_theme"] == "light"
    assert "codex:gpt-5.5 for default, task_agent" in said.err and "my-profile (codex:gpt-5.4 for" in said.err
    assert not (home / "profiles").exists()
    for name in names(box):
        box.wg("profile", "use", name)
        box.wg("status")
    assert specs(box)["task_agent"] == "nex:qwen3-coder-30b"


def test_the_link_or_the_pointer_is_what_the_mode_makes(box: Box, home: Path) -> None:
    migrate(box, "both")
    if box.env["WG_PROFILE_MODE"] == "symlink":
        assert os.readlink(home / "config.toml") == "config.toml.codex"
        assert not (home / "active-profile").exists()
    else:
        assert (home / "config.toml").read_text() == (home / "config.toml.codex").read_text()
        first, second, *rest = (home / "active-profile").read_text().splitlines()
        assert (first, second[:7], rest) == ("codex", "sha256:", [])


def test_a_newer_copy_stays_in_force(box: Box, home: Path) -> None:
    originals.newer_copy(home)
    before = (home / "config.toml").read_text()
    migrate(box, "newer_copy")
    assert (home / "config.toml").read_text() == (home / "config.toml.codex").read_text() == before
    assert active(box) == "codex"
    assert names(box) == ["claude", "codex", "codex-saved"]
    assert "max_agents = 8" in (home / "config.toml.codex-saved").read_text()


def test_a_complete_copy_over_a_partial_profile_of_that_name_is_newer(box: Box, home: Path) -> None:
    originals.both(home)
    (home / "config.toml").write_text(originals.CODEX)
    box.wg("status")
    assert (home / "config.toml").read_text() == originals.CODEX
    assert names(box) == ["codex", "codex-saved", "my-profile"]


def test_an_exact_copy_is_no_second_profile(box: Box, home: Path) -> None:
    migrate(box, "same_copy")
    assert names(box) == ["nex"]
    assert {"# nex-marker", 'url = "http://127.0.0.1:8088" # nex-marker: edit per machine'} <= lines(
        home / "config.toml"
    )
    endpoint = box.wg("explain", "--role", "evaluator")
    assert "http://127.0.0.1:8088" in endpoint.out


def test_an_active_profile_without_a_file_takes_the_config(box: Box, home: Path) -> None:
    migrate(box, "no_file")
    assert active(box) == "claude"
    assert names(box) == ["claude", "codex"]
    assert lines(home / "config.toml.claude") >= {"# base-marker: my own notes on this machine", "panel_ratio = 50"}
    assert specs(box)["task_agent"] == "claude:opus"


def test_without_an_active_profile_the_config_stays(box: Box, home: Path) -> None:
    migrate(box, "no_active")
    assert not (home / "config.toml").is_symlink()
    assert (home / "config.toml").read_text() == originals.BASE
    assert active(box) == "-"
    assert names(box) == ["codex"]


def test_names_become_valid_and_clashes_are_numbered(box: Box, home: Path) -> None:
    said = migrate(box, "names")
    assert names(box) == ["base", "default-2", "my-profile", "my-profile-2", "p2-fast"]
    assert "# b-marker" in (home / "config.toml.my-profile").read_text()  # the one that had the name already
    assert "# a-marker" in (home / "config.toml.my-profile-2").read_text()
    assert active(box) == "default-2"
    assert "profiles/My Profile.toml is now config.toml.my-profile-2 (claude:opus" in said.err


def test_backups_are_never_profiles(box: Box, home: Path) -> None:
    migrate(box, "both")
    assert not [name for name in names(box) if name.startswith(("bak", "2025"))]


def test_a_link_into_dotfiles_stays(box: Box, home: Path) -> None:
    said = migrate(box, "foreign")
    assert os.readlink(home / "config.toml") == "../dotfiles/wg.toml"
    assert (box.home / "dotfiles" / "wg.toml").read_text() == originals.BASE
    assert not (home / "active-profile").exists()
    assert names(box) == ["codex"]
    assert tomllib.loads((home / "config.toml.codex").read_text())["tui"]["panel_ratio"] == 50
    assert "../dotfiles/wg.toml and stays one" in said.err


def test_a_pointer_that_names_nothing_is_said_and_dropped(box: Box, home: Path) -> None:
    said = migrate(box, "nothing_named", code=3)
    assert "'gone'" in said.err
    assert not (home / "config.toml").exists()
    assert not (home / "active-profile").exists()
    assert names(box) == ["claude"]


def test_a_config_in_old_spellings_runs(box: Box, home: Path) -> None:
    migrate(box, "legacy")
    assert active(box) == "wgnext"
    assert {spec.partition(":")[0] for spec in specs(box).values()} == {"nex"}
    assert "# wgnext-marker" in lines(home / "config.toml.wgnext")


def test_a_profile_that_is_no_toml_is_moved_as_it_is(box: Box, home: Path) -> None:
    originals.both(home)
    (home / "profiles" / "broken.toml").write_text("[agent\n")
    (home / "profiles" / "latin.toml").write_bytes(b'# \xe9\n[agent]\nmodel = "claude:opus"\n')
    (home / "profiles" / "dir.toml").mkdir()
    said = box.wg("status")
    assert (home / "config.toml.broken").read_text() == "[agent\n"
    assert (home / "config.toml.latin").read_bytes() == b'# \xe9\n[agent]\nmodel = "claude:opus"\n'
    assert "broken (invalid: not valid TOML" in said.err
    assert (home / "profiles" / "dir.toml").is_dir()
    box.wg("status")


@pytest.mark.parametrize("case", ["both", "newer_copy"])
def test_what_stands_in_the_way_of_a_name_is_not_overwritten(box: Box, home: Path, case: str) -> None:
    originals.CASES[case](home)
    (home / "config.toml.codex").write_text("# in-the-way-marker\n" + originals.CODEX)
    box.wg("status")
    assert active(box) == "codex-2"
    assert (home / "config.toml.codex").read_text().startswith("# in-the-way-marker")


COMMANDS: tuple[list[str], ...] = (
    [],
    ["--help"],
    ["--version"],
    ["list"],
    ["show", "t"],
    ["log", "t"],
    ["log", "t", "hello"],
    ["add", "u"],
)


def test_commands_that_need_no_config_do_not_migrate(box: Box) -> None:
    box.wg_home.mkdir()
    box.wg("init")
    box.wg("add", "t", "--id", "t")
    originals.both(box.wg_home)
    before = tree(box.wg_home)
    for command in COMMANDS:
        box.wg(*command, code=None if not command else 0)
    box.wg("done", "t")
    assert tree(box.wg_home) == before
    for command in (["profile", "list"], ["config", "path"], ["explain", "--role", "default"], ["status"]):
        originals.both(box.wg_home)
        said = box.wg(*command)
        assert "is now config.toml." in said.err, command
        for path in box.wg_home.glob("config.toml*"):
            path.unlink()


def test_a_home_that_cannot_be_written_is_no_matter_to_tasks(box: Box) -> None:
    box.wg_home.mkdir()
    box.wg("init")
    box.wg("add", "t", "--id", "t")
    originals.both(box.wg_home)
    before = tree(box.wg_home)
    read_only = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    bind = f'mount --bind "{box.wg_home}" "{box.wg_home}" && mount -o remount,ro,bind "{box.wg_home}" && exec "$@"'
    if box.run(*read_only, bind, "sh", "true", code=None).code:
        pytest.skip("mounts cannot be made here")

    for command in (["list"], ["show", "t"], ["log", "t", "hello"], ["add", "u"], ["done", "t"], ["--help"]):
        box.run(*read_only, bind, "sh", WG, *command)
    refused = box.run(*read_only, bind, "sh", WG, "status", code=1)
    assert "cannot be written" in refused.err
    assert tree(box.wg_home) == before


def test_a_settled_copy_in_a_home_that_cannot_be_written_is_read(box: Box) -> None:
    box.wg("profile", "use", "codex", env={"WG_PROFILE_MODE": "copy"})
    read_only = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    bind = f'mount --bind "{box.wg_home}" "{box.wg_home}" && mount -o remount,ro,bind "{box.wg_home}" && exec "$@"'
    if box.run(*read_only, bind, "sh", "true", code=None).code:
        pytest.skip("mounts cannot be made here")
    assert "codex:gpt-5.5" in box.run(*read_only, bind, "sh", WG, "status").out


def project_of_the_original(box: Box, config: str) -> Path:
    directory = box.project / ".wg"
    directory.mkdir()
    (directory / "graph.jsonl").write_text('{"kind":"task","id":"old","title":"Old"}\n')
    (directory / "config.toml").write_text(config)
    return directory


def test_a_project_whose_config_names_a_model_stays_pinned(box: Box) -> None:
    originals.both(box.wg_home)
    own = '# project-marker\n[agent]\nmodel = "local:qwen"\n\n[dispatcher]\nmax_agents = 1\n'
    directory = project_of_the_original(box, own)
    said = box.wg("init")
    assert "pins this project (nex:qwen" in said.err
    assert not (directory / "config.toml").is_symlink()
    assert "# project-marker" in lines(directory / "config.toml")
    config = tomllib.loads((directory / "config.toml").read_text())
    assert config["dispatcher"]["max_agents"] == 1
    assert config["dispatcher"]["agent_timeout"] == "45m"  # of the home's old base, which is migrated in the same run
    assert {spec.partition(":")[0] for spec in specs(box).values()} == {"nex"}
    status = box.wg("status")
    assert "pinned" in status.out
    before = tree(box.project)
    box.wg("init")
    assert tree(box.project) == before


def test_a_project_whose_config_names_no_model_is_not_pinned(box: Box) -> None:
    originals.both(box.wg_home)
    own = '[tiers]\nfast = "claude:haiku"\n'
    directory = project_of_the_original(box, own)
    said = box.wg("init")
    assert "kept as config.toml.local" in said.err
    assert (directory / "config.toml.local").read_text() == own
    assert not (directory / "config.toml").exists()
    assert {spec.partition(":")[0] for spec in specs(box).values()} == {"codex"}


def test_a_plain_config_beside_no_graph_is_left_alone(box: Box) -> None:
    (box.project / ".wg").mkdir()
    (box.project / ".wg" / "config.toml").write_text("# mine\n" + originals.CLAUDE)
    box.wg("init")
    assert (box.project / ".wg" / "config.toml").read_text() == "# mine\n" + originals.CLAUDE
    assert "pinned" in box.wg("status").out
