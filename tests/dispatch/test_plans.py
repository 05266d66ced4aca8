"""From a route to what is executed: one value, wherever it is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.cli.nex import parser
from wg.cli.plain import parse
from wg.config.load import Config
from wg.config.starters import starter_text
from wg.dispatch.decision import task_route
from wg.dispatch.plans import NO_ATTEMPT, Place, obstacle, plan_launch, settings_for
from wg.graph.task import Task
from wg.locations import Project
from wg.nex.settings import Settings, of_config, of_options

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
    plan = plan_launch(route, task, PLACE, PROJECT, profile, settings_for(found, route.executor), "Do it.")
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
    real = plan_launch(route, TASK, PLACE, PROJECT, "codex", settings, "Do it.")
    shown = plan_launch(route, TASK, NO_ATTEMPT, PROJECT, "codex", settings, "Do it.")
    assert [word.replace(PLACE.directory, NO_ATTEMPT.directory) for word in real.argv] == list(shown.argv)
    assert shown.stdin == real.stdin


def test_codex_may_write_the_database_and_nothing_else_of_wg() -> None:
    found = config()
    plan = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "codex", settings_for(found, "codex"), "Do it.")
    assert 'sandbox_workspace_write.writable_roots=["/p/.wg/db"]' in plan.argv
    assert plan.argv[plan.argv.index("-s") + 1] == "workspace-write"


def test_settings_come_from_the_file() -> None:
    text = starter_text("claude")
    text = text.replace('permission_mode = "bypassPermissions"', 'permission_mode = "plan"')
    text = text.replace("assume_sandbox = false", "assume_sandbox = true")
    found = Config("/c", text.encode())
    plan = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "claude", settings_for(found, "claude"), "Do it.")
    assert plan.argv[plan.argv.index("--permission-mode") + 1] == "plan"
    assert plan.env["IS_SANDBOX"] == "1"


def test_a_shell_task_is_its_command_and_gets_no_prompt() -> None:
    task = TASK._replace(exec="make test")
    found = config()
    route = task_route(found, task)
    plan = plan_launch(route, task, Place("7", "/p", False), PROJECT, "codex", settings_for(found, route.executor), "")
    assert plan.argv == ("/bin/sh", "-c", "make test")
    assert (plan.stdin, plan.cwd, plan.env["WG_MODEL"]) == ("", "/p", "")


def test_what_stands_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = config()
    settings = settings_for(found, "codex")
    assert "codex is not on PATH" in obstacle(task_route(found, TASK), settings)
    (tmp_path / "codex").write_text("#!/bin/sh\n")
    (tmp_path / "codex").chmod(0o755)
    assert obstacle(task_route(found, TASK), settings) == ""
    assert obstacle(task_route(found, TASK._replace(exec="true")), settings_for(found, "shell")) == ""


NEX = """
[executors.nex]
exec_mode = "full"
deny_tools = ["bash", "wg_add"]
writable_paths = ["/srv/shared"]
max_turns = 7
max_tokens = 1000
max_cost_cents = 50
context_window = 8192
max_retries = 1
silence_timeout = "90s"
tool_timeout = "5m"
"""


OFFICE = (
    '\n[[llm_endpoints.endpoints]]\nname = "o"\nurl = "https://o/v1"\nprovider = "openai"\napi_key_env = "OFFICE_KEY"\n'
)


def test_the_keys_of_all_endpoints_are_named_to_be_hidden() -> None:
    """A tool of an agent at one endpoint must not find the key of another. Names are given, no values."""
    found = nex(NEX + OFFICE)
    plan = plan_launch(task_route(found, TASK), TASK, PLACE, PROJECT, "nex", settings_for(found, "nex"), "Do it.")
    assert [word for word in plan.argv if word.startswith("--hide")] == ["--hide=OFFICE_KEY", "--hide=K"]


def nex(more: str = NEX, endpoint: str = 'url = "http://127.0.0.1:8088/v1"\napi_key_env = "K"') -> Config:
    text = f'[agent]\nmodel = "nex:m"\n{more}\n[[llm_endpoints.endpoints]]\nname = "e"\n{endpoint}\n'
    return Config("/c", text.encode())


def test_the_command_line_of_nex_says_all_that_the_file_says() -> None:
    """And what `wg nex --agent` reads from it is the same again."""
    found = nex()
    settings = settings_for(found, "nex")
    place = PLACE._replace(journal="/p/.wg/attempts/7/journal.jsonl", resume="/p/.wg/attempts/6/journal.jsonl")
    plan = plan_launch(task_route(found, TASK), TASK, place, PROJECT, "nex", settings, "Do it.")
    arguments = parse(parser(), list(plan.argv[2:]))
    assert plan.argv[1] == "nex"
    assert of_options(arguments) == of_config(found)
    assert of_config(found) == Settings(
        "full", ("bash", "wg_add"), 7, 1000, 50, 8192, 1, 90.0, 300.0, ("/srv/shared",), ("K",)
    )
    assert (arguments.model, arguments.url, arguments.api_key_env) == ("m", "http://127.0.0.1:8088/v1", "K")
    assert (arguments.journal, arguments.resume) == (place.journal, place.resume)
    assert plan.env["WG_MODEL"] == "nex:m"


@pytest.mark.parametrize(("mode", "got"), [("full", "light"), ("light", "light"), ("bare", "bare")])
def test_a_read_only_task_gets_no_more_of_nex_than_reading(mode: str, got: str) -> None:
    found = nex(NEX.replace('"full"', f'"{mode}"'))
    task = TASK._replace(workplace="read-only")
    plan = plan_launch(task_route(found, task), task, PLACE, PROJECT, "nex", settings_for(found, "nex"), "Look.")
    assert plan.argv[plan.argv.index("--exec-mode") + 1] == got


def test_without_an_endpoint_nothing_is_started_on_nex() -> None:
    found = nex(endpoint='url = "http://x/v1"\nprovider = "ollama"')
    assert "no endpoint serves nex:m" in obstacle(task_route(found, TASK), settings_for(found, "nex"))
    assert obstacle(task_route(nex(), TASK), settings_for(nex(), "nex")) == ""
