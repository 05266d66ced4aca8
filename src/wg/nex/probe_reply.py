"""What one answer of a model shows of its endpoint: when its pieces came, what was counted, which tools were called."""

from __future__ import annotations

import time
from typing import Any

from wg.nex.answer import Answer, Assembly
from wg.records import NamedTuple

_MOST_TEXT = 20_000  # characters after which an answer is left: a model that thinks aloud may take thousands


class Reply(NamedTuple):
    """One answer. Times are in seconds since the request."""

    answer: Answer
    pieces: int  # in which the text came
    first: float | None  # until the first piece of anything; None where nothing came
    total: float
    ended: bool  # False where it was left before its end
    is_stream: bool  # False where all came at once


class Reading:
    """Takes in what comes, one event after the other. `begun` is the monotonic time of the request."""

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._pieces = 0
        self._first: float | None = None
        self._assembly = Assembly(self._heard)

    @property
    def is_long(self) -> bool:
        """Whether enough has come."""
        return self._assembly.size > _MOST_TEXT

    @property
    def is_ended(self) -> bool:
        """Whether the endpoint gave a reason for the end."""
        return self._assembly.is_ended

    def take(self, event: dict[str, Any]) -> None:
        """One event of a stream, or the whole of an answer that is not streamed."""
        self._assembly.take(event)
        if self._assembly.size and self._first is None:
            self._first = time.monotonic() - self._begun

    def reply(self, *, ended: bool = True, is_stream: bool = True) -> Reply:
        """What has come."""
        total = time.monotonic() - self._begun
        return Reply(self._assembly.answer(), self._pieces, self._first, total, ended, is_stream)

    def _heard(self, text: str) -> None:
        self._pieces += 1
