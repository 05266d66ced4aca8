"""Patterns of files, as models write them: git knows no braces, and would find nothing without a word."""

from __future__ import annotations

import re

from wg.nex.tools.base import ToolError

_BRACES = re.compile(r"(?<!\\)\{([^{}]*,[^{}]*)\}")  # the innermost ones; {x} without a comma is a part of a name
_MOST = 100  # patterns that one may stand for


def expanded(pattern: str) -> list[str]:
    """The patterns without braces that `pattern` stands for, each of files below a directory. ToolError for another."""
    _check(pattern)
    patterns = [pattern]
    while any(_BRACES.search(each) for each in patterns):
        patterns = list(dict.fromkeys(made for each in patterns for made in _without_innermost(each)))
        if len(patterns) > _MOST:
            raise ToolError(f"{pattern!r} stands for more than {_MOST} patterns: use a simpler one")
    for each in patterns:
        _check(each)
    return patterns


def at_any_depth(pattern: str) -> str:
    """`pattern` for files in every directory, unless it names directories itself."""
    return pattern if "/" in pattern else f"**/{pattern}"


def _without_innermost(pattern: str) -> list[str]:
    found = _BRACES.search(pattern)
    if found is None:
        return [pattern]
    return [pattern[: found.start()] + each + pattern[found.end() :] for each in found[1].split(",")]


def _check(pattern: str) -> None:
    if not pattern or pattern.startswith(("/", "~")) or ".." in pattern.split("/") or "\0" in pattern:
        raise ToolError(f"{pattern!r} is not a pattern of files below the directory")
