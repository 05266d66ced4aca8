"""Changing keys of a config file's text; comments and layout survive."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from wg.config.schema import ENDPOINTS, Value
from wg.errors import ConfigError

Changes = dict[str, Value | None]
Path = tuple[str, ...]  # a key as the names of its tables and its own: a name may hold a dot


def change(text: str, changes: Changes) -> str:
    """`text` with every key of `changes` set, or removed where its value is None.

    Raises ConfigError if the text cannot be edited so that exactly this changes.
    """
    return change_paths(text, {tuple(key.split(".")): value for key, value in changes.items()})


def change_paths(text: str, changes: dict[Path, Any]) -> str:
    """As `change`, for any key and any value that TOML has: a migrated file holds more than the schema."""
    with refusal():
        document = tomlkit.parse(text)
        for path, value in changes.items():
            _set(document, path, value)
        edited = document.as_string()
        if tomllib.loads(edited) != _expected(tomllib.loads(text), changes):
            raise TypeError("its layout cannot be kept in this edit")
    return edited


def set_default_endpoint(text: str, provider: str, url: str) -> str:
    """`text` with another address of the endpoint that models of `provider` go to, or with a default one added.

    That is the default one (else the first) of that provider's: another provider's may have a key, which must not go
    to the new address. Raises ConfigError if the text cannot be edited so.
    """
    with refusal():
        document = tomlkit.parse(text)
        blocks: Any = document.get("llm_endpoints", {}).get("endpoints", [])
        same = [block for block in blocks if "name" in block and block.get("provider", "nex") == provider]
        chosen = next((block for block in same if block.get("is_default")), same[0] if same else None)
        if chosen is not None:
            chosen["url"] = url
            edited = document.as_string()
        else:
            edited = text + _endpoint_block(text, _free_name(blocks), provider, url)
        tomllib.loads(edited)
    return edited


def _free_name(blocks: Any) -> str:
    """For one endpoint more."""
    taken = {block.get("name") for block in blocks}
    names = ("default", *(f"default-{number}" for number in range(2, len(taken) + 2)))
    return next(name for name in names if name not in taken)


def _endpoint_block(text: str, name: str, provider: str, url: str) -> str:
    """What is put behind `text` for a default endpoint."""
    separator = "" if text.endswith("\n") or not text else "\n"
    block = {"name": name, "provider": provider, "url": url, "is_default": True}
    added = tomlkit.dumps({"llm_endpoints": {"endpoints": [block]}})
    return f"{separator}\n{added[added.index(f'[[{ENDPOINTS}]]') :]}"


@contextlib.contextmanager
def refusal() -> Iterator[None]:
    """Whatever stands in an edit's way (a string where a section should be, say) is a ConfigError."""
    try:
        yield
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise ConfigError(f"the file cannot be edited: {error}", "edit it by hand: wg profile edit NAME") from None


# what `-m MODEL` sets together: the keys that decide what works on tasks
MAIN_KEYS = ("agent.model", "dispatcher.model", "models.default.model", "models.task_agent.model")


def set_model(text: str, model: str, roles: tuple[str, ...] = ()) -> str:
    """`text` with `model` in all of MAIN_KEYS, and for each of `roles`."""
    keys = [*MAIN_KEYS, *(f"models.{role}.model" for role in roles)]
    return change(text, dict.fromkeys(keys, model))


def _set(container: Container | Table, path: Path, value: Any) -> None:
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


def _expected(values: dict[str, Any], changes: dict[Path, Any]) -> dict[str, Any]:
    for (*sections, name), value in changes.items():
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
