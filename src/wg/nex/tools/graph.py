"""The work graph: `wg` itself, called by its own path, as any agent calls it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from wg.nex.tools.base import GRAPH, Arguments, Tool, ToolError
from wg.nex.tools.runner import Program
from wg.nex.tools.shed import Shed

_SECONDS = 180.0  # wg may have to wait for the store
_MOST = 100_000  # bytes of one argument of a command line: Linux takes 128 KiB
_STRING: dict[str, Any] = {"type": "string"}


def graph_tools(shed: Shed, root: str) -> list[Tool]:
    """wg_log, wg_add, wg_message, wg_done and wg_fail."""
    return [
        _tool(
            shed,
            root,
            "wg_log",
            "Write a line into the log of your task, for whoever looks at it: what you found out or decided.",
            _schema(["message"], message=_STRING),
            lambda arguments, task: ["log", "--", task, arguments["message"]],
        ),
        _tool(
            shed,
            root,
            "wg_add",
            "Add a task to the work graph, for work that is not part of yours.",
            _schema(
                ["title"],
                title=_STRING,
                description={"type": "string", "description": "what is to be done, so that another agent can do it"},
                after={"type": "array", "items": _STRING, "description": "ids of the tasks that it depends on"},
            ),
            lambda arguments, task: _add(arguments),
        ),
        _tool(
            shed,
            root,
            "wg_message",
            "Send a message to whoever works on a task.",
            _schema(["task", "message"], task=_STRING, message=_STRING),
            lambda arguments, task: ["msg", "send", "--", arguments["task"], arguments["message"]],
        ),
        _tool(
            shed,
            root,
            "wg_done",
            "Say that your task is done. It counts when your work has ended: end it with an answer afterwards.",
            _schema([], converged={"type": "boolean", "description": "the loop around the task need not run again"}),
            lambda arguments, task: ["done", *(["--converged"] if arguments.get("converged") else []), task],
        ),
        _tool(
            shed,
            root,
            "wg_fail",
            "Say that your task cannot be done, and why. It counts when your work has ended: end it afterwards.",
            _schema(["reason"], reason=_STRING),
            lambda arguments, task: ["fail", task, f"--reason={arguments['reason']}"],
        ),
    ]


Command = Callable[[Arguments, str], list[str]]


def _schema(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def _tool(shed: Shed, root: str, name: str, about: str, schema: dict[str, Any], command: Command) -> Tool:
    return Tool(name, about, schema, GRAPH, partial(_call, shed, root, command))


def _add(arguments: Arguments) -> list[str]:
    description = arguments.get("description", "").strip()
    if len(description.encode("utf-8", "replace")) > _MOST:
        raise ToolError(f"the description is longer than {_MOST} bytes: put it into a file, and name that")
    options = [f"--description={description}"] if description.strip("-") else []
    options += [f"--after={each}" for each in arguments.get("after", [])]
    return ["add", *options, "--", arguments["title"]]


def _call(shed: Shed, root: str, command: Command, arguments: Arguments) -> str:
    program, task = os.environ.get("WG_BIN"), os.environ.get("WG_TASK_ID")
    if not program or not task:
        raise ToolError("there is no task here: this run is no attempt of a dispatcher's")
    argv = (program, *command(arguments, task))
    if any("\0" in word for word in argv):
        raise ToolError("a text with a zero byte cannot be passed on")
    ran, text = shed.run(Program(argv, root, shed.environment(), _SECONDS))
    if ran.stopped or ran.code:
        raise ToolError(text.strip() or f"wg ended with {ran.code}")
    return text.strip() or "done"
