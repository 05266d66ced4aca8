"""`wg config`: SPEC-profiles.md, section 8, in both modes."""

from __future__ import annotations

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, tree
from tests.harness import Box


@pytest.fixture
def codex(profiles: ProfileBox) -> ProfileBox:
    profiles.prepare("codex")
    return profiles


# init


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--route", "codex-cli"], "codex"),
        (["--route", "claude-cli"], "claude"),
        (["--route", "nex"], "nex"),
        (["--route", "local"], "nex"),
        (["-x", "codex"], "codex"),
        (["-x", "claude"], "claude"),
        (["--route", "codex-cli", "--global"], "codex"),
    ],
    ids=" ".join,
)
def test_init_is_what_use_gives(profiles: ProfileBox, options: list[str], name: str) -> None:
    initialised = profiles.wg("config", "init", *options)
    profiles.assert_active(name)
    by_init = tree(profiles.home)
    profiles.box.run("rm", "-r", str(profiles.home))
    used = profiles.wg("profile", "use", name)
    assert tree(profiles.home) == by_init
    assert (
        initialised.out
        == used.out
        == f"Active profile: {name} (was: nothing)\n{profiles.config} -> config.toml.{name}\n"
    )
    assert profiles.config.read_text() == STARTER[name]


def test_init_of_custom_routes(profiles: ProfileBox) -> None:
    profiles.wg("config", "init", "--route", "nex-custom", "-m", "nex:mine", "-e", "http://127.0.0.1:9/v1")
    profiles.assert_active("nex-custom")
    roles = profiles.wg("status", "--json").json["roles"]
    assert {(role["model"], role["endpoint"]) for role in roles} == {("nex:mine", "http://127.0.0.1:9/v1")}
    assert profiles.wg("config", "lint").out.count("warning") == 0
    profiles.wg("config", "init", "--route", "openrouter", "-m", "openrouter:a/b")
    profiles.assert_active("openrouter")
    roles = profiles.wg("status", "--json").json["roles"]
    assert {(role["model"], role["endpoint"]) for role in roles} == {("openrouter:a/b", "https://openrouter.ai/api/v1")}
    assert 'api_key_env = "OPENROUTER_API_KEY"' in profiles.config.read_text()


INIT_ERRORS = {
    "no route": ([], "which route?"),
    "unknown": (["--route", "codex"], "there is no route 'codex'"),
    "a starter with a model": (["--route", "codex-cli", "-m", "codex:x"], "takes no -m"),
    "custom without url": (["--route", "nex-custom", "-m", "nex:x"], "needs -m and -e"),
    "custom without model": (["--route", "nex-custom", "-e", "http://x"], "needs -m and -e"),
    "custom with a bad url": (["--route", "nex-custom", "-m", "nex:x", "-e", "x"], "is no endpoint's address"),
    "custom of another provider": (
        ["--route", "nex-custom", "-m", "codex:x", "-e", "http://x"],
        "needs a model of nex",
    ),
    "openrouter without model": (["--route", "openrouter"], "needs -m"),
    "both scopes": (["--route", "nex", "--global", "--project"], "not allowed with"),
    "an old spelling that never was": (["-x", "nex"], "invalid choice"),
}


@pytest.mark.parametrize(("options", "message"), INIT_ERRORS.values(), ids=INIT_ERRORS)
def test_init_refuses(box: Box, options: list[str], message: str) -> None:
    assert message in box.wg("config", "init", *options, code=2).err
    assert not box.wg_home.exists()


def test_init_keeps_what_is_there_and_force_keeps_it_aside(profiles: ProfileBox) -> None:
    profiles.home.mkdir()
    profiles.snapshot("codex").write_text(small("codex:mine"))
    kept = profiles.wg("config", "init", "--route", "codex-cli")
    assert "config.toml.codex was there and stays as it is" in kept.err
    assert profiles.config.read_text() == small("codex:mine")
    forced = profiles.wg("config", "init", "--route", "codex-cli", "--force")
    assert "what config.toml.codex held is kept in config.toml.codex-2" in forced.err
    profiles.assert_active("codex")
    assert profiles.config.read_text() == STARTER["codex"]
    assert profiles.snapshot("codex-2").read_text() == small("codex:mine")


def test_init_of_a_project(codex: ProfileBox) -> None:
    own = codex.project_made()
    codex.wg("config", "init", "--route", "claude-cli", "--project")
    assert (own / "config.toml.claude").read_text() == STARTER["claude"]
    assert codex.wg("config", "path").out == f"{own}/config.toml.claude\n"
    codex.assert_active("codex")
    codex.wg("config", "init", "--route", "nex")
    codex.assert_active("nex")
    assert codex.wg("status", "--json").json["profile"] == "nex"  # the pin is lifted


# -m and -e


def test_m_sets_what_works_on_tasks_and_names_the_others(codex: ProfileBox) -> None:
    wrote = codex.wg("config", "-m", "claude:opus")
    assert "on another provider still: evaluator, flip_inference, flip_comparison, assigner; --all-roles" in wrote.err
    roles = {role["role"]: role["model"] for role in codex.wg("status", "--json").json["roles"]}
    assert (roles["task_agent"], roles["triage"], roles["default"]) == ("claude:opus",) * 3
    assert roles["evaluator"] == "codex:gpt-5.4-mini"
    assert codex.wg("config", "-m", "claude:opus", "--all-roles").err == ""
    roles = {role["role"]: role["model"] for role in codex.wg("status", "--json").json["roles"]}
    assert set(roles.values()) == {"claude:opus"}
    codex.assert_active("codex")


def test_m_as_json(codex: ProfileBox) -> None:
    wrote = codex.wg("config", "-m", "claude:opus", "--json").json
    assert wrote["config"] == str(codex.snapshot("codex"))
    assert wrote["elsewhere"] == ["evaluator", "flip_inference", "flip_comparison", "assigner"]


def test_e_sets_the_default_endpoint_of_the_tasks_provider_and_no_other(profiles: ProfileBox) -> None:
    """Another provider's may have a key."""
    profiles.wg("profile", "use", "nex")
    office = ("office", "https://api.example.com/v1", "--provider", "openai", "--api-key-env", "OFFICE_KEY")
    profiles.wg("endpoints", "add", *office, "--default")
    profiles.wg("endpoints", "add", "second", "http://127.0.0.1:7/v1", "--default")
    wrote = profiles.wg("config", "-e", "http://127.0.0.1:9/v1")
    assert wrote.err.count("goes to") == 0
    urls = {each["name"]: each["url"] for each in profiles.wg("endpoints", "list", "--json").json["endpoints"]}
    assert (urls["office"], urls["second"]) == (office[1], "http://127.0.0.1:9/v1")
    profiles.wg("config", "-m", "openai:m")
    wrote = profiles.wg("config", "-e", "http://127.0.0.1:10/v1")
    assert "the key that the endpoint office names goes to http://127.0.0.1:10/v1" in wrote.err
    urls = {each["name"]: each["url"] for each in profiles.wg("endpoints", "list", "--json").json["endpoints"]}
    assert (urls["office"], urls["second"]) == ("http://127.0.0.1:10/v1", "http://127.0.0.1:9/v1")


def test_e_sets_the_default_endpoint(profiles: ProfileBox) -> None:
    profiles.wg("profile", "use", "nex")
    wrote = profiles.wg("config", "-e", "http://127.0.0.1:9/v1")
    assert wrote.out == f"Wrote {profiles.snapshot('nex')}: endpoint http://127.0.0.1:9/v1\n"
    assert profiles.config.read_text() == STARTER["nex"].replace("8088", "9")
    profiles.assert_active("nex")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "needs a command, -m or -e"),
        (["-m", "opus"], 2, "'opus' is not provider:model"),
        (["-m", "cluade:opus"], 2, "did you mean claude:opus?"),
        (["-e", "localhost:1"], 2, "is no endpoint's address"),
        (["set", "agent.modle", "x"], 3, "did you mean agent.model?"),
        (["set", "agent.model", "opus"], 2, "'opus' is not provider:model"),
        (["set", "dispatcher.max_agents", "many"], 2, "must be an integer"),
        (["set", "dispatcher.max_agents", "0"], 2, "at least 1"),
        (["set", "dispatcher.agent_timeout", "soon"], 2, "is not a time span"),
        (["set", "executors.codex.network_access", "yes"], 2, "true or false"),
        (["set", "executors.codex.extra_args", "[1]"], 2, "list of strings"),
        (["set", "executors.codex.extra_args", "[1"], 2, "is no list"),
        (["set", "models.triage.tier", "best"], 2, "one of fast, standard, premium"),
        (["set", "models.triage.endpoint", "nowhere"], 5, "names 'nowhere', which no"),
        (["unset", "agent.model"], 5, "[agent].model is missing"),
        (["unset", "agent.modle"], 3, "did you mean agent.model?"),
        (["get", "agent.modle"], 3, "did you mean agent.model?"),
        (["get", "models.triage.model"], 3, "does not have the key models.triage.model"),
        (["set", "agent.model"], 2, "required"),
    ],
)
def test_what_is_refused_changes_nothing(codex: ProfileBox, options: list[str], code: int, message: str) -> None:
    before = tree(codex.home)
    refused = codex.wg("config", *options, code=code).err
    assert (message in refused and "hint: " in refused) or "get" in options
    assert tree(codex.home) == before


# set, get, unset


@pytest.mark.parametrize(
    ("key", "text", "line", "shown"),
    [
        ("agent.model", "codex:x", 'model = "codex:x"', "codex:x"),
        ("dispatcher.max_agents", "12", "max_agents = 12", "12"),
        ("executors.codex.network_access", "true", "network_access = true", "true"),
        ("executors.codex.extra_args", "-a b", 'extra_args = ["-a", "b"]', '["-a", "b"]'),
        ("executors.codex.extra_args", '["a b"]', 'extra_args = ["a b"]', '["a b"]'),
        ("models.triage.tier", "fast", 'tier = "fast"', "fast"),
        ("description", 'My "own"', 'description = "My \\"own\\""', 'My "own"'),
    ],
)
def test_set_and_get_and_unset(codex: ProfileBox, key: str, text: str, line: str, shown: str) -> None:
    assert codex.wg("config", "set", key, text).out == f"Wrote {codex.snapshot('codex')}\n"
    codex.assert_active("codex")
    assert line in codex.config.read_text().splitlines()
    assert codex.wg("config", "get", key).out == f"{shown}\n"
    comments = [each for each in STARTER["codex"].splitlines() if each.startswith("#")]
    assert [each for each in codex.config.read_text().splitlines() if each.startswith("#")] == comments
    if key != "agent.model":
        codex.wg("config", "unset", key)
        assert line not in codex.config.read_text().splitlines()


def test_get_says_where_a_value_comes_from(codex: ProfileBox) -> None:
    codex.wg("config", "unset", "dispatcher.max_agents")
    got = codex.wg("config", "get", "dispatcher.max_agents")
    assert got.out == "8\n" and "the documented default" in got.err
    line = codex.config.read_text().split("\n").index('model = "codex:gpt-5.5"') + 1
    assert codex.wg("config", "get", "agent.model", "--json").json == {
        "key": "agent.model",
        "value": "codex:gpt-5.5",
        "line": line,
        "config": str(codex.config if codex.copies else codex.snapshot("codex")),
    }


def test_set_names_the_key_that_wins(codex: ProfileBox) -> None:
    said = codex.wg("config", "set", "agent.model", "codex:x").err
    assert "agent.model is not used: hidden by [models.task_agent], line " in said
    assert codex.wg("config", "set", "models.task_agent.model", "codex:x").err == ""


def test_set_in_every_profile(codex: ProfileBox) -> None:
    own = codex.project_made() / "config.toml.mine"
    own.write_text(small("codex:m"))
    wrote = codex.wg("config", "set", "dispatcher.max_agents", "2", "--all-profiles", "--json").json
    paths = [own, *(codex.snapshot(name) for name in ("claude", "codex", "nex"))]
    assert sorted(wrote["files"]) == sorted(map(str, paths))
    assert all("max_agents = 2" in path.read_text() for path in paths)
    codex.assert_active("codex")


def test_in_every_profile_or_in_none(codex: ProfileBox) -> None:
    codex.snapshot("broken").write_text("[agent]\n")
    before = tree(codex.home)
    refused = codex.wg("config", "set", "dispatcher.max_agents", "2", "--all-profiles", code=5).err
    assert f"{codex.snapshot('broken')}:1: [agent].model is missing" in refused
    assert tree(codex.home) == before


def test_a_file_of_comments_alone_can_be_edited(profiles: ProfileBox) -> None:
    profiles.home.mkdir()
    profiles.config.write_text("# mine\n")
    profiles.wg("config", "-m", "codex:m")
    assert profiles.config.read_text().startswith("# mine\n")
    assert "codex:m" in profiles.wg("status").out


def test_an_edit_may_mend_a_wrong_value_and_only_that(codex: ProfileBox) -> None:
    codex.snapshot("codex").write_text('[agent]\nmodel = "opus"\n')
    codex.wg("config", "set", "dispatcher.max_agents", "2", code=5)
    codex.wg("config", "set", "agent.model", "codex:m")
    assert "codex:m" in codex.snapshot("codex").read_text()


# show, which, lint, path


def test_show_which_path_and_lint(codex: ProfileBox) -> None:
    in_force = str(codex.config if codex.copies else codex.snapshot("codex"))
    assert codex.wg("config", "show").out == STARTER["codex"]
    assert codex.wg("config", "show", "--json").json["values"]["agent"] == {"model": "codex:gpt-5.5"}
    assert codex.wg("config", "path").out == f"{in_force}\n"
    which = codex.wg("config", "which", "--json").json
    assert (which["config"], which["active"], which["why"], which["hides"]) == (
        *(in_force, "codex", "it is the global config"),
        [],
    )
    lint = codex.wg("config", "lint").out
    assert lint.startswith("note: ") and "error" not in lint and "warning" not in lint
    codex.snapshot("codex").write_text(small("codex:m") + "zzz = 1\n")
    assert [problem["severity"] for problem in codex.wg("config", "lint", "--json").json] == ["warning", "warning"]


def test_an_invalid_file_is_shown_and_ends_with_5(codex: ProfileBox) -> None:
    text = "[agent]\nmodel = 5\n"
    codex.snapshot("codex").write_text(text)
    assert codex.wg("config", "show", code=5).out == text
    for command in (["status"], ["profile", "show"], ["config", "show"], ["explain", "--role", "triage"]):
        said = codex.wg(*command, code=5)
        assert ":2: agent.model must be a string, not the integer 5" in said.err
    assert ":2: agent.model must be" in codex.wg("config", "lint", code=5).out
    assert "agent.model must be" in codex.wg("config", "get", "agent.model", code=5).err


def test_explain_a_role(codex: ProfileBox) -> None:
    explained = codex.wg("explain", "--role", "evaluator").out
    assert "Role evaluator: codex codex:gpt-5.4-mini" in explained
    decides = [line for line in explained.splitlines() if "<- decides" in line]
    assert len(decides) == 1 and "models.evaluator.model" in decides[0]
    assert "the roles are" in codex.wg("explain", "--role", "boss", code=2).err
    assert codex.wg("explain", code=2).err
