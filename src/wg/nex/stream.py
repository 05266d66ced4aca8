"""Asking for a stream, and what comes, read within bounds: none of it is trusted, and an answer may not end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

from wg.errors import WgError
from wg.nex import sse
from wg.records import NamedTuple

T = TypeVar("T")
CONNECT_SECONDS = 10.0
DONE = "[DONE]"  # the data of the last event
_COUNTED = "stream_options"
_PEEKED = 64 * 1024  # bytes in which something must be said


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


class Body:
    """The body of a response. Its beginning is read, which shows whether events come, or all at once.

    The media type alone does not: proxies lose it, and whole answers and errors come with that of a stream. Everything
    here raises EndlessError.
    """

    def __init__(self, response: httpx.Response, bounds: Bounds) -> None:
        self._bounds = bounds
        self._chunks = self._held(response.iter_bytes())
        self._begun = self._peek()
        named = "text/event-stream" in response.headers.get("content-type", "").lower()
        self.is_stream = sse.is_event(self._begun) or (named and not self._begun.startswith(b"{"))

    def whole(self) -> str:
        """All of it as text."""
        return b"".join(self._all()).decode("utf-8", "replace")

    def events(self) -> Iterator[str]:
        """The data of each event, as it comes."""
        return sse.events(self._all(), _is_whole, lambda size: _hold(size, self._bounds.event))

    def _all(self) -> Iterator[bytes]:
        yield self._begun
        yield from self._chunks

    def _peek(self) -> bytes:
        begun = bytearray()
        for chunk in self._chunks:
            begun += chunk
            if len(sse.beginning(begun)) >= sse.ENOUGH or len(begun) > _PEEKED:
                break
        return sse.beginning(begun)

    def _held(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        total = 0
        for chunk in chunks:
            total += len(chunk)
            _hold(total, self._bounds.answer)
            yield chunk


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON object that it is; None if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_whole(data: str) -> bool:
    return data.strip() == DONE or parsed(data) is not None


def _hold(size: int, most: int) -> None:
    if size > most:
        raise EndlessError(f"more than {most // 1024**2} MB came")
