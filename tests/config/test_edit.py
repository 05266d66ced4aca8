"""Edits of a config's text: exactly the key changes; comments, layout and line ends survive."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.config.documents import Document, documents
from wg.config.edit import change, set_default_endpoint, set_model
from wg.config.load import Config
from wg.config.schema import KEYS
from wg.config.starters import starter_text
from wg.errors import ConfigError

TEXT = """# head

[agent]   # a comment on the section
# a comment on the key
model   =   'codex:m'   # why this one

  [dispatcher]
  max_agents = 8

[models.default]
model = "codex:d"

# at the end
"""
EDITS = {
    "set": ("agent.model", "claude:x", TEXT.replace("'codex:m'", '"claude:x"')),
    "set a number": ("dispatcher.max_agents", 3, TEXT.replace("= 8", "= 3")),
    "unset": ("dispatcher.max_agents", None, TEXT.replace("  max_agents = 8\n", "")),
    "unset what is not there": ("dispatcher.model", None, TEXT),
    "unset in a section that is not there": ("log.rotation_threshold", None, TEXT),
}


@pytest.mark.parametrize(("key", "value", "expected"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_key_changes(key: str, value: Any, expected: str, newline: str) -> None:
    text, wanted = (each.replace("\n", newline) for each in (TEXT, expected))
    assert change(text, {key: value}) == wanted


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (TEXT, "dispatcher.model"),
        (TEXT, "executors.codex.program"),
        (TEXT, "models.triage.model"),
        (TEXT, "description"),
        ("", "models.triage.model"),
        ("# nothing yet", "agent.model"),
        ("agent.model = 'codex:m'\n", "agent.model"),
        ("agent.model = 'codex:m'\n", "dispatcher.model"),
        ("[models]\ndefault.model = 'codex:m'\n", "models.default.model"),
        ("[models]\ndefault.model = 'codex:m'\n", "models.triage.model"),
        ("agent = { model = 'codex:m' }\n", "agent.model"),
        ("models = { default = { model = 'codex:m' } }\n", "models.default.model"),
        ("[[llm_endpoints.endpoints]]\nname = 'x'\n", "agent.model"),
        ("[models.default]\n[tiers]\n[models.triage]\n", "models.triage.model"),
        ("[agent]\r\nmodel = 'codex:m'\r\n", "dispatcher.model"),
    ],
)
def test_a_key_is_set_wherever_its_section_stands(text: str, key: str) -> None:
    edited = change(text, {key: "claude:new"})
    config = Config("/c", edited.encode())
    assert config.raw(key) == "claude:new"
    assert config.line(key) > 0
    assert _without_empty(_without(tomllib.loads(edited), key)) == _without_empty(_without(tomllib.loads(text), key))
    assert all(line in edited.splitlines() for line in text.splitlines() if line.startswith("#"))


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("agent = 3\n", "agent.model", "codex:m"),
        ("agent = 'x'\n", "agent.model", None),
        ("[[agent]]\nmodel = 'x'\n", "agent.model", "codex:m"),
        ("[[agent]]\nmodel = 'x'\n", "agent.model", None),
        ("[agent\n", "agent.model", "codex:m"),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, key: str, value: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        change(text, {key: value})
    assert "edit it by hand" in caught.value.hint


KEY_VALUES = st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=9), st.lists(st.text(max_size=3)))


@given(documents(), st.sampled_from([*KEYS, "top.a", "a.b", "a", "b.agent.x"]), KEY_VALUES)
def test_any_edit_changes_exactly_its_key_or_is_refused(document: Document, key: str, value: Any) -> None:
    before = _parsed(document.text)
    assume(before is not None)
    try:
        edited = change(document.text, {key: value})
    except ConfigError:
        return
    after = tomllib.loads(edited)
    *sections, name = key.split(".")
    table = after
    for section in sections:
        table = table.get(section, {})
    if value is None:
        assert name not in table
    else:
        assert table.pop(name) == value
    assert _without_empty(after) == _without_empty(_without(before, key))
    assert [line for line in document.text.splitlines() if line.startswith("# k")] == [
        line for line in edited.splitlines() if line.startswith("# k")
    ]


@pytest.mark.parametrize(
    "key", ["agent.model", "dispatcher.max_agents", "executors.codex.extra_args", "models.triage.model"]
)
def test_starters_can_be_edited_and_every_comment_stays(key: str) -> None:
    text = starter_text("codex")
    edited = change(text, {key: ["a"] if key.endswith("args") else 5 if key.endswith("agents") else "claude:x"})
    changed = set(edited.splitlines()) - set(text.splitlines())
    assert len(changed) == (2 if key.startswith("models.triage") else 1)
    assert [line for line in text.splitlines() if line[:1] == "#"] == [
        line for line in edited.splitlines() if line[:1] == "#"
    ]


def test_set_model_sets_what_works_on_tasks_together() -> None:
    values = tomllib.loads(set_model(starter_text("codex"), "claude:opus"))
    models = {role: section["model"] for role, section in values["models"].items()}
    assert (values["agent"]["model"], values["dispatcher"]["model"]) == ("claude:opus", "claude:opus")
    assert (models["default"], models["task_agent"], models["evaluator"]) == (
        "claude:opus",
        "claude:opus",
        "codex:gpt-5.4-mini",
    )
    moved = tomllib.loads(set_model(starter_text("codex"), "claude:opus", ("evaluator",)))
    assert moved["models"]["evaluator"]["model"] == "claude:opus"


# the default endpoint

BLOCKS = """[agent]
model = "nex:m" # one
[[llm_endpoints.endpoints]]
name = "a"
url = "http://a" # first
[[llm_endpoints.endpoints]]
name = "b"
url = "http://b" # second
"""


def test_the_default_endpoint_is_changed_else_the_first() -> None:
    assert set_default_endpoint(BLOCKS, "nex", "http://new") == BLOCKS.replace("http://a", "http://new")
    with_default = BLOCKS + "is_default = true\n"
    assert set_default_endpoint(with_default, "nex", "http://new") == with_default.replace("http://b", "http://new")


def test_an_endpoint_of_another_provider_is_left_alone() -> None:
    text = BLOCKS + 'provider = "openai"\nis_default = true\n'
    assert set_default_endpoint(text, "nex", "http://new") == text.replace("http://a", "http://new")
    edited = set_default_endpoint(text.replace('"a"', '"default"'), "ollama", "http://new")
    assert edited.startswith(text.replace('"a"', '"default"'))
    assert tomllib.loads(edited)["llm_endpoints"]["endpoints"][-1] == {
        "name": "default-2",
        "provider": "ollama",
        "url": "http://new",
        "is_default": True,
    }


@pytest.mark.parametrize("text", ["", "[agent]\nmodel = 'nex:m'", "[agent]\nmodel = 'nex:m'\n# end\n"])
def test_a_default_endpoint_is_added_at_the_end(text: str) -> None:
    edited = set_default_endpoint(text, "openai", "http://new")
    assert edited.startswith(text)
    assert tomllib.loads(edited)["llm_endpoints"]["endpoints"] == [
        {"name": "default", "provider": "openai", "url": "http://new", "is_default": True}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "llm_endpoints = 3\n",
        "[llm_endpoints]\nendpoints = 3\n",
        "[llm_endpoints]\nendpoints = [3]\n",
        "[llm_endpoints]\nendpoints = []\n",
        "[llm_endpoints.endpoints]\nurl = 'x'\n",
        "[broken",
    ],
)
def test_endpoints_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        set_default_endpoint(text, "nex", "http://new")


def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _without(values: dict[str, Any], key: str) -> dict[str, Any]:
    *sections, name = key.split(".")
    table: Any = values
    for section in sections:
        table = table.get(section, {}) if isinstance(table, dict) else {}
    if isinstance(table, dict):
        table.pop(name, None)
    return values


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Without tables that hold nothing: setting and unsetting a key may leave its section."""
    less = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in less.items() if value != {}}
