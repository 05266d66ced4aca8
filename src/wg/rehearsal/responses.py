"""OpenAI Responses, which codex speaks."""

from __future__ import annotations

import json
from typing import Any

from wg.rehearsal.chat import writing
from wg.rehearsal.conversation import (
    CALLED,
    RESULT,
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

_SHELL = "exec_command"
_ARGUMENTS = {"function_call": "arguments", "custom_tool_call": "input"}  # where each kind of call has them
_RESULTS = ("function_call_output", "custom_tool_call_output")


def read(body: Body) -> Request:
    """The input, which is a list of items or, from simple clients, the prompt itself."""
    entries = body["input"]
    if isinstance(entries, str):
        entries = [{"role": "user", "content": entries}]
    items = [item for entry in entries for item in _items(entry)]
    tools = {tool["name"]: tool.get("parameters") or {} for tool in body.get("tools") or [] if "name" in tool}
    if _in_code(body):
        tools[_SHELL] = {}
    return Request(body["model"], tuple(items), tools, body.get("stream") is True)


def call(wanted: Call, request: Request) -> ToolCall | None:
    """In the names of codex, whose files are written by its shell."""
    if wanted.verb == CALL:
        return ToolCall(wanted.subject, wanted.text)
    if not request.tools:
        return None
    command = writing(wanted) if wanted.verb == WRITE else wanted.subject
    return ToolCall(_SHELL, json.dumps({"cmd": command}))


def whole(body: Body, answer: Answer) -> Body:
    """The answer in one object."""
    return _response(answer, "completed") | {"output": _output(body, answer), "usage": _usage(answer)}


def stream(body: Body, answer: Answer) -> list[tuple[str, Event | str]]:
    """The answer in parts: each item of the output begins, grows and ends."""
    events: list[Event] = [{"type": "response.created", "response": _response(answer, "in_progress")}]
    for index, item in enumerate(_output(body, answer)):
        events += _growing(index, item)
    events.append({"type": "response.completed", "response": whole(body, answer)})
    return [(event["type"], event) for event in events]


def _items(entry: Any) -> list[Item]:
    kind, role = entry.get("type"), entry.get("role")
    if role == "user":
        return [Item(USER, text_of(entry["content"]))]
    if role == "assistant":
        return [Item(TEXT, text_of(entry["content"]))]
    if kind in _ARGUMENTS:
        return [Item(CALLED, str(entry.get("call_id")))]
    return [Item(RESULT)] if kind in _RESULTS else []


def _in_code(body: Body) -> bool:
    """Newer models of codex have no tools of their own: they write a program that calls them (REAL-CLIS.md)."""
    entries = body["input"]
    return isinstance(entries, list) and any(entry.get("type") == "additional_tools" for entry in entries)


def _output(body: Body, answer: Answer) -> list[Body]:
    output: list[Body] = []
    if answer.text:
        content = [{"type": "output_text", "text": answer.text, "annotations": []}]
        output.append({"type": "message", "role": "assistant", "id": f"msg_{answer.mark}", "content": content})
    for index, made in enumerate(answer.calls):
        name = f"{answer.mark}_{index}"
        if _in_code(body):
            program = f"const r = await tools.{made.name}({made.arguments}); text(r.output)"
            item = {"type": "custom_tool_call", "name": "exec", "namespace": "functions", "input": program}
            output.append(item | {"id": f"ctc_{name}", "call_id": f"call_{name}"})
        else:
            item = {"type": "function_call", "name": made.name, "arguments": made.arguments}
            output.append(item | {"id": f"fc_{name}", "call_id": f"call_{name}"})
    return [item | {"status": "completed"} for item in output]


def _growing(index: int, item: Body) -> list[Event]:
    """An item of the output as it begins, grows and ends."""
    place: Event = {"output_index": index, "item_id": item["id"]}
    begun: list[Event] = []
    ended: list[Event] = []
    if item["type"] == "message":
        key, growing, empty = "text", "response.output_text", item | {"content": []}
        part = item["content"][0]
        text = part["text"]
        place["content_index"] = 0
        begun.append({"type": "response.content_part.added", "part": part | {"text": ""}} | place)
        ended.append({"type": "response.content_part.done", "part": part} | place)
    else:
        key = _ARGUMENTS[item["type"]]
        growing, text, empty = f"response.{item['type']}_{key}", item[key], item | {key: ""}
    return [
        {"type": "response.output_item.added", "output_index": index, "item": empty | {"status": "in_progress"}},
        *begun,
        *({"type": f"{growing}.delta", "delta": piece} | place for piece in pieces(text)),
        {"type": f"{growing}.done", key: text} | place,
        *ended,
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ]


def _response(answer: Answer, status: str) -> Body:
    return {"id": f"resp_{answer.mark}", "object": "response", "model": answer.model, "output": [], "status": status}


def _usage(answer: Answer) -> Body:
    usage = answer.usage
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input + usage.output,
    }


RESPONSES = Interface("responses", read, call, whole, stream)
