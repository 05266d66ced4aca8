"""The chain of SPEC-profiles.md, section 7: as a table of cases, and as properties of any config."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.config.check import format_value
from wg.config.load import Config
from wg.config.resolver import TaskRequest, hidden_keys, resolve
from wg.config.schema import DISPATCHER_ROLES, ENDPOINTS, KEYS, PROVIDERS, ROLES, TIERS
from wg.errors import ConfigError, UsageError
from wg.graph.task import EXECUTORS

ALL = {
    "agent.model": "codex:agent",
    "dispatcher.model": "codex:dispatcher",
    "models.default.model": "codex:default",
    "models.task_agent.model": "codex:task",
    "models.task_agent.tier": "premium",
    "models.triage.tier": "fast",
    "tiers.fast": "codex:fast",
    "tiers.standard": "codex:standard",
    "tiers.premium": "codex:premium",
}


MIXED = {
    "agent.model": "claude:agent",
    "models.default.model": "claude:default",
    "models.task_agent.model": "codex:task",
    "tiers.fast": "ollama:fast",
}


def config_of(values: dict[str, str], blocks: list[dict[str, Any]] | None = None) -> Config:
    """A file with a line for each section and key, in the order given."""
    lines: list[str] = []
    for section in dict.fromkeys(key.rpartition(".")[0] for key in values):
        lines.append(f"[{section}]")
        lines += [
            f"{key.rpartition('.')[2]} = {format_value(value)}"
            for key, value in values.items()
            if key.rpartition(".")[0] == section
        ]
    for block in blocks or []:
        lines += [f"[[{ENDPOINTS}]]", *(f"{key} = {format_value(value)}" for key, value in block.items())]
    return Config("/c.toml", "\n".join(lines).encode())


def without(values: dict[str, str], *keys: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key not in keys}


CASES = {
    "task model": (ALL, "task_agent", TaskRequest(model="claude:x", tier="fast"), "claude:x", "--model"),
    "task tier": (ALL, "task_agent", TaskRequest(tier="standard"), "codex:standard", "tiers.standard"),
    "role model": (ALL, "task_agent", TaskRequest(), "codex:task", "models.task_agent.model"),
    "role tier": (
        *(without(ALL, "models.task_agent.model"), "task_agent", TaskRequest()),
        *("codex:premium", "tiers.premium"),
    ),
    "default": (ALL, "evaluator", TaskRequest(), "codex:default", "models.default.model"),
    "agent": (without(ALL, "models.default.model"), "evaluator", TaskRequest(), "codex:agent", "agent.model"),
    "dispatcher's role": (ALL, "assigner", TaskRequest(), "codex:dispatcher", "dispatcher.model"),
    "its tier comes first": (ALL, "triage", TaskRequest(), "codex:fast", "tiers.fast"),
    "no dispatcher.model": (
        *(without(ALL, "dispatcher.model"), "assigner", TaskRequest()),
        *("codex:default", "models.default.model"),
    ),
    "not its role": (
        *(without(ALL, "models.default.model"), "flip_inference", TaskRequest()),
        *("codex:agent", "agent.model"),
    ),
    "only its executor: the first that fits": (
        *(MIXED, "task_agent", TaskRequest(executor="claude")),
        *("claude:default", "models.default.model"),
    ),
    "only its executor: a tier that fits": (
        *(MIXED, "task_agent", TaskRequest(tier="fast", executor="nex")),
        *("ollama:fast", "tiers.fast"),
    ),
    "only its executor: a tier that does not": (
        *(MIXED, "task_agent", TaskRequest(tier="fast", executor="codex")),
        *("codex:task", "models.task_agent.model"),
    ),
    "only its executor: a model": (
        *(MIXED, "task_agent", TaskRequest(model="nex:x", executor="nex")),
        *("nex:x", "--model"),
    ),
    "default's tier is its own": (
        *({"agent.model": "codex:a", "models.default.tier": "fast", "tiers.fast": "codex:f"}, "evaluator"),
        *(TaskRequest(), "codex:a", "agent.model"),
    ),
}


@pytest.mark.parametrize(("values", "role", "request_", "spec", "key"), CASES.values(), ids=CASES)
def test_chain(values: dict[str, str], role: str, request_: TaskRequest, spec: str, key: str) -> None:
    config = config_of(values)
    route = resolve(config, role, request_)
    assert route.spec == spec
    deciding = [step for step in route.chain if step.decides]
    assert [(step.key, step.value, step.line) for step in deciding] == [(key, spec, config.line(key))]
    assert route.executor == PROVIDERS[route.provider]
    expected = f"/c.toml:{config.line(key)} [{key.rpartition('.')[0]}].{key.rpartition('.')[2]}"
    assert route.source == ("task --model" if key == "--model" else expected)
    assert (route.role, route.config_path, route.config_digest) == (role, "/c.toml", config.digest)


def test_the_chain_is_in_the_order_in_which_it_is_asked() -> None:
    chain = resolve(config_of(without(ALL, "models.triage.tier")), "triage").chain
    assert [step.key for step in chain] == [
        *("--model", "--tier", "models.triage.model", "models.triage.tier"),
        *("dispatcher.model", "models.default.model", "agent.model"),
    ]


def test_exec_is_the_shell_whatever_else_is_asked() -> None:
    route = resolve(config_of(ALL), "task_agent", TaskRequest("codex:x", "fast", "make"))
    assert (route.executor, route.spec, route.source, len(route.chain)) == ("shell", "", "task --exec", 1)


@pytest.mark.parametrize(
    ("values", "request_", "message"),
    [
        ({"agent.model": "codex:a"}, TaskRequest(tier="fast"), "/c.toml: --tier asks for the tier 'fast'"),
        (ALL, TaskRequest(tier="best"), "/c.toml: --tier asks for the tier 'best'"),
        (ALL, TaskRequest(model="opus"), "'opus' is not provider:model"),
        (ALL, TaskRequest(model="x:opus"), "unknown provider 'x'"),
        ({"dispatcher.max_agents": "8"}, TaskRequest(), "/c.toml: [agent].model is missing"),
        ({"dispatcher.max_agents": "8"}, TaskRequest(executor="nex"), "/c.toml: [agent].model is missing"),
        (ALL, TaskRequest(executor="claude"), "/c.toml names no model for the executor claude"),
        (ALL, TaskRequest(executor="claude"), "it comes to codex:task, codex:premium, codex:default, codex:agent"),
        (ALL, TaskRequest(model="codex:x", executor="claude"), "--model codex:x runs on codex, and --executor asks"),
        (ALL, TaskRequest(model="opus", executor="claude"), "'opus' is not provider:model"),
        (ALL, TaskRequest(executor="amplifier"), "names no model for the executor amplifier"),
    ],
)
def test_what_resolves_to_nothing_is_an_error(values: dict[str, str], request_: TaskRequest, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(config_of(values), "task_agent", request_)
    assert message in caught.value.message


def test_what_another_executor_runs_is_passed_over_and_said_to_be() -> None:
    chain = resolve(config_of(MIXED), "task_agent", TaskRequest(executor="claude")).chain
    assert {step.key: step.passed_over for step in chain if step.passed_over} == {
        "models.task_agent.model": "runs on codex, and --executor asks for claude"
    }
    assert not any(step.passed_over for step in resolve(config_of(MIXED), "task_agent").chain)


def test_the_executors_that_a_task_may_ask_for_are_those_of_the_providers() -> None:
    assert set(EXECUTORS) == set(PROVIDERS.values())


def test_an_unknown_role() -> None:
    with pytest.raises(UsageError):
        resolve(config_of(ALL), "boss")


# any config


SPECS = st.sampled_from(["codex:a", "codex:b", "claude:a", "nex:a", "openrouter:a", "ollama:a"])
MODEL_KEYS = [name for name, key in KEYS.items() if key.kind == "model" and name != "agent.model"]
TIER_KEYS = [name for name, key in KEYS.items() if key.kind == "tier"]
NEX = [provider for provider, executor in PROVIDERS.items() if executor == "nex"]
BLOCKS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["x", "y", "z"]), "url": st.sampled_from(["http://1", "http://2"])},
        optional={"provider": st.sampled_from(NEX), "is_default": st.booleans()},
    ),
    max_size=4,
)


@st.composite
def configs(draw: Any) -> tuple[dict[str, str], list[dict[str, Any]]]:
    values = {"agent.model": draw(SPECS)}
    values |= draw(st.dictionaries(st.sampled_from(MODEL_KEYS), SPECS))
    tiers = [tier for tier in TIERS if f"tiers.{tier}" in values]
    if tiers:
        values |= draw(st.dictionaries(st.sampled_from(TIER_KEYS), st.sampled_from(tiers), max_size=4))
    blocks = draw(BLOCKS)
    if blocks:
        named = draw(st.dictionaries(st.sampled_from(list(ROLES)), st.sampled_from([b["name"] for b in blocks])))
        values |= {f"models.{role}.endpoint": name for role, name in named.items()}
    return values, blocks


def expected(values: dict[str, str], role: str, request_: TaskRequest) -> tuple[str, str] | None:
    """(model, key): the specification's sentence, written down once more; None where nothing fits."""
    asked = [("--model", request_.model)]
    for tier in (request_.tier,):
        asked.append((f"tiers.{tier}", values.get(f"tiers.{tier}", "")))
    asked.append((f"models.{role}.model", values.get(f"models.{role}.model", "")))
    tier = values.get(f"models.{role}.tier", "")
    asked.append((f"tiers.{tier}", values.get(f"tiers.{tier}", "")))
    if role in ("triage", "assigner"):
        asked.append(("dispatcher.model", values.get("dispatcher.model", "")))
    asked += [(key, values.get(key, "")) for key in ("models.default.model", "agent.model")]
    return next(((spec, key) for key, spec in asked if spec and fits(spec, request_)), None)


def fits(spec: str, request_: TaskRequest) -> bool:
    return request_.executor in ("", PROVIDERS[spec.partition(":")[0]])


@given(configs(), st.sampled_from(list(ROLES)), st.sampled_from(["", "codex:t", "nex:t"]), st.data())
def test_the_first_place_that_has_a_value_that_counts_decides(
    made: tuple[dict[str, str], list[dict[str, Any]]], role: str, model: str, data: Any
) -> None:
    values, blocks = made
    config = config_of(values, blocks)
    assert config.errors == []
    tiers = [tier for tier in TIERS if f"tiers.{tier}" in values]
    tier = data.draw(st.sampled_from(["", *tiers]))
    request_ = TaskRequest(model, tier, executor=data.draw(st.sampled_from(["", *EXECUTORS])))
    wanted = expected(values, role, request_)
    if wanted is None or (model and not fits(model, request_)):
        with pytest.raises(ConfigError):
            resolve(config, role, request_)
        return
    route = resolve(config, role, request_)
    deciding = next(step for step in route.chain if step.decides)
    assert (route.spec, deciding.key) == wanted
    assert all(not step.value or step.passed_over for step in route.chain[: route.chain.index(deciding)])
    assert all(bool(step.passed_over) == (not fits(step.value, request_)) for step in route.chain if step.value)
    assert sum(step.decides for step in route.chain) == 1
    assert route.executor == PROVIDERS[route.spec.partition(":")[0]]


@given(configs(), st.sampled_from(list(ROLES)))
def test_the_endpoint_is_the_named_one_or_one_of_the_same_provider(
    made: tuple[dict[str, str], list[dict[str, Any]]], role: str
) -> None:
    values, blocks = made
    route = resolve(config_of(values, blocks), role)
    named = values.get(f"models.{role}.endpoint")
    serving = [block for block in blocks if block.get("provider", "nex") == route.provider]
    if route.executor != "nex":
        assert route.endpoint is None
    elif named:
        assert route.endpoint is not None and route.endpoint.name == named
    elif not serving:
        assert route.endpoint is None
    else:
        first = next((block for block in serving if block.get("is_default")), serving[0])
        assert route.endpoint is not None
        assert (route.endpoint.name, route.endpoint.url) == (first["name"], first["url"])


@given(configs())
def test_hidden_keys_are_those_that_can_be_removed_and_nothing_changes(
    made: tuple[dict[str, str], list[dict[str, Any]]],
) -> None:
    values, _ = made
    config = config_of({key: value for key, value in values.items() if not key.endswith(".endpoint")})
    hidden = hidden_keys(config)
    deciding = decided(config)
    for key in values:
        if key.startswith("tiers.") or key.endswith(".endpoint"):
            assert key not in hidden
            continue
        less = config_of(without(values, key, *(k for k in values if k.endswith(".endpoint"))))
        unchanged = not less.errors and decided(less) == deciding
        assert (key in hidden) == (unchanged or (key == "agent.model" and key not in [k for k, _ in deciding.values()]))
        if key in hidden:
            assert hidden[key] in [k for k, _ in deciding.values()]


def decided(config: Config) -> dict[str, tuple[str, str]]:
    """role -> (the key that decides, the model)."""
    found = {}
    for role in ROLES:
        route = resolve(config, role)
        found[role] = (next(step.key for step in route.chain if step.decides), route.spec)
    return found


def test_dispatcher_roles_are_those_of_the_specification() -> None:
    assert set(DISPATCHER_ROLES) == {"triage", "assigner"}
