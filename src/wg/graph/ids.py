"""Ids and texts of tasks: readable, and safe as file names and git branches (fault F30)."""

from __future__ import annotations

import os
from collections.abc import Callable

from wg.errors import WgError

SLUG_LENGTH = 40
ID_LENGTH = 80
TITLE_LENGTH = 500
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_OTHER = _FIRST | frozenset("._-")
_SUFFIX_LETTERS = "bcdfghjkmnpqrstvwxz"  # no vowels: no words by accident; none that look like digits
_PLAIN_SUFFIXES = 9


def slug(title: str) -> str:
    """The whole words of `title` that fit SLUG_LENGTH, in lower case ASCII, joined with "-"; "task" if none is left."""
    found = ""
    for word in _words(title):
        longer = f"{found}-{word}" if found else word[:SLUG_LENGTH]
        if len(longer) > SLUG_LENGTH:
            break
        found = longer
    return found or "task"


def unused(title: str, taken: Callable[[str], bool]) -> str:
    """An id for `title` that is not `taken`: the slug, else the slug with -2 to -9, else with random letters."""
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
            f"ids are 1 to {ID_LENGTH} of a-z 0-9 . _ - and begin with a letter or digit; no '..', no '.' or '.lock' at the end",
        )


def require_title(title: str) -> None:
    """WgError unless `title` is one line of printable text."""
    if not title.strip():
        raise WgError("a task needs a title", 'wg add "what is to be done"')
    require_text(title, "the title")
    if not title.isprintable():
        raise WgError("the title contains a control character or a newline", "put longer text into -d")
    if len(title) > TITLE_LENGTH:
        raise WgError(
            f"the title has {len(title)} characters, more than {TITLE_LENGTH}", "put longer text into -d"
        )


def require_text(text: str, what: str) -> None:
    """WgError if `text` cannot be stored: a NUL, or bytes that were no UTF-8. `what` names it: "the title"."""
    if "\0" in text:
        raise WgError(f"{what} contains a NUL character", "remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WgError(f"{what} is not valid UTF-8", "convert it to UTF-8") from None


def storable(text: str) -> str:
    """`text` with what cannot be stored replaced by "?": for what agents print, which must never be refused."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


def _words(title: str) -> list[str]:
    ascii_title = title if title.isascii() else _to_ascii(title)
    return "".join(c if c in _FIRST else " " for c in ascii_title.lower().replace("'", "")).split()


def _to_ascii(title: str) -> str:
    import unicodedata  # only for titles that are not ASCII

    return unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
