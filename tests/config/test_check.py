"""What is wrong with a config: every invalid and every warning case of SPEC-profiles.md, section 6, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from wg.config.load import Config, Problem, load, load_valid
from wg.config.schema import KEYS
from wg.config.starters import starter_text
from wg.errors import ConfigError

AGENT = '[agent]\nmodel = "codex:m"\n'
BLOCK = '[[llm_endpoints.endpoints]]\nname = "local"\nurl = "http://127.0.0.1:1/v1"\n'


def problems(text: str | bytes) -> list[Problem]:
    return Config("/c.toml", text if isinstance(text, bytes) else text.encode()).problems


def of(text: str | bytes, severity: str) -> list[tuple[int, str]]:
    return [(each.line, each.message) for each in problems(text) if each.severity == severity]


# text, line of the error, what its message says
INVALID = {
    "nothing": ("", 1, "[agent].model is missing"),
    "only a comment": ("# agent\n", 1, "[agent].model is missing"),
    "no model": ("\n[agent]\n", 2, "[agent].model is missing"),
    "model elsewhere": ('[models.default]\nmodel = "codex:m"\n', 1, "[agent].model is missing"),
    "quoted, so another key": ('"agent.model" = "codex:m"\n', 1, "[agent].model is missing"),
    "broken": ("[agent]\nmodel = \n", 2, "not valid TOML: Invalid value"),
    "unfinished": ('[agent]\nmodel = "codex:m"\nx', 3, "not valid TOML: "),
    "open string": ('[agent]\nmodel = "codex\n', 2, "not valid TOML: Illegal character"),
    "twice": (AGENT + 'model = "codex:n"\n', 3, "not valid TOML: Cannot overwrite"),
    "byte order mark": ("\ufeff" + AGENT, 1, "not valid TOML: "),
    "not text": (AGENT.encode() + b'a = "\xff"\n', 3, "this is not UTF-8 text"),
    "a number without end": (AGENT + "a = " + "1" * 5000, 0, "not valid TOML: "),
    "nested without end": ("a = " + "[" * 9000, 0, "not valid TOML: nested too deeply"),
    "model is a number": ("[agent]\n\nmodel = 5\n", 3, "agent.model must be a string, not the integer 5"),
    "model is a table": ('[agent.model]\nname = "x"\n', 1, "agent.model must be a string, not a table"),
    "model is a table deeper": ("[agent.model.x]\ny = 1\n", 1, "agent.model must be a string, not a table"),
    "agent is a string": ('agent = "codex:m"\n', 1, "[agent] must be a table, not the string 'codex:m'"),
    "agent is an array": ('[[agent]]\nmodel = "codex:m"\n', 1, "[agent] must be a table, not a list"),
    "no provider": ('[agent]\nmodel = "opus"\n', 2, "'opus' is not provider:model, as in claude:opus"),
    "no name": ('[agent]\nmodel = "codex:"\n', 2, "'codex:' is not provider:model"),
    "a space": ('[agent]\nmodel = "codex: m"\n', 2, "is not provider:model"),
    "a control character": ('[agent]\nmodel = "codex:a\\u0000"\n', 2, "is not provider:model"),
    "unknown provider": ('[agent]\nmodel = "cluade:opus"\n', 2, "unknown provider 'cluade' in 'cluade:opus'; did you "),
    "far from any": ('[agent]\nmodel = "zzz:opus"\n', 2, "unknown provider 'zzz' in 'zzz:opus'; known: claude, codex"),
    "role without provider": (AGENT + '[models.triage]\nmodel = "m"\n', 4, "models.triage.model: 'm' is not provider:"),
    "text for a number": (AGENT + '[dispatcher]\nmax_agents = "8"\n', 4, "must be an integer, not the string '8'"),
    "boolean for a number": (
        AGENT + "[dispatcher]\nmax_agents = true\n",
        4,
        "must be an integer, not the boolean true",
    ),
    "float for a number": (AGENT + "[dispatcher]\nmax_agents = 8.0\n", 4, "must be an integer, not the number 8.0"),
    "too small": (AGENT + "[dispatcher]\nmax_agents = 0\n", 4, "must be at least 1, not 0"),
    "number for a boolean": (AGENT + "[executors.codex]\nnetwork_access = 1\n", 4, "must be true or false, not the"),
    "no list": (AGENT + '[executors.codex]\nextra_args = "-v"\n', 4, "must be a list of strings, not the string"),
    "list of numbers": (AGENT + "[executors.codex]\nextra_args = [1]\n", 4, "must be a list of strings"),
    "no choice": (AGENT + '[executors.codex]\nsandbox = "off"\n', 4, "must be one of read-only, workspace-write"),
    "no duration": (AGENT + '[dispatcher]\nagent_timeout = "half"\n', 4, "'half' is not a time span"),
    "endless duration": (AGENT + f'[dispatcher]\nagent_timeout = "{"9" * 400}h"\n', 4, "is not a time span"),
    "null byte": (AGENT + '[executors.codex]\nprogram = "a\\u0000b"\n', 4, "executors.codex.program holds a null byte"),
    "null byte in a list": (AGENT + '[executors.codex]\nextra_args = ["\\u0000"]\n', 4, "holds a null byte"),
    "no such tier": (AGENT + '[models.triage]\ntier = "best"\n', 4, "must be one of fast, standard, premium"),
    "tier of nothing": (
        AGENT + '[models.triage]\ntier = "fast"\n',
        4,
        "models.triage.tier asks for fast, and there is no",
    ),
    "endpoint of nothing": (AGENT + '[models.triage]\nendpoint = "x"\n', 4, "names 'x', which no [[llm_endpoints"),
    "endpoints are a number": (AGENT + "[llm_endpoints]\nendpoints = 3\n", 4, "must be blocks that begin with [["),
    "endpoints are a table": (AGENT + "[llm_endpoints.endpoints]\nx = 3\n", 3, "must be blocks that begin with [["),
    "endpoints of numbers": (AGENT + "[llm_endpoints]\nendpoints = [3]\n", 4, "must be blocks that begin with [["),
    "llm_endpoints is a number": ("llm_endpoints = 3\n" + AGENT, 1, "[llm_endpoints] must be a table, not the integer"),
    "endpoint without url": (AGENT + '[[llm_endpoints.endpoints]]\nname = "x"\n', 3, "block has no url"),
    "endpoint without name": (AGENT + '[[llm_endpoints.endpoints]]\nurl = "x"\n', 3, "block has no name"),
    "endpoint's url": (
        AGENT + '[[llm_endpoints.endpoints]]\nname = "x"\nurl = 3\n',
        5,
        "url must be a string, not the",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), INVALID.values(), ids=INVALID)
def test_invalid(text: str | bytes, line: int, message: str) -> None:
    errors = of(text, "error")
    assert [found for found, said in errors if message in said] == [line]
    others = [said for _, said in errors if message not in said]
    assert others in ([], ['[agent].model is missing; write one, as in: model = "claude:opus"'])


WARNINGS = {
    "unknown key": (AGENT + 'modle = "codex:m"\n', 3, "unknown key agent.modle: nothing reads it; did you mean"),
    "unknown key far": (AGENT + "zzz = 1\n", 3, "unknown key agent.zzz: nothing reads it"),
    "unknown at the top": ("zzz = 1\n" + AGENT, 1, "unknown key zzz: nothing reads it"),
    "unknown section": (AGENT + "[dispacher]\n", 3, "unknown section [dispacher]: nothing reads it; did you mean"),
    "unknown nested": (AGENT + "\n[zzz.yyy]\n", 4, "unknown section [zzz]: nothing reads it"),
    "unknown role": (AGENT + '[models.evaluater]\nmodel = "codex:m"\n', 3, "unknown section [models.evaluater]"),
    "unknown array": (AGENT + "[[zzz]]\na = 1\n", 3, "unknown key zzz: nothing reads it"),
    "quoted": (AGENT + '[dispatcher]\n"max.agents" = 3\n', 4, 'unknown key dispatcher."max.agents": nothing reads it'),
    "quoted like a known one": ('"agent.model" = 3\n' + AGENT, 1, 'unknown key "agent.model": nothing reads it'),
    "hidden": (
        AGENT + '[models.default]\nmodel = "codex:n"\n',
        2,
        "agent.model is not used: hidden by [models.default], li",
    ),
    "hidden tier": (
        AGENT + '[models.triage]\ntier = "fast"\nmodel = "codex:n"\n[tiers]\nfast = "codex:f"\n',
        4,
        "models.triage.tier is not used: hidden by [models.triage], line 5",
    ),
    "mixed": (AGENT + '[models.triage]\nmodel = "claude:m"\n', 0, "roles are on different providers (codex: default, "),
    "no endpoint": ('[agent]\nmodel = "nex:m"\n', 0, "no [[llm_endpoints.endpoints]] block serves the provider nex"),
    "light": ('[agent]\nmodel = "nex:m"\n[executors.nex]\nexec_mode = "light"\n', 4, "leaves nex no tool that changes"),
    "denied": (
        '[agent]\nmodel = "nex:m"\n[executors.nex]\ndeny_tools = ["bash", "glob", "write_file", "edit_file"]\n',
        4,
        "executors.nex.deny_tools leaves nex no tool that changes files",
    ),
    "other endpoint": ('[agent]\nmodel = "openai:m"\n' + BLOCK, 0, "block serves the provider openai"),
    "absent": (AGENT, 0, "absent, so the documented default holds: dispatcher.max_agents = 8, dispatcher.poll"),
    "api key": (AGENT + BLOCK + 'api_key = "x"\n', 6, "nothing reads it; name the variable in api_key_env or the file"),
    "endpoint's key": (AGENT + BLOCK + 'api_key_enf = "x"\n', 6, "nothing reads it; did you mean api_key_env?"),
    "endpoint's provider": (AGENT + BLOCK + 'provider = "anthropic"\n', 6, "provider must be one of nex, openrouter"),
}


@pytest.mark.parametrize(("text", "line", "message"), WARNINGS.values(), ids=WARNINGS)
def test_warnings(text: str, line: int, message: str) -> None:
    assert of(text, "error") == []
    assert [found for found, said in of(text, "warning") if message in said] == [line]


@pytest.mark.parametrize(
    "text",
    [
        AGENT + '[executors.nex]\nexec_mode = "light"\n',
        '[agent]\nmodel = "nex:m"\n[executors.nex]\ndeny_tools = ["bash"]\n',
    ],
)
def test_no_warning_where_tasks_run_on_another_or_can_be_done(text: str) -> None:
    assert all("leaves nex no tool" not in said for _, said in of(text, "warning"))


def test_all_problems_are_said_at_once_in_order() -> None:
    text = 'zzz = 1\n[agent]\nmodel = "opus"\n[dispatcher]\nmax_agents = "8"\n[models.triage]\ntier = "fast"\n'
    assert [(each.severity, each.line) for each in problems(text)] == [
        ("warning", 1),
        ("error", 3),
        ("error", 5),
        ("error", 7),
    ]


def test_a_hidden_key_that_says_the_same_is_only_a_note() -> None:
    text = AGENT + '[models.default]\nmodel = "codex:m"\n'
    assert of(text, "note") == [(2, "agent.model is not used: hidden by [models.default], line 4")]
    assert all("not used" not in said for _, said in of(text, "warning"))


def test_crlf_keeps_its_lines() -> None:
    assert of("# c\r\n[agent]\r\nmodel = 5\r\n", "error")[0][0] == 3


def test_load_valid_names_every_error_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "real"
    path.write_text('[agent]\nmodel = "opus"\n[dispatcher]\nmax_agents = 0\n')
    link = tmp_path / "config.toml"
    link.symlink_to("real")
    assert load(str(link)).path == str(path)
    with pytest.raises(ConfigError) as caught:
        load_valid(str(link))
    assert caught.value.exit_code == 5
    assert f"{path}:2: agent.model: 'opus'" in caught.value.message
    assert f"{path}:4: dispatcher.max_agents must be" in caught.value.message


def test_values_and_their_documented_defaults() -> None:
    config = Config("/c", (AGENT + "[dispatcher]\nmax_agents = 2\n[executors.codex]\nnetwork_access = true\n").encode())
    assert (config.text_of("agent.model"), config.number("dispatcher.max_agents")) == ("codex:m", 2)
    assert (config.flag("executors.codex.network_access"), config.flag("executors.claude.assume_sandbox")) == (
        True,
        False,
    )
    assert (config.texts("executors.codex.extra_args"), config.seconds("dispatcher.agent_timeout")) == ((), 1800.0)
    assert (config.text_of("dispatcher.model"), config.line("dispatcher.max_agents")) == ("", 4)
    assert config.number("dispatcher.poll_interval") == KEYS["dispatcher.poll_interval"].default


def test_digest_is_that_of_the_bytes() -> None:
    import hashlib

    text = starter_text("codex")
    assert Config("/c", text.encode()).digest == hashlib.sha256(text.encode()).hexdigest()
