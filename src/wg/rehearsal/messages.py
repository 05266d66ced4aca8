"""Anthropic Messages, which claude speaks."""

from __future__ import annotations

import json
from typing import Any

from wg.rehearsal.chat import writing
from wg.rehearsal.conversation import (
    CALLED,
    RESULT,
    SYSTEM,
    TEXT,
    USER,
    Answer,
    Body,
    Event,
    Interface,
    Item,
    Request,
    ToolCall,
    pieces,
    text_of,
)
from wg.rehearsal.script import CALL, WRITE, Call

_SHELL = "Bash"


def read(body: Body) -> Request:
    """The messages; tool results are messages of the user, too."""
    items: list[Item] = []
    for message in body["messages"]:
        content = message["content"]
        parts = [] if isinstance(content, str) else [part["type"] for part in content]
        calls = [] if isinstance(content, str) else [part for part in content if part["type"] == "tool_use"]
        text = text_of(content)
        if message["role"] == "assistant":
            items += [Item(TEXT, text)] * bool(text) + [Item(CALLED, str(made.get("id"))) for made in calls]
        elif "tool_result" in parts:
            items += [Item(RESULT)] * parts.count("tool_result")
        else:  # claude also sends messages of the system, behind the prompt
            items.append(Item(USER if message["role"] == "user" else SYSTEM, text))
    tools = {tool["name"]: tool.get("input_schema") or {} for tool in body.get("tools") or []}
    return Request(body["model"], tuple(items), tools, body.get("stream") is True)


def call(wanted: Call, request: Request) -> ToolCall | None:
    """In the names of claude. A file is written by its shell: its own tool wants an absolute path."""
    if wanted.verb == CALL:
        return ToolCall(wanted.subject, wanted.text)
    if not request.tools:
        return None
    command = writing(wanted) if wanted.verb == WRITE else wanted.subject
    return ToolCall(_SHELL, json.dumps({"command": command, "description": "A command of the rehearsal"}))


def whole(body: Body, answer: Answer) -> Body:
    """The answer in one object. Arguments that are no JSON cannot be said in it, and become none."""
    content = _blocks(answer)
    for block, made in zip(content[bool(answer.text) :], answer.calls, strict=True):
        block["input"] = _parsed(made.arguments)
    if answer.text:
        content[0]["text"] = answer.text
    return _message(answer) | {"content": content, **_stop(answer), "usage": _usage(answer, answer.usage.output)}


def stream(body: Body, answer: Answer) -> list[tuple[str, Event | str]]:
    """The answer in parts: each block begins, grows and ends."""
    events: list[Event] = [{"type": "message_start", "message": _message(answer)}]
    grown = [[{"type": "text_delta", "text": piece} for piece in pieces(answer.text)]] * bool(answer.text)
    grown += [
        [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(made.arguments)]
        for made in answer.calls
    ]
    for index, (block, deltas) in enumerate(zip(_blocks(answer), grown, strict=True)):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    usage = _usage(answer, answer.usage.output)
    events += [{"type": "message_delta", "delta": _stop(answer), "usage": usage}, {"type": "message_stop"}]
    return [(event["type"], event) for event in events]


def _blocks(answer: Answer) -> list[Body]:
    """The blocks as they begin: empty."""
    text: list[Body] = [{"type": "text", "text": ""}] if answer.text else []
    calls = [
        {"type": "tool_use", "id": f"toolu_{answer.mark}_{index}", "name": made.name, "input": {}}
        for index, made in enumerate(answer.calls)
    ]
    return text + calls


def _message(answer: Answer) -> Body:
    message = {"id": f"msg_{answer.mark}", "type": "message", "role": "assistant", "model": answer.model}
    return message | {"content": [], "stop_reason": None, "stop_sequence": None, "usage": _usage(answer, 1)}


def _stop(answer: Answer) -> Body:
    return {"stop_reason": "tool_use" if answer.calls else "end_turn", "stop_sequence": None}


def _usage(answer: Answer, output: int) -> Body:
    usage = answer.usage
    return {
        "input_tokens": max(0, usage.input - usage.cached),
        "cache_read_input_tokens": usage.cached,
        "cache_creation_input_tokens": 0,
        "output_tokens": output,
    }


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return {}


MESSAGES = Interface("messages", read, call, whole, stream)
