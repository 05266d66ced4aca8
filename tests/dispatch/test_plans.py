"""From a route to what is executed: one value, wherever it is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness import WG
from wg.config.load import Config
from wg.config.starters import starter_text
from wg.dispatch.decision import task_route
from wg.dispatch.plans import NO_ATTEMPT, Place, obstacle, plan_launch, settings_for
from wg.errors import WgError
from wg.graph.task import Task
from wg.locations import Project

PROJECT = Project("/p", "/p/.wg")
PLACE = Place("7", "/p/.wg/worktrees/agent-7", True)
TASK = Task("t", "Title", "open", "Do this.", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)


def config(name: str = "codex", more: str = "") -> Config:
    return Config("/home/u/.wg/config.toml." + name, (starter_text(name) + more).encode())


@given(
    model=st.sampled_from(["", "claude:opus", "codex:gpt-5.5", "claude:" + "x" * 50]),
    tier=st.sampled_from(["", "fast", "standard", "premium"]),
    profile=st.sampled_from(["claude", "codex"]),
)
def test_route_environment_and_command_line_agree(model: str, tier: str, profile: str) -> None:
    found = config(profile)
    task = TASK._replace(model=model, tier=tier)
    route = task_route(found, task)
    plan = plan_launch(route, task, PLACE, PROJECT, profile, settings_for(found, route.executor))
    option = {"claude": "--model", "codex": "-m"}[route.executor]
    assert plan.argv[0] == route.executor == plan.env["WG_EXECUTOR"]
    assert plan.argv[plan.argv.index(option) + 1] == route.model
    assert plan.env["WG_MODEL"] == f"{route.provider}:{route.model}"
    assert plan.env["WG_CONFIG_SHA256"] == found.digest
    assert plan.env["WG_ACTIVE_PROFILE"] == profile
    assert (plan.env["WG_DIR"], plan.env["WG_ATTEMPT"]) == ("/p/.wg", "7")


def test_the_same_command_line_is_shown_without_an_attempt() -> None:
    found = config()
    route = task_route(found, TASK)
    settings = settings_for(found, "codex")
    real = plan_launch(route, TASK, PLACE, PROJECT, "codex", settings)
    shown = plan_launch(route, TASK, NO_ATTEMPT, PROJECT, "codex", settings)
    assert [word.replace(PLACE.directory, NO_ATTEMPT.directory) for word in real.argv] == list(shown.argv)
    assert shown.stdin == real.stdin


def test_codex_may_write_the_database_and_nothing_else_of_wg() -> None:
    found = config()
    plan = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "codex", settings_for(found, "codex"))
    assert 'sandbox_workspace_write.writable_roots=["/p/.wg/db"]' in plan.argv
    assert plan.argv[plan.argv.index("-s") + 1] == "workspace-write"


def test_settings_come_from_the_file() -> None:
    text = starter_text("claude")
    text = text.replace('permission_mode = "bypassPermissions"', 'permission_mode = "plan"')
    text = text.replace("assume_sandbox = false", "assume_sandbox = true")
    found = Config("/c", text.encode())
    plan = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "claude", settings_for(found, "claude"))
    assert plan.argv[plan.argv.index("--permission-mode") + 1] == "plan"
    assert plan.env["IS_SANDBOX"] == "1"


def test_a_shell_task_is_its_command_and_gets_no_prompt() -> None:
    task = TASK._replace(exec="make test")
    found = config()
    route = task_route(found, task)
    plan = plan_launch(route, task, Place("7", "/p", False), PROJECT, "codex", settings_for(found, route.executor))
    assert plan.argv == ("/bin/sh", "-c", "make test")
    assert (plan.stdin, plan.cwd, plan.env["WG_MODEL"]) == ("", "/p", "")


def test_the_prompt_names_task_and_program() -> None:
    found = config()
    prompt = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "codex", settings_for(found, "codex")).stdin
    assert prompt.startswith("Task t: Title\n\nDo this.\n")
    assert f"{WG} done t" in prompt
    assert "worktree" in prompt
    assert len(prompt) < 1500


def test_without_a_worktree_the_prompt_promises_no_merge() -> None:
    found = config()
    place = Place("7", "/p", False)
    prompt = plan_launch(task_route(found, TASK), TASK, place, PROJECT, "codex", settings_for(found, "codex")).stdin
    assert "merge" not in prompt


def test_what_stands_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = config()
    settings = settings_for(found, "codex")
    assert "codex is not on PATH" in obstacle(task_route(found, TASK), settings)
    (tmp_path / "codex").write_text("#!/bin/sh\n")
    (tmp_path / "codex").chmod(0o755)
    assert obstacle(task_route(found, TASK), settings) == ""
    assert obstacle(task_route(found, TASK._replace(exec="true")), settings_for(found, "shell")) == ""


def test_nex_is_not_there_yet() -> None:
    found = config("nex")
    route = task_route(found, TASK)
    assert "not there yet" in obstacle(route, settings_for(found, route.executor))
    with pytest.raises(WgError, match="not there yet"):
        plan_launch(route, TASK, PLACE, PROJECT, "nex", settings_for(found, route.executor))
