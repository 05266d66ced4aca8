"""The journal of one run: its whole conversation, one JSON object a line, from which a killed run is resumed.

    {"type": "start", "session": …, "model": …, "url": …}
    {"type": "message", "message": {…}}      as it goes over the wire
    {"type": "begun", "id": …}               a tool call that is being carried out; its result is a later message
    {"type": "usage", "input": …, …}         of one answer
    {"type": "compacted", "messages": […]}   the conversation is this from here on

A line is written before what it says has consequences, so a run that is killed at any moment has at most one call
whose outcome nobody knows. Half a line at the end is what a kill leaves, and is passed over. A file may have several
runs, one after the other: each "start" begins anew; the conversation that it goes on with, if any, is the next line.
"""

from __future__ import annotations

import json
import os
import stat
from typing import Any

from wg.executors.events import dicts_at, events, text_at
from wg.nex.answer import Usage
from wg.records import NamedTuple

Message = dict[str, Any]
UNKNOWN_OUTCOME = (
    "This call was being carried out when the run was interrupted: whether it took effect is not known. "
    "Look before you repeat it."
)
NOT_BEGUN = "This call was not carried out: the run was interrupted before it. Make it again if it is still needed."


class Journal:
    """Appends to the file at `path`, which is made, and private (0600) also where it was there. Raises OSError."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        found = os.fstat(self._fd)
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
            os.fchmod(self._fd, 0o600)
        if found.st_size:
            self._write(b"\n")  # it may end in half a line

    def start(self, session: str, model: str, url: str) -> None:
        """The first line."""
        self._append({"type": "start", "session": session, "model": model, "url": url})

    def message(self, message: Message) -> None:
        """A message that belongs to the conversation from now on."""
        self._append({"type": "message", "message": message})

    def begun(self, call_id: str) -> None:
        """That call is carried out now."""
        self._append({"type": "begun", "id": call_id})

    def usage(self, usage: Usage) -> None:
        """What an answer has used."""
        self._append({"type": "usage", **usage._asdict()})

    def compacted(self, messages: list[Message]) -> None:
        """The conversation is this from now on."""
        self._append({"type": "compacted", "messages": messages})

    def sync(self) -> None:
        """Have it on the disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)

    def _append(self, entry: dict[str, Any]) -> None:
        self._write(json.dumps(entry, ensure_ascii=True).encode("ascii") + b"\n")

    def _write(self, line: bytes) -> None:
        written = 0
        while written < len(line):  # a full disk raises OSError in the end
            written += os.write(self._fd, line[written:])


class Past(NamedTuple):
    """What a journal says of the run that wrote it."""

    session: str
    messages: list[Message]  # every tool call in it has a result


def read(path: str) -> Past | None:
    """The conversation as far as it had come; None where there is none to go on with."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    session = ""
    messages: list[Message] = []
    begun: set[str] = set()
    anew = False  # what a run before this one said counts until this one has said something
    for entry in events(text):
        kind = entry.get("type")
        if kind == "start":
            session, anew = text_at(entry, "session"), True
        elif kind == "message" and isinstance(entry.get("message"), dict):
            messages = [] if anew else messages
            anew = False
            messages.append(entry["message"])
            if entry["message"].get("tool_calls"):
                begun.clear()  # some endpoints use the same ids again
        elif kind == "compacted":
            messages, anew = dicts_at(entry, "messages"), False
        elif kind == "begun":
            begun.add(text_at(entry, "id"))
    return Past(session, _completed(messages, begun)) if messages else None


def _completed(messages: list[Message], begun: set[str]) -> list[Message]:
    """With a result for every call of the last answer: an endpoint refuses a conversation without them."""
    last = max((index for index, one in enumerate(messages) if one.get("tool_calls")), default=None)
    if last is None:
        return messages
    answered = {one.get("tool_call_id") for one in messages[last:] if one.get("role") == "tool"}
    missing = [
        {"role": "tool", "tool_call_id": call["id"], "content": UNKNOWN_OUTCOME if call["id"] in begun else NOT_BEGUN}
        for call in messages[last]["tool_calls"]
        if call["id"] not in answered
    ]
    end = last + 1 + len(answered)
    return [*messages[:end], *missing, *messages[end:]]
