"""A model's message, put together from the pieces of a stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wg.executors.events import cost_at, count_at
from wg.records import NamedTuple
from wg.text import whole_characters

MOST_CALLS = 128  # in one message
_THOUGHT = ("reasoning_content", "reasoning")  # where what it thinks comes; not all servers use the same names
_TOLD = 300  # characters of a refusal that are told
FILTERED = "content_filter"  # as a reason for the end


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
    refusal: str = ""  # in the model's words, where it says so in a field of its own
    has_thought: bool = False

    @property
    def lack(self) -> str:
        """Why there is no text, or not all of it, as far as that is known; for people."""
        if self.refusal:
            return f"the model refuses: {self.refusal[:_TOLD]}"
        if self.finish == FILTERED:
            return "a content filter of the endpoint held it back"
        if self.finish == "length":
            return "it was cut off at the longest that the endpoint allows, which what the model thinks counts towards"
        return "the model has only thought, and answered nothing" if self.has_thought and not self.text.strip() else ""

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
        return self._replace(
            text=change(self.text), calls=calls, finish=change(self.finish), refusal=change(self.refusal)
        )


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
        self._refusals: list[str] = []
        self._has_thought = False

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
        text, refusal = "".join(self._texts), "".join(self._refusals)
        answer = Answer(text, calls, self._usage, self._finish, refusal, self._has_thought)
        return answer.changed(whole_characters)

    def _take_delta(self, delta: dict[str, Any]) -> None:
        if text := _content(delta.get("content")):
            self._texts.append(text)
            self._say(text)
        refusal = _text(delta, "refusal")
        self._refusals.append(refusal)
        thought = sum(len(_text(delta, name)) for name in _THOUGHT)
        self._has_thought = self._has_thought or thought > 0
        self.size += len(text) + len(refusal) + thought
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


def _content(content: object) -> str:
    """The text of a message's content, which some send as a list of parts, of which not all are text."""
    if isinstance(content, list):
        return "".join(_text(part, "text") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


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
