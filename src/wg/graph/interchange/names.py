"""Ids of the original, which may be anything, made into ids of ours."""

from __future__ import annotations

from collections.abc import Iterable

from wg.errors import WgError
from wg.graph import ids


def mapped(old: Iterable[str]) -> dict[str, str]:
    """An id for each: the same where it can be one, else its words, with a number where those are taken.

    It depends on nothing but the names, so that a second import finds the tasks of the first one.
    """
    names = sorted(set(old))
    found = {name: name for name in names if _is_valid(name)}
    taken = set(found)
    for name in names:
        if name not in found:
            found[name] = _free(ids.slug(name), taken)
            taken.add(found[name])
    return found


def _is_valid(name: str) -> bool:
    try:
        ids.require_id(name)
    except WgError:
        return False
    return True


def _free(base: str, taken: set[str]) -> str:
    number, name = 2, base
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
