"""The messages so far, and what is left out of them so that they fit into the model's context.

First old tool results are trimmed, then all but the task and the last few messages is replaced by a summary. The
system prompt and the messages that say what is to be done are never touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wg.nex.answer import Answer
from wg.nex.journal import Journal, Message

_BYTES_A_TOKEN = 3.5  # a guess, until the endpoint has counted
_FULL, _ROOMY = 0.75, 0.5  # of the window: when something has to go, and what is left then at most
_GROWTH = 0.1  # of the window: what has to be added before room is made again, where little could be left out
_KEPT_RESULTS, _LEAST_RESULTS = 4, 1  # the last ones, whole; the smaller number where even that is too long
_KEPT_MESSAGES = 6  # the last ones, beside a summary
_WORTH = 400  # characters; shorter results stay
SUMMARISE = (
    "Your context is nearly full. Write a summary of the work so far for yourself, from which you can go on without "
    "the messages before it: what was found out (with file names and exact names), what was changed, what was tried "
    "and failed, and what is left to do. Answer with the summary alone."
)
_SUMMARY = "Summary of the work so far, which replaces the messages before this one:\n\n"
_NO_SUMMARY = "Messages were left out here, because the context was full. Look at the files for what has been done."


class Conversation:
    """What the model is sent, with a journal of it."""

    def __init__(self, journal: Journal, window: int) -> None:
        self.messages: list[Message] = []
        self._journal = journal
        self._window = window  # tokens
        self._counted = 0  # tokens that the endpoint counted, of the first so many messages
        self._counted_messages = 0
        self._least = 0  # tokens that were left when room was made the last time

    def add(self, message: Message) -> None:
        """Append a message, having noted it."""
        self._journal.message(message)
        self.messages.append(message)

    def resume(self, messages: list[Message]) -> None:
        """Begin with what another run has left."""
        self.messages = list(messages)
        self._journal.compacted(self.messages)

    def answered(self, answer: Answer) -> None:
        """Append the model's message; what it has used tells how long the conversation is."""
        if answer.usage is not None:
            self._journal.usage(answer.usage)
        self.add(answer.message())
        if answer.usage is not None and answer.usage.input:
            if self._least and not self._counted:  # what room was made for: now it is known, and not guessed
                self._least = answer.usage.input
            self._counted = answer.usage.input + answer.usage.output
            self._counted_messages = len(self.messages)

    @property
    def tokens(self) -> int:
        """How long it is, as far as that is known."""
        return self._counted + _guess(self.messages[self._counted_messages :])

    @property
    def is_full(self) -> bool:
        """Whether something has to go before the next request."""
        return self.tokens > max(self._window * _FULL, self._least + self._window * _GROWTH)

    @property
    def excess(self) -> str:
        """Why it can never fit, for people; "" where it can."""
        said = _guess([message for message in self.messages if _is_kept(message)])
        if said <= self._window:
            return ""
        return (
            f"the task alone takes about {said} tokens, and the context holds {self._window}: make the task shorter, "
            "or raise executors.nex.context_window if the model can take more"
        )

    def make_room(self, ask: Callable[[list[Message]], Answer | None]) -> str:
        """Trim old tool results, or else summarise by `ask`, which may fail.

        Returns what was done, for people; "" where nothing could be left out.
        """
        before, guessed = self.tokens, _guess(self.messages)
        trimmed = self._trim(_KEPT_RESULTS)
        if trimmed and _guess(self.messages) <= self._window * _ROOMY:
            what = f"{trimmed} old tool results trimmed"
        else:
            what = self._summarise(ask)
        if _guess(self.messages) > self._window * _FULL:
            self._trim(_LEAST_RESULTS)
        self._journal.compacted(self.messages)
        self._counted = self._counted_messages = 0
        self._least = self.tokens
        if self._least >= guessed:
            return ""
        return f"the context was nearly full ({before} of {self._window} tokens): {what}"

    def _trim(self, kept: int) -> int:
        results = [index for index, message in enumerate(self.messages) if message.get("role") == "tool"]
        trimmed = 0
        for index in results[:-kept]:
            text = str(self.messages[index].get("content", ""))
            if len(text) > _WORTH:
                left = f"[{len(text)} characters of this result were left out; make the call again if it is needed]"
                self.messages[index] = {**self.messages[index], "content": left}
                trimmed += 1
        return trimmed

    def _summarise(self, ask: Callable[[list[Message]], Answer | None]) -> str:
        """Kept are what stands at the beginning, everything that a person or the dispatcher has said, and the end.

        Returns what was done, for people.
        """
        end = self._end()
        middle = [message for message in self.messages[:end] if not _is_kept(message)]
        if _size(middle) < _WORTH:
            return "old tool results trimmed"
        answer = ask([*self.messages[:end], {"role": "user", "content": SUMMARISE}])
        summary = answer.text.strip() if answer is not None else ""
        text = f"{_SUMMARY}{summary}" if summary else _NO_SUMMARY
        kept = [message for message in self.messages[:end] if _is_kept(message)]
        # marked by its beginning: the next summary takes its place
        self.messages = [*kept, {"role": "user", "content": text}, *self.messages[end:]]
        return "what was done so far is summarised" if summary else "old messages are left out, without a summary"

    def _end(self) -> int:
        """Where the last few messages begin: never between a call and its results."""
        end = max(len(self.messages) - _KEPT_MESSAGES, 0)
        while end < len(self.messages) and self.messages[end].get("role") == "tool":
            end += 1
        return end


def _size(messages: list[Message]) -> int:
    """In bytes: letters beside ASCII are several, and about as many tokens."""
    return sum(len(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")) for message in messages)


def _guess(messages: list[Message]) -> int:
    """How many tokens they are, about."""
    return int(_size(messages) / _BYTES_A_TOKEN)


def _is_kept(message: dict[str, Any]) -> bool:
    content = str(message.get("content", ""))
    return message.get("role") in ("system", "user") and not content.startswith((_SUMMARY, _NO_SUMMARY))
