"""The complete config files that `wg` writes: one for each starter profile, rendered from the schema.

Rendered, and not kept as template files: a key that joins the schema is then in every starter, with its comment.
"""

from __future__ import annotations

from wg.config.check import format_value
from wg.config.schema import ENDPOINT_KEYS, ENDPOINTS, KEYS, SECTIONS, Value, section_of
from wg.records import NamedTuple

_WORKERS = ("agent", "dispatcher", "models.default", "models.task_agent")
_JUDGES = ("models.evaluator", "models.flip_inference", "models.flip_comparison", "models.assigner")


class Starter(NamedTuple):
    """What tells one starter from another."""

    description: str
    worker: str
    judge: str
    tiers: tuple[str, str, str]  # fast, standard, premium
    endpoint: dict[str, Value] | None = None


STARTERS: dict[str, Starter] = {
    "claude": Starter(
        "Claude CLI: opus for tasks, haiku for judging",
        "claude:opus",
        "claude:haiku",
        ("claude:haiku", "claude:sonnet", "claude:opus"),
    ),
    "codex": Starter(
        "Codex CLI: gpt-5.5 for tasks, gpt-5.4-mini for judging",
        "codex:gpt-5.5",
        "codex:gpt-5.4-mini",
        ("codex:gpt-5.4-mini", "codex:gpt-5.4", "codex:gpt-5.5"),
    ),
    "nex": Starter(
        "nex: the agent in the box, for a model served at your own endpoint",
        "nex:qwen3-coder-30b",
        "nex:qwen3-coder-30b",
        ("nex:qwen3-coder-30b", "nex:qwen3-coder-30b", "nex:qwen3-coder-30b"),
        {"name": "default", "provider": "nex", "url": "http://127.0.0.1:8088/v1", "is_default": True},
    ),
}


def starter_text(name: str) -> str:
    """The starter of that name (KeyError if there is none), complete and ready to be written."""
    return render(STARTERS[name])


def one_model(description: str, model: str, endpoint: dict[str, Value] | None) -> str:
    """A complete file with one model in all places, as `wg config init --route openrouter` writes it."""
    return render(Starter(description, model, model, (model, model, model), endpoint))


def render(starter: Starter) -> str:
    """The whole file: every section, every key that has a value, each with its one-line comment."""
    values = _values(starter)
    blocks = [_key_lines("description", values)]
    for section, comment in SECTIONS.items():
        keys = [name for name in KEYS if section_of(name) == section and name in values]
        if section and keys:
            lines = [f"# {comment}", f"[{section}]"]
            blocks.append(lines + [line for name in keys for line in _key_lines(name, values)])
    if starter.endpoint:
        blocks.append(_endpoint_lines(starter.endpoint))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _values(starter: Starter) -> dict[str, Value]:
    values: dict[str, Value] = {k.name: k.default for k in KEYS.values() if k.default is not None}
    values["description"] = starter.description
    values |= {f"{section}.model": starter.worker for section in _WORKERS}
    values |= {f"{section}.model": starter.judge for section in _JUDGES}
    values |= dict(zip(("tiers.fast", "tiers.standard", "tiers.premium"), starter.tiers, strict=True))
    return values


def _key_lines(name: str, values: dict[str, Value]) -> list[str]:
    key = KEYS[name]
    unit = f" In {key.unit}." if key.unit else ""
    choices = f" One of {', '.join(key.choices)}." if key.choices else ""
    return [f"# {key.comment}{unit}{choices}", f"{name.rpartition('.')[2]} = {format_value(values[name])}"]


def _endpoint_lines(endpoint: dict[str, Value]) -> list[str]:
    lines = [f"# {SECTIONS[ENDPOINTS]}", f"[[{ENDPOINTS}]]"]
    for name, key in ENDPOINT_KEYS.items():
        if name in endpoint or key.default is not None:
            lines += [f"# {key.comment}", f"{name} = {format_value(endpoint.get(name, key.default))}"]
    return lines
