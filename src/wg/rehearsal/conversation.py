"""What one request to the model holds, whichever interface it came by, and what is answered to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wg.records import NamedTuple
from wg.rehearsal.script import Call, Usage

Body = dict[str, Any]
Event = dict[str, Any]

USER, TEXT, CALLED, RESULT, SYSTEM = "user", "text", "called", "result", "system"
_MOST_PIECES, _SMALLEST_PIECE = 40, 12  # that a text is streamed in; characters
# A summary takes the place of tool results, which would be missed when counting: it says how many there were.
_SUMMARY = "A summary by the rehearsal, which understands nothing. [rehearsed so far: {}]"
_SO_FAR = re.compile(r"\[rehearsed so far: (\d+)\]")
_CALL_ID = re.compile(r"_\d+_(\d+)_\d+$")  # as `Answer.mark` makes them: how much was done before the call
_ASKS_FOR_SUMMARY = re.compile("summar", re.IGNORECASE)


class Item(NamedTuple):
    """One thing in a conversation."""

    kind: str  # USER (somebody's words), TEXT (the model's), CALLED or RESULT (of a tool), SYSTEM
    text: str = ""  # of CALLED the id of the call


class Request(NamedTuple):
    """One request for an answer."""

    model: str
    items: tuple[Item, ...]
    tools: dict[str, Body]  # by name, the JSON schema of its arguments
    stream: bool

    @property
    def prompts(self) -> list[int]:
        """Where the words of others stand, the last ones last."""
        return [at for at, item in enumerate(self.items) if item.kind == USER]

    def done_since(self, prompt: int) -> int:
        """How many tool results and answers of text alone came after the item at `prompt`.

        What was left out to save room counts, too, if the summary of it (in the prompt or behind it) or the next call
        says how much it was.
        """
        done = 0
        for at in range(max(0, prompt), len(self.items)):
            kind, text = self.items[at]
            before = (_CALL_ID if kind == CALLED else _SO_FAR).search(text)
            following = self.items[at + 1].kind if at + 1 < len(self.items) else ""
            if before:
                done = int(before[1])
            elif kind == RESULT or (kind == TEXT and following == USER):
                done += 1
        return done

    def asks_for_summary(self) -> bool:
        """Whether it is the client's own request to shorten the conversation."""
        prompts = self.prompts
        return bool(not self.tools and prompts and _ASKS_FOR_SUMMARY.search(self.items[prompts[-1]].text))

    def summarised(self) -> Request:
        """What a request for a summary is about: the messages before it."""
        return self._replace(items=self.items[: self.prompts[-1]])


def summary(done: int) -> str:
    """What a summarising model would say, with what `done_since` needs to go on."""
    return _SUMMARY.format(done)


class ToolCall(NamedTuple):
    """One tool call in the words of the client."""

    name: str
    arguments: str  # as text; it may be invalid JSON on purpose


class Answer(NamedTuple):
    """One answer, before an interface puts it into its own form."""

    model: str
    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    mark: str  # for ids: no other answer of the conversation has the same, and it says how much was done before


class Interface(NamedTuple):
    """One of the interfaces of a model: how a request is read, and how an answer is said."""

    name: str
    read: Callable[[Body], Request]
    call: Callable[[Call, Request], ToolCall | None]  # None: the client offers no tool for that
    whole: Callable[[Body, Answer], Body]
    stream: Callable[[Body, Answer], list[tuple[str, Event | str]]]  # (name of the event or "", what it says)


def pieces(text: str) -> list[str]:
    """`text` as it is streamed: in several parts, if it is not very short."""
    size = max(_SMALLEST_PIECE, -(-len(text) // _MOST_PIECES))
    return [text[start : start + size] for start in range(0, len(text), size)]


def text_of(content: Any) -> str:
    """The text of one message, which is a text or a list of parts.

    The reminders that claude puts before its prompt are left out.
    """
    if isinstance(content, str):
        return content
    texts = [part["text"] for part in content or [] if "text" in part]
    return "\n".join(text for text in texts if not text.startswith("<system-reminder>"))
