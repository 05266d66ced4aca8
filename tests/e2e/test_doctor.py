"""`wg doctor`: every finding is there when its cause is, with its remedy, and not when it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.harness import WG, Box
from wg.doctor import files


def findings(box: Box, *argv: str, env: dict[str, str] | None = None) -> list[dict[str, Any]]:
    done = box.wg("--json", "doctor", *argv, code=None, env=env)
    found: list[dict[str, Any]] = json.loads(done.out)
    problems = [one for one in found if one["level"] == "problem"]
    assert done.code == (1 if problems else 0)
    assert all(one["remedy"] for one in problems + [one for one in found if one["level"] == "warning"])
    return found


def said(found: list[dict[str, Any]], level: str, subject: str) -> str:
    return "\n".join(one["message"] for one in found if one["level"] == level and one["subject"] == subject)


def program(directory: Path, name: str, body: str = 'echo "1.2.3 (fake)"') -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return directory


def with_path(box: Box, *directories: Path) -> dict[str, str]:
    """Only these, the system's own and this program's directory are on PATH: no agent of this machine's user."""
    return {"PATH": os.pathsep.join([*map(str, directories), os.path.dirname(WG), "/usr/bin", "/bin"])}


def test_a_good_installation_has_no_problem(box: Box) -> None:
    box.repository()
    box.wg("profile", "use", "codex")
    box.wg("init")
    env = with_path(box, program(box.root / "bin", "codex")) | {"CODEX_API_KEY": "planted"}
    # where this test lives is no place to keep a project
    box.wg("config", "set", "executors.codex.sandbox", "read-only")
    done = box.wg("doctor", env=env)
    assert "problem" not in done.out and "warning" not in done.out
    assert "1.2.3 (fake)" in done.out and "planted" not in done.out
    assert "config.toml -> config.toml.codex" in done.out and "tasks run on codex codex:gpt-5.5" in done.out


def test_a_project_that_codex_s_sandbox_does_not_protect(box: Box) -> None:
    box.wg("profile", "use", "codex")
    box.wg("init")
    found = findings(box, env={"TMPDIR": str(box.root)})
    assert f"{box.project} lies where codex's sandbox" in said(found, "warning", "codex")
    assert f"{box.wg_home} lies where codex's sandbox" in said(found, "warning", "codex")


def test_without_a_config_it_says_how_to_get_one(box: Box) -> None:
    found = findings(box)
    assert "there is no config yet" in said(found, "problem", "config")


def test_a_missing_program_is_a_problem_only_where_the_config_needs_it(box: Box) -> None:
    box.wg("profile", "use", "codex")
    found = findings(box, env=with_path(box))
    assert "codex is not on PATH" in said(found, "problem", "codex")
    assert "nothing in force needs it" in said(found, "ok", "claude")


def test_a_program_that_does_not_answer(box: Box) -> None:
    box.wg("profile", "use", "codex")
    found = findings(box, env=with_path(box, program(box.root / "bin", "codex", "exit 3")))
    assert "--version ended with 3" in said(found, "problem", "codex")


def test_the_sign_in_is_unknown_without_file_or_key(box: Box) -> None:
    box.wg("profile", "use", "codex")
    env = with_path(box, program(box.root / "bin", "codex"))
    assert "sign-in unknown" in said(findings(box, env=env), "unknown", "codex")
    (box.home / ".codex").mkdir()
    (box.home / ".codex" / "auth.json").write_text("{}")
    assert "auth.json" in said(findings(box, env=env), "ok", "codex")


def test_claude_as_root_needs_to_be_told_of_its_sandbox(box: Box) -> None:
    box.wg("profile", "use", "claude")
    env = with_path(box, program(box.root / "bin", "claude"))
    expected = "run as root" if os.geteuid() == 0 else ""
    assert expected in said(findings(box, env=env), "problem", "claude")
    box.wg("config", "set", "executors.claude.assume_sandbox", "true")
    assert said(findings(box, env=env), "problem", "claude") == ""


def test_the_link_and_the_config_are_looked_at(box: Box) -> None:
    box.wg("profile", "use", "codex")
    config = box.wg_home / "config.toml"
    text = config.read_text()
    config.unlink()
    config.write_text(text.replace("max_agents = 8", 'max_agents = "8"'))
    found = findings(box)
    assert "plain file" in said(found, "warning", "link")
    assert f"{config}:14: dispatcher.max_agents must be an integer" in said(found, "problem", "config")
    config.unlink()
    config.symlink_to("config.toml.nowhere")
    assert "leads nowhere" in said(findings(box), "problem", "config")


def test_another_wg_earlier_on_path(box: Box) -> None:
    box.wg("profile", "use", "codex")
    decoy = program(box.root / "decoy", "wg")
    assert str(decoy) in said(findings(box, env=with_path(box, decoy)), "warning", "wg")


def test_others_may_read_the_home(box: Box) -> None:
    box.wg("profile", "use", "codex")
    assert said(findings(box), "warning", "home") == ""
    box.wg_home.chmod(0o755)
    assert "others may read" in said(findings(box), "warning", "home")


def test_a_variable_that_holds_here_and_not_for_the_dispatcher(box: Box) -> None:
    box.repository()
    box.wg("profile", "use", "codex")
    box.wg("profile", "install")
    box.wg("init")
    box.wg("service", "start")
    assert "as it is now" in said(findings(box), "ok", "dispatcher")
    found = findings(box, env={"WG_PROFILE": "nex"})
    assert "config.toml.codex" in said(found, "warning", "dispatcher")
    assert "hides" in said(found, "ok", "link")


def test_endpoint_keys_are_looked_for_and_never_shown(box: Box) -> None:
    box.wg("config", "init", "--route", "openrouter", "-m", "openrouter:a/b")
    assert "OPENROUTER_API_KEY" in said(findings(box), "warning", "endpoint openrouter")
    found = findings(box, env={"OPENROUTER_API_KEY": "planted-secret"})
    assert said(found, "warning", "endpoint openrouter") == ""
    assert "planted-secret" not in json.dumps(found)
    key = box.home / "key"
    key.write_text("planted-secret")
    key.chmod(0o644)
    config = box.wg_home / "config.toml"
    text = config.read_text().replace('api_key_env = "OPENROUTER_API_KEY"', 'api_key_env = ""')
    config.write_text(text.replace('api_key_file = ""', f'api_key_file = "{key}"'))
    assert "0644" in said(findings(box), "warning", "endpoint openrouter")


def test_a_damaged_store_is_found(box: Box) -> None:
    box.wg("profile", "use", "codex")
    box.wg("init")
    database = box.project / ".wg" / "db" / "graph.db"
    database.write_bytes(database.read_bytes()[:4096] + b"\xff" * 8192)
    found = findings(box)
    assert any(one["level"] == "problem" and "graph.db" in one["message"] for one in found)
    status = box.wg("status", code=1)
    assert "config.toml -> config.toml.codex" in status.out and "graph.db" in status.err


def test_the_mount_that_holds_a_path_is_the_longest_one() -> None:
    assert (
        files._holds("/", "/home/you") and files._holds("/home", "/home/you") and files._holds("/home/you", "/home/you")
    )
    assert not files._holds("/home/yo", "/home/you")
