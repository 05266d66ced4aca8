"""Ids of tasks: readable, and safe as names of files and git branches (fault F30)."""

from __future__ import annotations

import os
from collections.abc import Callable

from wg.errors import WgError

SLUG_LENGTH = 40
ID_LENGTH = 80
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_OTHER = _FIRST | frozenset("._-")
_SUFFIX_LETTERS = "bcdfghjkmnpqrstvwxz"  # no vowels: no words by accident; none that look like digits
_PLAIN_SUFFIXES = 9


def slug(title: str) -> str:
    """The words of `title` that fit SLUG_LENGTH, lower case ASCII, joined with "-"; "task" if none is left."""
    found = ""
    for word in _words(title):
        longer = f"{found}-{word}" if found else word[:SLUG_LENGTH]
        if len(longer) > SLUG_LENGTH:
            break
        found = longer
    return found or "task"


def unused(title: str, taken: Callable[[str], bool]) -> str:
    """An id for `title` that is not `taken`: the slug, else with -2 to -9 behind it, else with random letters."""
    base = slug(title)
    if not taken(base):
        return base
    for number in range(2, _PLAIN_SUFFIXES + 1):
        if not taken(f"{base}-{number}"):
            return f"{base}-{number}"
    while True:
        letters = "".join(_SUFFIX_LETTERS[byte % len(_SUFFIX_LETTERS)] for byte in os.urandom(5))
        if not taken(f"{base}-{letters}"):
            return f"{base}-{letters}"


def require_id(task_id: str) -> None:
    """WgError unless `task_id` can be an id: it becomes a directory's and a branch's name."""
    allowed = task_id[:1] in _FIRST and _OTHER.issuperset(task_id) and len(task_id) <= ID_LENGTH
    if not task_id or not allowed or ".." in task_id or task_id.endswith((".", ".lock")):
        raise WgError(
            f"{task_id!r} cannot be a task's id",
            f"ids are 1 to {ID_LENGTH} of a-z 0-9 . _ - and begin with a letter or digit; they contain no '..' and "
            "end in neither '.' nor '.lock'",
        )


def _words(title: str) -> list[str]:
    ascii_title = title if title.isascii() else _to_ascii(title)
    return "".join(c if c in _FIRST else " " for c in ascii_title.lower().replace("'", "")).split()


def _to_ascii(title: str) -> str:
    import unicodedata  # only for titles that are not ASCII

    return unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
