"""A model's message, put together from the pieces of a stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wg.executors.events import cost_at, count_at
from wg.records import NamedTuple
from wg.text import whole_characters

MOST_CALLS = 128  # in one message
_SAID = ("content", "reasoning_content", "reasoning")  # where pieces of text come; not all servers use the same names


class Usage(NamedTuple):
    """What one answer has used, as the endpoint counts."""

    input: int  # tokens, the cached ones included
    cached: int
    output: int
    cost: float | None  # US dollars, None where the endpoint gives none


class Call(NamedTuple):
    """A tool call, as the model wrote it: its arguments may be anything."""

    id: str
    name: str
    arguments: str


class Answer(NamedTuple):
    """One message of the model."""

    text: str
    calls: tuple[Call, ...]
    usage: Usage | None  # None where the endpoint does not count
    finish: str  # why it ended: "stop", "tool_calls", "length", … or ""

    def message(self) -> dict[str, Any]:
        """As it goes back to the endpoint in the next request."""
        made: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.calls:
            made["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.calls
            ]
        return made

    def changed(self, change: Callable[[str], str]) -> Answer:
        """The same with `change` made to everything that the model or the endpoint has put into it."""
        calls = tuple(Call(change(call.id), change(call.name), change(call.arguments)) for call in self.calls)
        return self._replace(text=change(self.text), calls=calls, finish=change(self.finish))


class _Piece:
    """A call that is not complete yet."""

    def __init__(self, given: str, made: str) -> None:
        self.given = given  # its id as the endpoint says, "" for none
        self.id = given or made
        self.name = ""
        self.arguments: list[str] = []

    def is_over(self, id: str, name: str, has_index: bool) -> bool:
        """Whether a piece with these begins another call: by a name, with another id, or with neither id nor index.

        Another id alone does not: some servers make up a new one for each piece.
        """
        if not (self.name and name):
            return False
        return id != self.given if id else not has_index


class Assembly:
    """Takes in one event after the other."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.is_ended = False  # a reason was given why the message ends
        self.size = 0  # characters so far, those of calls and of what the model thinks aloud included
        self._say = say
        self._texts: list[str] = []
        self._calls: list[_Piece] = []
        self._known: dict[object, _Piece] = {}  # the last call of each index, or of each id where there is no index
        self._last: _Piece | None = None
        self._usage: Usage | None = None
        self._finish = ""

    def take(self, event: dict[str, Any]) -> None:
        """One chunk of a stream, or the whole of an answer that was not streamed."""
        if isinstance(event.get("usage"), dict):
            self._usage = _usage(event)
        choices = event.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        choice = choices[0]
        delta = choice.get("delta") or choice.get("message") or {}
        if isinstance(delta, dict):
            self._take_delta(delta)
        if isinstance(choice.get("finish_reason"), str):
            self._finish = choice["finish_reason"]
            self.is_ended = True

    def answer(self) -> Answer:
        """What has come, in characters that can be written down and sent back."""
        pieces = [piece for piece in self._calls if piece.name or piece.arguments]
        calls = tuple(Call(piece.id, piece.name, "".join(piece.arguments)) for piece in pieces)
        return Answer("".join(self._texts), calls, self._usage, self._finish).changed(whole_characters)

    def _take_delta(self, delta: dict[str, Any]) -> None:
        text = delta.get("content")
        if isinstance(text, str) and text:
            self._texts.append(text)
            self._say(text)
        self.size += sum(len(said) for name in _SAID if isinstance(said := delta.get(name), str))
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            if isinstance(call, dict):
                self._take_call(call)

    def _take_call(self, call: dict[str, Any]) -> None:
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        name = _text(function, "name")
        piece = self._piece(call.get("index"), _text(call, "id"), name)
        if piece is None:
            return
        piece.name = piece.name or name
        arguments = function.get("arguments")
        if isinstance(arguments, dict):  # some give the object itself
            arguments = json.dumps(arguments)
        if isinstance(arguments, str):
            piece.arguments.append(arguments)
            self.size += len(arguments)

    def _piece(self, index: object, id: str, name: str) -> _Piece | None:
        """The call that a piece belongs to: by its index, else its id, else the last one. None if too many come."""
        has_index = isinstance(index, int)
        key = index if has_index else id or None
        found = self._known.get(key) if has_index else self._known.get(key, self._last)
        if found is None or found.is_over(id, name, has_index):
            if len(self._calls) >= MOST_CALLS:
                return None
            found = _Piece(id, f"call_{len(self._calls)}")
            self._calls.append(found)
        self._last = found
        if key is not None:
            self._known[key] = found
        return found


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _usage(event: dict[str, Any]) -> Usage:
    cached = count_at(event, "usage", "prompt_tokens_details", "cached_tokens")
    return Usage(
        count_at(event, "usage", "prompt_tokens"),
        cached,
        count_at(event, "usage", "completion_tokens"),
        cost_at(event, "usage", "cost"),
    )
