"""The starters: exactly the specification's routing values, every key with its comment, nothing to complain of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import wg
from wg.config import resolver
from wg.config.load import Config
from wg.config.schema import ENDPOINT_KEYS, ENDPOINTS, KEYS, PROVIDERS
from wg.config.starters import STARTERS, one_model, starter_text

CODEX = """
[agent]
model = "codex:gpt-5.5"

[dispatcher]
model = "codex:gpt-5.5"
max_agents = 8

[models.default]
model = "codex:gpt-5.5"
[models.task_agent]
model = "codex:gpt-5.5"
[models.evaluator]
model = "codex:gpt-5.4-mini"
[models.flip_inference]
model = "codex:gpt-5.4-mini"
[models.flip_comparison]
model = "codex:gpt-5.4-mini"
[models.assigner]
model = "codex:gpt-5.4-mini"

[tiers]
fast = "codex:gpt-5.4-mini"
standard = "codex:gpt-5.4"
premium = "codex:gpt-5.5"
"""
NAMES = {
    "codex": {},
    "claude": {"codex:gpt-5.5": "claude:opus", "codex:gpt-5.4-mini": "claude:haiku", "codex:gpt-5.4": "claude:sonnet"},
    "nex": dict.fromkeys(("codex:gpt-5.5", "codex:gpt-5.4-mini", "codex:gpt-5.4"), "nex:qwen3-coder-30b"),
}


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_routing_values_are_exactly_those_of_the_specification(name: str) -> None:
    wanted = {key: NAMES[name].get(value, value) for key, value in flat(tomllib.loads(CODEX)).items()}
    values = flat(tomllib.loads(starter_text(name)))
    routing = {key for key in values if key not in KEYS or KEYS[key].routing}
    assert {key: values[key] for key in (routing | set(wanted)) - {ENDPOINTS}} == wanted


def test_only_nex_has_an_endpoint() -> None:
    assert "llm_endpoints" not in tomllib.loads(starter_text("codex")) | tomllib.loads(starter_text("claude"))
    (block,) = tomllib.loads(starter_text("nex"))["llm_endpoints"]["endpoints"]
    assert (block["name"], block["url"]) == ("default", "http://127.0.0.1:8088/v1")
    route = resolver.resolve(Config("/c", starter_text("nex").encode()), "task_agent")
    assert route.endpoint is not None and route.endpoint.url == block["url"]


def test_whatever_is_no_routing_is_equal_in_all() -> None:
    rest = []
    for name in STARTERS:
        values = flat(tomllib.loads(starter_text(name)))
        rest.append({k: v for k, v in values.items() if k in KEYS and not KEYS[k].routing and k != "description"})
    assert rest[0] == rest[1] == rest[2]
    assert len(rest[0]) > 10


ALL = [starter_text(name) for name in STARTERS] + [
    one_model("d", "openrouter:x/y", {"name": "openrouter", "url": "https://x", "provider": "openrouter"})
]


@pytest.mark.parametrize("text", ALL, ids=[*STARTERS, "one model"])
def test_nothing_is_to_be_said_of_a_starter(text: str) -> None:
    assert [each for each in Config("/c", text.encode()).problems if each.severity != "note"] == []


@pytest.mark.parametrize("text", ALL, ids=[*STARTERS, "one model"])
def test_every_key_with_a_default_is_there_and_each_key_has_its_comment(text: str) -> None:
    values = flat(tomllib.loads(text))
    assert {name: key.default for name, key in KEYS.items() if key.default is not None}.items() <= values.items()
    lines = text.splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert len(keys) >= len(values) - 1
    for number in keys:
        assert lines[number - 1].startswith("# ")
        assert number < 2 or not lines[number - 2].startswith("#") or lines[number - 2].startswith("# wg")
    for number, line in enumerate(lines):
        if line.startswith("["):
            assert lines[number - 1].startswith("# ")


@pytest.mark.parametrize("name", STARTERS)
def test_comments_name_no_other_provider_and_look_like_no_key(name: str) -> None:
    comments = [line for line in starter_text(name).splitlines() if line.startswith("#")]
    for other in PROVIDERS:
        assert other == name or not any(other in comment.lower() for comment in comments), other
    assert not any("model = " in comment for comment in comments)
    models = [line for line in starter_text(name).splitlines() if "model = " in line]
    assert models and all(f'"{name}:' in line for line in models)


def test_roles_that_the_specification_does_not_list_have_no_model() -> None:
    assert "triage" not in tomllib.loads(starter_text("codex"))["models"]


# no key that nothing reads


def source() -> str:
    """Everything in src/wg but the declaration and what is made of it."""
    root = Path(wg.__file__).parent
    passed_over = ("schema.py", "starters.py", "check.py", "completion.py", "edit.py")
    files = [path for path in sorted(root.rglob("*.py")) if path.name not in passed_over]
    return "\n".join(path.read_text() for path in files)


@pytest.mark.parametrize("key", [*KEYS])
def test_every_key_is_read_somewhere(key: str) -> None:
    asked = re.escape(re.sub(r"^tiers\.\w+", "tiers.{tier}", re.sub(r"^models\.\w+", "models.{role}", key)))
    text = source()
    variable = re.search(rf'(\w+) = f?"{asked}"', text)
    assert re.search(rf'(config\.(text_of|number|flag|texts|seconds|raw)\(|_step\(config, )f?"{asked}"', text) or (
        variable and f"config.text_of({variable[1]})" in text
    )


@pytest.mark.parametrize("key", ENDPOINT_KEYS)
def test_every_key_of_an_endpoint_is_read_somewhere(key: str) -> None:
    assert f'.get("{key}"' in source() or f'["{key}"]' in source()
