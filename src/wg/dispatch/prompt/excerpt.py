"""Texts of others inside a prompt: printable, bounded, and set in, so that none can pass for the prompt's own."""

from __future__ import annotations

from wg.text import printable


def one_line(text: str, limit: int) -> str:
    """`text` as a line of at most `limit` characters."""
    shown = printable(" ".join(text[: limit * 2].split()))
    return f"{shown[: limit - 1]}…" if len(shown) > limit or len(text) > limit * 2 else shown


def block(text: str, limit: int, more: str, indent: str = "  ") -> str:
    """`text` as lines that begin with `indent`; what is beyond `limit` characters is left out, and said to be.

    `more` is the command that shows all of it.
    """
    text = text.strip("\n")
    shown = printable(text[:limit].replace("\r\n", "\n"), multiline=True)
    left_out = max(len(text), len(shown)) - limit
    shown = shown[:limit].rstrip()
    if left_out > 0:
        shown += f"\n[{left_out:,} more characters are left out here; {more} shows them]"
    return "\n".join(f"{indent}{line}".rstrip() for line in shown.split("\n"))


def listed(texts: list[str], limit: int, separator: str = ", ") -> str:
    """The first `limit` of `texts`, and how many more there are."""
    rest = len(texts) - limit
    return separator.join(texts[:limit]) + (f"{separator}and {rest} more" if rest > 0 else "")
