"""Whether an endpoint and its model are fit for tasks: what `wg endpoints test` finds out."""

from __future__ import annotations

from typing import Any

from wg.nex import probe_request
from wg.nex.answer import Call
from wg.nex.probe_reply import Reply
from wg.nex.probe_request import Place, ProbeError, Unreachable
from wg.nex.stream import parsed
from wg.records import NamedTuple
from wg.text import closest

_PROMPT = "Count from one to five in words."
_TOOL_PROMPT = "Use the tool report_number to report the number 7. Say nothing else."
_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "report_number",
        "description": "Reports a number.",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "integer", "description": "The number."}},
            "required": ["number"],
        },
    },
}
_TRIES = 2  # with the tool: a model is no clockwork
_BASE = "is the url the base address, up to and including /v1?"


class Report(NamedTuple):
    """What was found out, as far as it got. Nothing in it holds the key."""

    model: str = ""  # that was asked; "" where none was known
    models: tuple[str, ...] | None = None  # None where the endpoint does not list them
    list_note: str = ""  # why it does not
    answer: Reply | None = None
    tools: bool | None = None  # None where it was not found out
    tools_note: str = ""
    problem: str = ""  # why tasks cannot run on it; "" where they can
    hint: str = ""

    @property
    def usable(self) -> bool:
        """Whether tasks can run on it."""
        return not self.problem

    @property
    def streams(self) -> bool:
        """Whether an answer comes as it is made. A short one may be one piece all the same."""
        return self.answer is not None and self.answer.is_stream


def probe(place: Place, model: str) -> Report:
    """Ask the endpoint for its models, for a few words, and for a tool call. `model` may be "": the first listed."""
    report = Report(model=model)
    try:
        listed = probe_request.models(place)
        report = report._replace(model=model or next(iter(listed), ""), models=listed)
    except Unreachable as error:
        return report._replace(problem=error.message, hint=error.hint)
    except ProbeError as error:  # some servers have no list, and answer all the same
        report = report._replace(list_note=error.message)
        if not model:
            return report._replace(problem=error.message, hint=_hint(place, error, report))
    if not report.model:
        return report._replace(problem="it lists no models", hint="name one with -m")
    try:
        answer = probe_request.chat(place, report.model, _PROMPT, [])
    except ProbeError as error:
        return report._replace(problem=error.message, hint=_hint(place, error, report))
    report = report._replace(answer=answer)
    tools, note = _tools(place, report.model)
    if tools:
        return report._replace(tools=True)
    problem = "tasks need a model that calls tools, and this one does not, as it is served here"
    return report._replace(tools=False, tools_note=note, problem=problem, hint=_tools_hint(note))


def _tools(place: Place, model: str) -> tuple[bool, str]:
    """Whether the model calls a tool that it is offered, as nex offers its own; and what it does instead."""
    note = ""
    for _ in range(_TRIES):
        try:
            reply = probe_request.chat(place, model, _TOOL_PROMPT, [_TOOL])
        except ProbeError as error:
            return False, error.message
        answer = reply.answer
        if any(_is_right(call) for call in answer.calls):
            return True, ""
        if answer.calls:
            note = "its call is not one of the tool, or its arguments are not JSON"
        elif "report_number" in answer.text or "<tool_call>" in answer.text:
            note = "it writes the call into its text"
        else:
            note = "it answers in words where a tool was to be called"
    return False, note


def _is_right(call: Call) -> bool:
    return call.name == _TOOL["function"]["name"] and parsed(call.arguments or "{}") is not None


def _tools_hint(note: str) -> str:
    if note.startswith("it answers in words"):
        return "use a model that was trained for tool calls"
    return (
        "the server may have to be told: llama.cpp --jinja, vLLM --enable-auto-tool-choice and --tool-call-parser; "
        "else use another model"
    )


def _hint(place: Place, error: ProbeError, report: Report) -> str:
    if error.status in (401, 403) and place.key:
        return "see to the key: the endpoint's api_key_env or api_key_file names where it is"
    if error.status in (401, 403):
        return "it wants a key, and the endpoint names none: wg endpoints add has --api-key-env and --api-key-file"
    if error.status in (400, 404) and report.models:
        near = closest(report.model, list(report.models))
        return f"did you mean {near}? name it with -m" if near else f"it lists: {', '.join(report.models[:5])}"
    return _BASE if error.status in (404, 405) else error.hint
