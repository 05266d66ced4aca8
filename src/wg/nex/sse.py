"""Server-sent events, taken out of the bytes as they come. Source: the HTML standard, 9.2.5 and 9.2.6."""

from __future__ import annotations

from collections.abc import Callable, Iterator

_DATA = b"data:"
_BOM = b"\xef\xbb\xbf"
_BEGINNINGS = (_DATA, b"event:", b"id:", b"retry:", b":")  # of a stream; no JSON begins so
ENOUGH = max(map(len, _BEGINNINGS))  # bytes that show whether one begins


def beginning(data: bytes | bytearray) -> bytes:
    """`data` from the first byte on that says something: a byte order mark and empty lines do not."""
    return bytes(data).removeprefix(_BOM).lstrip()


def is_event(begun: bytes) -> bool:
    """Whether a stream of events begins so."""
    return begun.startswith(_BEGINNINGS)


def events(chunks: Iterator[bytes], is_whole: Callable[[str], bool], hold: Callable[[int], None]) -> Iterator[str]:
    """The data of each event; comments, names and what is empty are skipped. `hold` hears how long one event gets.

    Some servers leave out the empty line between two events: data that `is_whole` by itself goes on with no other.
    """
    waiting: list[str] = []  # the lines of an event whose end has not come
    size = 0
    for line in _lines(chunks, hold):
        is_data = line.startswith(_DATA)
        if not line or (is_data and len(waiting) == 1 and is_whole(waiting[0])):
            yield from _joined(waiting)
            waiting, size = [], 0
        if is_data:
            waiting.append(line[len(_DATA) :].removeprefix(b" ").decode("utf-8", "replace"))
            size += len(line)
            hold(size)
    yield from _joined(waiting)


def _joined(lines: list[str]) -> Iterator[str]:
    if data := "\n".join(lines).strip():
        yield data


def _lines(chunks: Iterator[bytes], hold: Callable[[int], None]) -> Iterator[bytes]:
    """Each line without its end, which is CR, LF or both, and may come in two chunks; also one that has none."""
    rest = bytearray()
    has_returned = False  # the chunk before ended with CR
    for chunk in chunks:
        if has_returned and chunk:
            chunk, has_returned = chunk.removeprefix(b"\n"), False
        if chunk:
            has_returned = chunk.endswith(b"\r")
        first, *more = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += first
        for line in more:
            yield bytes(rest)
            rest = bytearray(line)
        hold(len(rest))
    yield bytes(rest)
