"""A partial config of the original is completed: its own keys win, no provider is mixed in, nothing is lost."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import originals
from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ROLES, TIERS
from wg.profiles.completion import complete, is_whole, modernized, provider_of

PROVIDERS = ("claude", "codex", "nex", "openrouter", "vllm")


def completed(overlay: str, name: str = "mine", base: str = originals.BASE) -> Config:
    return Config(name, complete(overlay.encode(), name, base.encode()))


def roles(config: Config) -> dict[str, str]:
    assert not config.errors, config.errors
    return {role: resolve(config, role).spec for role in ROLES}


def flat(values: dict[str, Any], prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in values.items():
        found |= flat(value, (*prefix, key)) if isinstance(value, dict) else {(*prefix, key): value}
    return found


def nested(values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for path, value in values.items():
        table = tables
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
    return tables


def test_the_overlay_of_the_original_bug_runs_on_codex_alone() -> None:
    config = completed(originals.CODEX_OVERLAY, "codex")
    assert {spec.partition(":")[0] for spec in roles(config).values()} == {"codex"}
    assert config.raw("dispatcher.max_agents") == 3
    assert config.raw("dispatcher.poll_interval") == 7  # from the old base
    assert "# codex-overlay-marker" in config.text


def test_what_the_profile_says_of_tasks_is_what_tasks_get() -> None:
    config = completed(originals.MINE_OVERLAY)
    assert roles(config)["task_agent"] == roles(config)["default"] == "codex:gpt-5.4"
    assert roles(config)["evaluator"] == "codex:gpt-5.5"  # its own tier, which no model of the starter may hide
    assert roles(config)["flip_inference"] == "codex:gpt-5.4-mini"


def test_the_default_model_of_a_profile_decides_for_tasks() -> None:
    config = completed('[agent]\nmodel = "claude:opus"\n[models.default]\nmodel = "claude:sonnet"\n')
    assert roles(config)["task_agent"] == "claude:sonnet"


def test_without_a_provider_or_a_name_that_says_one_the_base_decides() -> None:
    assert roles(completed("[tui]\npanel_ratio = 1\n", "work"))["task_agent"] == "claude:opus"
    assert roles(completed("[tui]\npanel_ratio = 1\n", "wgnext"))["task_agent"] == "nex:qwen3-coder-30b"
    assert roles(completed("[tui]\npanel_ratio = 1\n", "Codex"))["task_agent"] == "codex:gpt-5.5"


def test_a_provider_without_a_starter_has_one_model_everywhere() -> None:
    config = completed('[agent]\nmodel = "openrouter:anthropic/claude-opus-4-7"\n')
    assert set(roles(config).values()) == {"openrouter:anthropic/claude-opus-4-7"}


def test_old_spellings_become_valid_and_reach_their_endpoint() -> None:
    config = completed(originals.WGNEXT, "wgnext")
    assert {spec.partition(":")[0] for spec in roles(config).values()} == {"nex"}
    endpoint = resolve(config, "task_agent").endpoint
    assert endpoint is not None and endpoint.url == "http://localhost:11434/v1"  # what the original meant by none
    nex = Config("nex", complete(originals.NEX.encode(), "nex", originals.BASE.encode()))
    endpoint = resolve(nex, "task_agent").endpoint
    assert endpoint is not None and endpoint.url == "http://127.0.0.1:8088"
    assert "# nex-marker: edit per machine" in nex.text


def test_text_that_only_looks_like_an_old_model_stays() -> None:
    text = 'description = "local: my own"\n[project]\ntitle = "native:born"\n[agent]\nmodel = "native:x"\n'
    values = tomllib.loads(modernized(text.encode()).decode())
    assert (values["description"], values["project"]["title"]) == ("local: my own", "native:born")
    assert values["agent"]["model"] == "nex:x"


def test_the_section_that_was_called_coordinator_counts() -> None:
    config = completed('[agent]\nmodel = "codex:gpt-5.5"\n[coordinator]\nmax_agents = 1\nmodel = "codex:gpt-5.4"\n')
    assert config.raw("dispatcher.max_agents") == 1
    assert config.raw("dispatcher.model") == "codex:gpt-5.4"


def test_keys_that_hold_dots_and_tables_in_the_place_of_values_are_no_harm() -> None:
    overlay = '[agent]\nmodel = "codex:gpt-5.5"\n[a]\nb = 1\n'
    base = 'a = 5\nlog = "x"\n["my.tool"]\n"x.y" = true\n'
    values = completed(overlay, base=base).values
    assert values["a"] == {"b": 1}
    assert values["my.tool"] == {"x.y": True}
    assert values["log"] == "x"


@pytest.mark.parametrize("text", [originals.BASE, originals.CLAUDE, originals.CODEX, originals.NEX, originals.WGNEXT])
def test_completing_keeps_every_line(text: str) -> None:
    before = {line for line in modernized(text.encode()).decode().splitlines() if line}
    assert before <= set(completed(text, "any").text.splitlines())


def test_whole_is_what_names_every_worker_and_tier() -> None:
    assert is_whole(originals.CODEX.encode()) and is_whole(originals.NEX.encode())
    assert not is_whole(originals.BASE.encode()) and not is_whole(originals.CODEX_OVERLAY.encode())
    assert provider_of(originals.WGNEXT.encode()) == "nex"


MODEL_PATHS: list[tuple[str, ...]] = [("models", role, "model") for role in ROLES]
MODEL_PATHS += [*(("tiers", tier) for tier in TIERS), ("dispatcher", "model")]
WORDS = st.text("abc.-_ é", min_size=1, max_size=6)
PLAIN = st.one_of(st.booleans(), st.integers(1, 99), WORDS, st.lists(st.integers(0, 9), max_size=2))
TUNING = st.dictionaries(
    st.sampled_from([("dispatcher", "max_agents"), ("dispatcher", "poll_interval")]), st.integers(1, 60)
)
# sections that are no routing for the original or us; their keys may be anything
OTHER = st.dictionaries(st.tuples(st.sampled_from(["tui", "chat", "x.y", "agency"]), WORDS), PLAIN, max_size=5)


@st.composite
def overlays(draw: st.DrawFn) -> tuple[str, str, dict[tuple[str, ...], Any]]:
    """(name, provider, values) of a partial profile that says by its model or its name which provider it is for."""
    provider = draw(st.sampled_from(PROVIDERS))
    specs = st.one_of(
        st.sampled_from(["a", "b"]).map(lambda model: f"{provider}:{model}"),
        st.sampled_from(["claude:z", "codex:z", "nex:z"]),
    )
    values = draw(st.dictionaries(st.sampled_from(MODEL_PATHS), specs, max_size=4)) | draw(TUNING) | draw(OTHER)
    for role in draw(st.sets(st.sampled_from(list(ROLES)), max_size=2)):
        values[("models", role, "tier")] = draw(st.sampled_from(TIERS))
    named_so = provider in ("claude", "codex", "nex") and draw(st.booleans())
    if not named_so:
        values[("agent", "model")] = f"{provider}:a"
    return (provider if named_so else "mine"), provider, values


@settings(max_examples=60)
@given(overlays(), TUNING, OTHER, st.sampled_from(PROVIDERS))
def test_a_completed_profile_keeps_its_own_and_takes_no_other_provider(
    overlay: tuple[str, str, dict[tuple[str, ...], Any]],
    base_tuning: dict[tuple[str, ...], Any],
    base_other: dict[tuple[str, ...], Any],
    base_provider: str,
) -> None:
    name, provider, own = overlay
    base: dict[tuple[str, ...], Any] = {
        ("agent", "model"): f"{base_provider}:base",
        ("tiers", "fast"): f"{base_provider}:base",
    }
    base |= base_tuning | base_other
    data = complete(tomlkit.dumps(nested(own)).encode(), name, tomlkit.dumps(nested(base)).encode())
    config = Config(name, data)
    result = flat(config.values)
    assert {path: result[path] for path in own} == own
    lost = {path for path in base_tuning | base_other if path not in result}
    assert not lost
    assert all(result[path] == value for path, value in (base_tuning | base_other).items() if path not in own)
    assert not config.errors
    own_specs = {value for path, value in own.items() if path in MODEL_PATHS}
    for role in ROLES:
        spec = resolve(config, role).spec
        assert spec.startswith(f"{provider}:") or spec in own_specs, role
    for tier in TIERS:
        spec = config.text_of(f"tiers.{tier}")
        assert spec.startswith(f"{provider}:") or own.get(("tiers", tier)) == spec
    assert complete(data, name, tomlkit.dumps(nested(base)).encode()) == data


@settings(max_examples=40)
@given(overlays())
def test_own_choices_decide(overlay: tuple[str, str, dict[tuple[str, ...], Any]]) -> None:
    name, _, own = overlay
    config = Config(name, complete(tomlkit.dumps(nested(own)).encode(), name, None))
    for role in ROLES:
        tier = own.get(("models", role, "tier"))
        expected = own.get(("models", role, "model")) or (tier and config.text_of(f"tiers.{tier}"))
        if expected:
            assert resolve(config, role).spec == expected
