"""Asking for a stream, and what comes, read within bounds: none of it is trusted, and an answer may not end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

from wg.errors import WgError
from wg.records import NamedTuple

T = TypeVar("T")
CONNECT_SECONDS = 10.0
_DATA = b"data:"
_COUNTED = "stream_options"


class EndlessError(Exception):
    """More came than any answer has; the text says how much."""


class Bounds(NamedTuple):
    """The most bytes that are read of one answer, and of one event in it."""

    answer: int
    event: int


def ask(body: dict[str, Any], send: Callable[[dict[str, Any]], T]) -> T:
    """What `send` gives for `body` as a request for a stream that counts its tokens. Raises what `send` does.

    Older servers do not know how to be asked to count, and some of these refuse it: they are asked without.
    """
    body = {**body, "stream": True}
    try:
        return send({**body, _COUNTED: {"include_usage": True}})
    except WgError as error:
        if _COUNTED not in error.message:
            raise
        return send(body)


def whole(response: httpx.Response, bounds: Bounds) -> str:
    """The body. Raises EndlessError."""
    received = bytearray()
    for chunk in response.iter_bytes():
        received += chunk
        _hold(len(received), bounds.answer)
    return received.decode("utf-8", "replace")


def events(response: httpx.Response, bounds: Bounds) -> Iterator[str]:
    """The data of each server-sent event; comments, names and empty lines are skipped. Raises EndlessError."""
    rest = bytearray()
    total = 0
    for chunk in response.iter_bytes():
        total += len(chunk)
        _hold(total, bounds.answer)
        rest += chunk
        *lines, last = rest.split(b"\n")
        rest = bytearray(last)
        _hold(len(rest), bounds.event)
        yield from (_text(line) for line in lines if line.startswith(_DATA))
    if rest.startswith(_DATA):
        yield _text(rest)


def is_stream(response: httpx.Response) -> bool:
    """Whether events come, or all at once."""
    return "text/event-stream" in response.headers.get("content-type", "")


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON object that it is; None if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(line: bytes | bytearray) -> str:
    return line[len(_DATA) :].decode("utf-8", "replace").strip()


def _hold(size: int, most: int) -> None:
    if size > most:
        raise EndlessError(f"more than {most // 1024**2} MB came")
