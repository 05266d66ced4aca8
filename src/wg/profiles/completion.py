"""Making a partial config of the original complete (SPEC-profiles.md, section 9).

Its own keys win. Routing keys that it lacks come from one provider's starter, so that a completed file never mixes
in another provider; all other keys come from the old base config, then from the starter.
"""

from __future__ import annotations

import tomllib
from typing import Any

from wg.config.edit import change
from wg.config.schema import KEYS, PROVIDERS
from wg.config.starters import STARTERS, one_model, starter_text

# what makes a config one that an old `profile use` copied over the base, and not a part of one
_WORKER_KEYS = (
    *(f"{section}.model" for section in ("agent", "dispatcher", "models.default", "models.task_agent")),
    *(f"tiers.{tier}" for tier in ("fast", "standard", "premium")),
)
_OLD_PROVIDERS = {"local": "nex", "oai-compat": "nex", "native": "nex"}
_OLD_ROUTING_NAMES = ("executor", "provider", "model", "tier", "endpoint")
_OLD_ROUTING_SECTIONS = ("models", "tiers", "model_registry", "tag_routing", "profile", "coordinator")


def is_toml(data: bytes) -> bool:
    """Whether the file can be read at all; one that cannot is moved as it is, and shows as invalid."""
    try:
        tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return True


def complete(data: bytes, name: str, base: bytes | None) -> bytes:
    """`data`, a profile of the original called `name`, made complete. `base` is the config it was laid over."""
    text = data.decode()
    own = _flat(tomllib.loads(text))
    old_base = _flat(tomllib.loads(base.decode())) if base and is_toml(base) else {}
    renamed = {key: _new_name(value) for key, value in own.items() if _new_name(value) != value}
    routing, rest = _sources({**own, **renamed}, name, old_base)
    additions = {key: value for key, value in routing.items() if _is_routing(key)}
    for source in (old_base, rest):
        additions |= {k: v for k, v in source.items() if not _is_routing(k) and k not in additions}
    lacking = {key: value for key, value in additions.items() if not _stands_in(own, key)}
    return change(text, {**renamed, **lacking}).encode()


def is_whole(data: bytes) -> bool:
    """Whether a config names every model that works on tasks, and every tier."""
    return is_toml(data) and all(key in _flat(tomllib.loads(data.decode())) for key in _WORKER_KEYS)


def provider_of(data: bytes) -> str:
    """The provider of a config's `[agent].model`, or ""."""
    if not is_toml(data):
        return ""
    return str(_new_name(_flat(tomllib.loads(data.decode())).get("agent.model", ""))).partition(":")[0]


def _sources(own: dict[str, Any], name: str, base: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(where lacking routing keys come from, where other keys come from after the base)."""
    model = str(own.get("agent.model", ""))
    provider = model.partition(":")[0]
    if provider in STARTERS or (not model and name in STARTERS):
        starter = _flat(tomllib.loads(starter_text(provider if model else name)))
        return starter, starter
    if provider in PROVIDERS:
        whole = _flat(tomllib.loads(one_model("", model, None)))
        return whole, whole
    starter = _flat(tomllib.loads(starter_text("claude")))
    return base, {key: value for key, value in starter.items() if key != "description"}


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys of all that is not a table; an array of tables is one value."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _stands_in(own: dict[str, Any], key: str) -> bool:
    """Whether `own` has the key, or something where its section would be (a string `tui`, say)."""
    parts = key.split(".")
    return any(".".join(parts[:end]) in own for end in range(1, len(parts) + 1))


def _is_routing(key: str) -> bool:
    """Whether a key, ours or the original's, decides which agent or model runs."""
    if key in KEYS:
        return KEYS[key].routing
    last = key.rpartition(".")[2]
    first = key.partition(".")[0]
    return last in _OLD_ROUTING_NAMES or last.endswith("_model") or first in _OLD_ROUTING_SECTIONS


def _new_name(value: Any) -> Any:
    """A model of a provider that is called differently now, under its new name."""
    if not isinstance(value, str):
        return value
    provider, colon, model = value.partition(":")
    return (
        f"{_OLD_PROVIDERS[provider]}:{model}" if colon and provider in _OLD_PROVIDERS and "//" not in value else value
    )
