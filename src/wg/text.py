"""Text that came from somewhere else, made safe to print (fault F30)."""

from __future__ import annotations


def printable(text: str, *, multiline: bool = False) -> str:
    """`text` with every control character shown as an escape, so that it cannot drive a terminal.

    With `multiline`, newlines and tabs stay.
    """
    if text.isprintable():
        return text
    keep = "\n\t" if multiline else ""
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def whole_characters(text: str) -> str:
    """`text` with a replacement character for each half of a surrogate pair: nothing can encode such a half.

    Models send them (JSON can spell them), and Python makes them of arguments that are not UTF-8. Two halves that
    belong together become the character.
    """
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def closest(word: str, known: list[str]) -> str:
    """The entry of `known` nearest to `word`, or "" when none is near (difflib's ratio of 0.6)."""
    import difflib  # only on the way to an error

    matches = difflib.get_close_matches(word, known, n=1)
    return matches[0] if matches else ""


def duration(seconds: float) -> str:
    """A time span as people read it: `45s`, `3m 20s`, `2h 05m`, `3d 04h`."""
    total = int(seconds)
    if total < 60:
        return f"{total}s"
    if total < 3600:
        return f"{total // 60}m {total % 60:02d}s"
    if total < 86400:
        return f"{total // 3600}h {total % 3600 // 60:02d}m"
    return f"{total // 86400}d {total % 86400 // 3600:02d}h"


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_DIGITS = 9  # more than any use, and far from what a float cannot hold


def parse_duration(text: str) -> float:
    """Seconds of a time span such as `45s`, `30m`, `2h` or `1d`. Raises ValueError saying how to write one."""
    number, unit = text[:-1], text[-1:]
    digits = number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS
    if unit not in _UNITS or not digits or int(number) == 0:
        raise ValueError(f"{text!r} is not a time span; write a number and s, m, h or d, as in 30m")
    return float(int(number) * _UNITS[unit])
