"""OpenAI chat completions, which nex and most other clients speak."""

from __future__ import annotations

import json
import shlex
import time
from typing import Any

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
from wg.rehearsal.script import CALL, DEFAULT_CALL, RUN, WRITE, Call

_SHELL, _WRITER = "bash", "write_file"
_EXAMPLES: dict[str, Any] = {"string": "x", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


def read(body: Body) -> Request:
    """The messages, and the functions that are offered."""
    items: list[Item] = []
    for message in body["messages"]:
        role, text = message["role"], text_of(message.get("content"))
        if role == "user":
            items.append(Item(USER, text))
        elif role == "tool":
            items.append(Item(RESULT))
        elif role == "assistant":
            items += [Item(TEXT, text)] * bool(text)
            items += [Item(CALLED, str(made.get("id"))) for made in message.get("tool_calls") or []]
        else:
            items.append(Item(SYSTEM, text))
    functions = [tool["function"] for tool in body.get("tools") or [] if tool.get("type") == "function"]
    tools = {function["name"]: function.get("parameters") or {} for function in functions}
    return Request(body["model"], tuple(items), tools, body.get("stream") is True)


def call(wanted: Call, request: Request) -> ToolCall | None:
    """In the names of nex, else those of whichever offered tool takes such arguments."""
    if wanted.verb == CALL:
        return ToolCall(wanted.subject, wanted.text)
    if wanted.verb == WRITE:
        writer = _tool(request, _WRITER, "path", "content")
        if writer:
            return _called(writer, path=wanted.subject, content=f"{wanted.text}\n")
        return call(Call(RUN, writing(wanted)), request)
    shell = _tool(request, _SHELL, "command")
    if shell:
        return _called(shell, command=wanted.subject)
    if wanted == DEFAULT_CALL and request.tools:
        name, schema = next(iter(request.tools.items()))
        return _called(name, **_example(schema))
    return None


def writing(wanted: Call) -> str:
    """A WRITE as a command."""
    directory, slash, _ = wanted.subject.rpartition("/")
    make = f"mkdir -p -- {shlex.quote(directory)} && " if slash and directory else ""
    return f"{make}printf '%s\\n' {shlex.quote(wanted.text)} > {shlex.quote(wanted.subject)}"


def whole(body: Body, answer: Answer) -> Body:
    """The answer in one object."""
    message: Body = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = [
            {"id": _call_id(answer, index), "type": "function", "function": made._asdict()}
            for index, made in enumerate(answer.calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": _reason(answer)}
    return _head(answer, "chat.completion") | {"choices": [choice], "usage": _usage(answer)}


def stream(body: Body, answer: Answer) -> list[tuple[str, Event | str]]:
    """The answer in parts: its text, then each call's name and the parts of its arguments."""
    deltas: list[Body] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in pieces(answer.text)]
    for index, made in enumerate(answer.calls):
        begun: Body = {
            "id": _call_id(answer, index),
            "type": "function",
            "function": {"name": made.name, "arguments": ""},
        }
        deltas.append({"tool_calls": [{"index": index} | begun]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces(made.arguments)
        ]
    choices: list[Body] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": _reason(answer)})
    head = _head(answer, "chat.completion.chunk")
    with_usage = (body.get("stream_options") or {}).get("include_usage") is True
    nothing_yet = {"usage": None} if with_usage else {}
    chunks: list[Event] = [head | {"choices": [choice]} | nothing_yet for choice in choices]
    if with_usage:
        chunks.append(head | {"choices": [], "usage": _usage(answer)})
    return [*(("", chunk) for chunk in chunks), ("", "[DONE]")]


def _head(answer: Answer, kind: str) -> Body:
    name = f"chatcmpl-{answer.mark}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": answer.model}


def _reason(answer: Answer) -> str:
    return "tool_calls" if answer.calls else "stop"


def _call_id(answer: Answer, index: int) -> str:
    return f"call_{answer.mark}_{index}"


def _usage(answer: Answer) -> Body:
    usage = answer.usage
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }


def _tool(request: Request, name: str, *arguments: str) -> str:
    """The tool of that name, else the first that takes these arguments; "" if there is none."""
    if name in request.tools:
        return name
    fitting = (each for each, schema in request.tools.items() if set(arguments) <= set(schema.get("properties") or {}))
    return next(fitting, "")


def _called(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name, json.dumps(arguments))


def _example(schema: Body) -> Body:
    """Arguments that the schema accepts, as far as its types say: for who only wants to see a call."""
    properties = schema.get("properties") or {}
    return {name: _example_of(properties.get(name) or {}) for name in schema.get("required") or []}


def _example_of(schema: Body) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    return _EXAMPLES.get(str(schema.get("type")), "x")


CHAT = Interface("chat", read, call, whole, stream)
