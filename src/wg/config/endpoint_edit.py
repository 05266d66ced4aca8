"""Adding, removing and choosing blocks of [[llm_endpoints.endpoints]] in a config file's text.

Whole blocks are put in and taken out by lines, and only values go through tomlkit: to tomlkit the comment over the
next section is a part of the block before it, which would go with that block, or come to stand inside the new one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import tomlkit

from wg.config.check import format_value
from wg.config.edit import refusal
from wg.config.endpoints import provider_of
from wg.config.load import Config
from wg.config.schema import ENDPOINTS, SECTIONS, Value

Block = dict[str, Value]
_HEADER = f"[[{ENDPOINTS}]]"
_COMMENT = f"# {SECTIONS[ENDPOINTS]}"


def add(config: Config, block: Block) -> str:
    """The text with one block more, behind the others. ConfigError if the file cannot be edited so."""
    with refusal():
        wanted = [*config.endpoints(), block]
        if _is_inline(config):
            return _checked(config, _inline(config, lambda array: array.append(_inline_table(block))), wanted)
        pairs = [f"{name} = {format_value(value)}" for name, value in block.items()]
        lines = _lines(config)
        if config.endpoints():
            at = _last(config, len(config.endpoints()) - 1)
            new = ["", _HEADER, *pairs]
        else:
            while lines and not lines[-1].strip():
                lines.pop()
            at = len(lines)
            new = [*([""] if lines else []), _COMMENT, _HEADER, *pairs]
        lines[at:at] = _ended(config, new)
        return _checked(config, _text(lines), wanted)


def remove(config: Config, index: int) -> str:
    """The text without that block, and without the comment directly over it. ConfigError as of `add`."""
    with refusal():
        wanted = [block for place, block in enumerate(config.endpoints()) if place != index]
        if _is_inline(config):
            return _checked(config, _inline(config, lambda array: array.pop(index)), wanted)
        lines = _lines(config)
        first, last = _start(config, index) - 1, _last(config, index)
        while first and _is_own_comment(lines[first - 1], is_last=not wanted):
            first -= 1
        while last < len(lines) and not lines[last].strip():
            last += 1
        del lines[first:last]
        while lines and first >= len(lines) and not lines[-1].strip():
            lines.pop()
        return _checked(config, _text(lines), wanted)


def make_default(config: Config, index: int) -> str:
    """The text with that block as the default one among those of its provider. ConfigError as of `add`."""
    blocks = [dict(block) for block in config.endpoints()]
    provider = provider_of(blocks[index])
    changes = {
        place: place == index
        for place, block in enumerate(blocks)
        if provider_of(block) == provider and block.get("is_default", False) != (place == index)
    }
    for place, value in changes.items():
        blocks[place]["is_default"] = value
    with refusal():
        document = tomlkit.parse(config.text)
        present: Any = document["llm_endpoints"]["endpoints"]
        for place, value in changes.items():
            if _is_inline(config) or "is_default" in present[place]:
                present[place]["is_default"] = value
        text = document.as_string()
        if index in changes and "is_default" not in config.endpoints()[index] and not _is_inline(config):
            lines = text.split("\n")  # as many as before
            at = _last(config, index)
            lines[at:at] = _ended(config, ["is_default = true"])
            text = _text(lines)
        return _checked(config, text, blocks)


def _is_inline(config: Config) -> bool:
    """Whether the blocks are written as an array: `endpoints = [{…}]`."""
    listed = config.raw(ENDPOINTS)
    if not listed:
        return listed is not None
    return not _lines(config)[_start(config, 0) - 1].lstrip().startswith("[")


def _inline(config: Config, change: Callable[[Any], object]) -> str:
    document = tomlkit.parse(config.text)
    change(document["llm_endpoints"]["endpoints"])
    return document.as_string()


def _inline_table(block: Block) -> Any:
    table = tomlkit.inline_table()
    table.update(block)
    return table


def _start(config: Config, index: int) -> int:
    """The line of a block's header, from 1."""
    return config.line(f"{ENDPOINTS}[{index}]")


def _last(config: Config, index: int) -> int:
    """The last line, from 1, that belongs to a block: what comes before the next section may be a comment on that."""
    start, element = _start(config, index), f"{ENDPOINTS}[{index}]"
    lines = _lines(config)
    following = [line for name, line in config.lines.items() if line > start and not _is_within(name, element)]
    last = min(following, default=len(lines) + 1) - 1
    while not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#"):
        last -= 1
    return last


def _is_within(name: str, element: str) -> bool:
    return name == element or name.startswith(f"{element}.")


def _is_own_comment(line: str, *, is_last: bool) -> bool:
    """The comment that the starters have over the first block is on all of them."""
    return line.lstrip().startswith("#") and (is_last or line.strip() != _COMMENT)


def _lines(config: Config) -> list[str]:
    """The lines as TOML counts them, each with its carriage return if it has one."""
    lines = config.text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _ended(config: Config, lines: list[str]) -> list[str]:
    end = "\r" if "\r\n" in config.text else ""
    return [line + end for line in lines]


def _text(lines: list[str]) -> str:
    text = "\n".join(lines)
    return text if text.endswith("\n") or not text else f"{text}\n"


def _checked(config: Config, text: str, blocks: list[Any]) -> str:
    """`text`, if it says what `config` says, but for these blocks."""
    edited, wanted = tomllib.loads(text), tomllib.loads(config.text)
    wanted.setdefault("llm_endpoints", {})["endpoints"] = blocks
    edited.setdefault("llm_endpoints", {}).setdefault("endpoints", [])
    if edited != wanted:
        raise TypeError("its layout cannot be kept in this edit")
    return text
