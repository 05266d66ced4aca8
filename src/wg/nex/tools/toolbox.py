"""The tools of one run: what the model is offered, and a call of any kind answered with words."""

from __future__ import annotations

import json
from typing import Any

from wg.nex.tools.base import MODES, Arguments, Result, Tool, ToolError
from wg.nex.tools.shed import Shed
from wg.text import closest

_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "boolean": (bool,), "array": (list,)}


class Toolbox:
    """Those of `tools` that the mode allows and that are not denied."""

    def __init__(self, tools: list[Tool], mode: str, deny: tuple[str, ...], shed: Shed) -> None:
        self._tools = {tool.name: tool for tool in tools if tool.kind in MODES[mode] and tool.name not in deny}
        self._others = {tool.name for tool in tools} - self._tools.keys()
        self._shed = shed

    def specs(self) -> list[dict[str, Any]]:
        """As they go over the wire."""
        return [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in self._tools.values()
        ]

    def call(self, name: str, arguments: str) -> Result:
        """Carry out a call, whatever is in it. Never raises."""
        tool = self._tools.get(name)
        if tool is None:
            return Result(self._unknown(name), failed=True, malformed=True)
        try:
            given = _plain(tool, _read(arguments))
            _check(tool, given)
        except ToolError as error:
            return Result(f"{name} was not called: {error.message}", failed=True, malformed=True)
        try:
            return Result(self._cut(tool.run(given)), failed=False)
        except ToolError as error:
            return Result(self._cut(error.message), failed=True)
        except Exception as error:  # whatever the system, or an odd text, leads to: the run goes on
            return Result(self._cut(f"{name} failed: {type(error).__name__}: {error}"), failed=True)

    def _unknown(self, name: str) -> str:
        known = ", ".join(self._tools) or "none"
        if name in self._others:
            return f"{name} is not allowed here. You have: {known}"
        near = closest(name, list(self._tools))
        return f"there is no tool {name!r}{f': did you mean {near}?' if near else '.'} You have: {known}"

    def _cut(self, text: str) -> str:
        output = self._shed.output()
        output.take(text.encode("utf-8", "replace"))
        return output.text()


def _read(arguments: str) -> Arguments:
    try:
        value = json.loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ToolError(f"its arguments are not valid JSON ({error}): send one JSON object") from None
    if not isinstance(value, dict):
        raise ToolError("its arguments are not a JSON object")
    return value


def _plain(tool: Tool, given: Arguments) -> Arguments:
    """Without what models write for "nothing" and for whole numbers."""
    required = tool.parameters["required"]
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in given.items()
        if value is not None or name in required
    }


def _check(tool: Tool, given: Arguments) -> None:
    """Raises ToolError with everything that is wrong with the arguments, and what they would have to be."""
    properties: dict[str, Any] = tool.parameters["properties"]
    wrong = [f"{name} is missing" for name in tool.parameters["required"] if name not in given]
    for name, value in given.items():
        if name not in properties:
            wrong.append(f"there is no argument {name!r}")
        elif problem := _problem(properties[name], value):
            wrong.append(f"{name} {problem}")
    if wrong:
        raise ToolError(f"{'; '.join(wrong)}. Its arguments: {json.dumps(tool.parameters)}")


def _problem(schema: dict[str, Any], value: Any) -> str:
    kind = schema["type"]
    fits = isinstance(value, _TYPES[kind])
    if not fits or (kind == "integer" and isinstance(value, bool)):
        return f"is not of the type {kind}"
    if "minimum" in schema and value < schema["minimum"]:
        return f"is less than {schema['minimum']}"
    if kind == "array":
        return _problem_in_list(schema["items"], value)
    return ""


def _problem_in_list(schema: dict[str, Any], values: list[Any]) -> str:
    if any(_problem(schema, each) for each in values):
        return f"has something in it that is not of the type {schema['type']}"
    return ""
