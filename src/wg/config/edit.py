"""Changing keys of a config file's text; comments and layout survive."""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from wg.config.schema import ENDPOINTS, Value
from wg.errors import ConfigError

Changes = dict[str, Value | None]


def change(text: str, changes: Changes) -> str:
    """`text` with every key of `changes` set, or removed where its value is None.

    Raises ConfigError if the text cannot be edited so that exactly this changes.
    """
    try:
        document = tomlkit.parse(text)
        for key, value in changes.items():
            _set(document, key.split("."), value)
        edited = document.as_string()
        parsed = tomllib.loads(edited)
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise ConfigError(f"the file cannot be edited: {error}", "edit it by hand: wg profile edit") from None
    if parsed != _expected(tomllib.loads(text), changes):
        raise ConfigError("the file's layout cannot be kept in this edit", "edit it by hand: wg profile edit")
    return edited


def set_default_endpoint(text: str, provider: str, url: str) -> str:
    """`text` with the address of its default endpoint (else its first one) changed, or a default one added."""
    document = tomlkit.parse(text)
    blocks: Any = document.get("llm_endpoints", {}).get("endpoints", [])
    chosen = next((block for block in blocks if block.get("is_default")), None)
    if chosen is None and blocks:
        chosen = blocks[0]
    if chosen is not None:
        chosen["url"] = url
        return document.as_string()
    separator = "" if text.endswith("\n") or not text else "\n"
    block = {"name": "default", "provider": provider, "url": url, "is_default": True}
    added = tomlkit.dumps({"llm_endpoints": {"endpoints": [block]}})
    return f"{text}{separator}\n{added[added.index(f'[[{ENDPOINTS}]]') :]}"


# what `-m MODEL` sets together: the keys that decide what works on tasks
MAIN_KEYS = ("agent.model", "dispatcher.model", "models.default.model", "models.task_agent.model")


def set_model(text: str, model: str, roles: tuple[str, ...] = ()) -> str:
    """`text` with `model` in all of MAIN_KEYS, and for each of `roles`."""
    keys = [*MAIN_KEYS, *(f"models.{role}.model" for role in roles)]
    return change(text, dict.fromkeys(keys, model))


def _set(container: Container | Table, path: list[str], value: Value | None) -> None:
    *sections, name = path
    for depth, section in enumerate(sections):
        if section not in container:
            if value is None:
                return
            # [models] itself is not written where only [models.x] is wanted
            container[section] = tomlkit.table(is_super_table=depth < len(sections) - 1)
        container = container[section]
    if value is not None:
        container[name] = value
    elif name in container:
        del container[name]


def _expected(values: dict[str, Any], changes: Changes) -> dict[str, Any]:
    for key, value in changes.items():
        *sections, name = key.split(".")
        table = values
        for section in sections:
            if value is None and section not in table:
                break
            table = table.setdefault(section, {})
        else:
            if value is None:
                table.pop(name, None)
            else:
                table[name] = value
    return values
