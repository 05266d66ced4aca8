"""Making a config of the original one of ours: renamed where it must be, and complete (SPEC-profiles.md, section 9).

Its own keys win. Routing keys that it lacks come from one provider's starter, so that a completed file never mixes
in another provider; all other keys come from the old base config, then from the starter.
"""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit

from wg.config.edit import MAIN_KEYS, Path, change_paths
from wg.config.schema import KEYS, PROVIDERS, TIERS
from wg.config.starters import STARTERS, one_model, starter_text
from wg.profiles.names import normalized

Flat = dict[Path, Any]  # every value that is not a table, by its path

_AGENT, _DISPATCHER, _DEFAULT, _TASK_AGENT = (tuple(key.split(".")) for key in MAIN_KEYS)
_DESCRIPTION = ("description",)
# what makes a config one that an old `profile use` copied over the base, and not a part of one
_WORKER_PATHS = (_AGENT, _DISPATCHER, _DEFAULT, _TASK_AGENT, *(("tiers", tier) for tier in TIERS))
_OLD_PROVIDERS = {"local": "nex", "oai-compat": "nex", "native": "nex"}
_OLD_STARTERS = {"wgnext": "nex"}
_OLD_ROUTING_NAMES = ("executor", "provider", "model", "tier", "endpoint")
_OLD_ROUTING_SECTIONS = ("models", "tiers", "model_registry", "tag_routing", "profile")
_OLD_ENDPOINT_PROVIDER = "anthropic"  # of a block that names none
# where a block of the original leads that names no url
_OLD_URLS = {
    "anthropic": "https://api.anthropic.com/v1",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "ollama": "http://localhost:11434/v1",
    "local": "http://localhost:11434/v1",
    "llamacpp": "http://localhost:8080/v1",
    "vllm": "http://localhost:8000/v1",
}


def is_toml(data: bytes) -> bool:
    """Whether the file can be read at all; one that cannot is moved as it is, and shows as invalid."""
    try:
        tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return True


def complete(data: bytes, name: str, base: bytes | None) -> bytes:
    """`data`, a profile of the original called `name`, made complete. `base` is the config it was laid over.

    Both are valid TOML, or `base` is of no use. Raises ConfigError for a layout that cannot be edited.
    """
    text = modernized(data).decode()
    own = _flat_config(text)
    old_base = _flat_config(modernized(base).decode()) if base and is_toml(base) else {}
    starter = _starter(own, name)
    routing = _routing(own, starter) if starter else old_base
    others = starter or {path: value for path, value in _starter_values("claude").items() if path != _DESCRIPTION}
    wanted = dict(own)
    for source, is_wanted in ((routing, True), (old_base, False), (others, False)):
        for path, value in source.items():
            if _is_routing(path) == is_wanted and not _clashes(wanted, path):
                wanted[path] = value
    present = _flat(tomllib.loads(text))
    return change_paths(text, {path: value for path, value in wanted.items() if path not in present}).encode()


def modernized(data: bytes) -> bytes:
    """A config of the original, valid TOML, with its providers under the names they have now; all else stays."""
    text = data.decode()
    models = {path: value for path, value in _flat(tomllib.loads(text)).items() if _names_model(path)}
    renamed = {path: _new_name(value) for path, value in models.items() if _new_name(value) != value}
    return _with_new_endpoints(change_paths(text, renamed) if renamed else text).encode()


def is_whole(data: bytes) -> bool:
    """Whether a config names every model that works on tasks, and every tier."""
    return is_toml(data) and all(path in _flat_config(data.decode()) for path in _WORKER_PATHS)


def provider_of(data: bytes) -> str:
    """The provider of a config's `[agent].model`, or ""."""
    if not is_toml(data):
        return ""
    return str(_new_name(_flat(tomllib.loads(data.decode())).get(_AGENT, ""))).partition(":")[0]


def _starter(own: Flat, name: str) -> Flat:
    """The complete config of the provider that the profile is for; empty if it is for none that is known."""
    model = str(own.get(_AGENT, ""))
    provider = model.partition(":")[0]
    if not model:
        provider = _OLD_STARTERS.get(name, normalized(name))
    if provider in STARTERS:
        return _starter_values(provider)
    if model and provider in PROVIDERS:
        return _flat(tomllib.loads(one_model("", model, None)))
    return {}


def _starter_values(name: str) -> Flat:
    return _flat(tomllib.loads(starter_text(name)))


def _routing(own: Flat, starter: Flat) -> Flat:
    """The starter's models, but none that would hide what the profile's own keys decide."""
    routing = dict(starter)
    model = own.get(_AGENT)
    if model is not None:
        routing |= dict.fromkeys((_DISPATCHER, _DEFAULT, _TASK_AGENT), model)
    if _DEFAULT in own:
        routing[_TASK_AGENT] = own[_DEFAULT]
    for path in own:
        if len(path) == 3 and path[0] == "models" and path[2] == "tier":
            routing.pop((*path[:2], "model"), None)
    return routing


def _flat_config(text: str) -> Flat:
    """The values of a config; the dispatcher's under its new name."""
    found = _flat(tomllib.loads(text))
    for path, value in list(found.items()):
        if path[0] == "coordinator" and len(path) > 1 and not _clashes(found, new := ("dispatcher", *path[1:])):
            found[new] = value
    return found


def _flat(table: dict[str, Any], prefix: Path = ()) -> Flat:
    """All that is not a table; an array of tables is one value."""
    found: Flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, (*prefix, key))
        else:
            found[(*prefix, key)] = value
    return found


def _clashes(values: Flat, path: Path) -> bool:
    """Whether the path is there, or a value where one of its tables would be, or a table where it would be."""
    return any(other[: len(path)] == path[: len(other)] for other in values)


def _is_routing(path: Path) -> bool:
    """Whether a key, ours or the original's, decides which agent or model runs."""
    key = ".".join(path)
    if key in KEYS:
        return KEYS[key].routing
    return path[-1] in _OLD_ROUTING_NAMES or path[-1].endswith("_model") or path[0] in _OLD_ROUTING_SECTIONS


def _names_model(path: Path) -> bool:
    return path[-1] == "model" or path[-1].endswith("_model") or path[0] == "tiers"


def _new_name(value: Any) -> Any:
    """A model of a provider that is called differently now, under its new name."""
    if not isinstance(value, str):
        return value
    provider, colon, model = value.partition(":")
    return f"{_OLD_PROVIDERS[provider]}:{model}" if colon and provider in _OLD_PROVIDERS else value


def _with_new_endpoints(text: str) -> str:
    """Every endpoint block with its provider's new name and, where it relied on the original's default, its url."""
    document = tomlkit.parse(text)
    section = document.get("llm_endpoints")
    blocks = section.get("endpoints") if isinstance(section, dict) else None
    changed = False
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        old = str(block.get("provider", _OLD_ENDPOINT_PROVIDER))
        new = {"provider": _OLD_PROVIDERS.get(old, old)}
        if "url" not in block and old in _OLD_URLS:
            new["url"] = _OLD_URLS[old]
        for key, value in new.items():
            if block.get(key) != value:
                block[key] = value
                changed = True
    return document.as_string() if changed else text
