"""Scripted models for the loop, with tools that do nothing, and one run with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wg.nex.answer import Answer, Call, Usage
from wg.nex.conversation import Conversation
from wg.nex.form import Schema
from wg.nex.journal import Journal
from wg.nex.limits import Limits, Spent
from wg.nex.loop import Agent, End
from wg.nex.refusal import WireError
from wg.nex.tools.base import Result

TASK = "the task: rename x to y"
SYSTEM = "you are nex"
FIFTY_TURNS = Limits(50)
Model = Callable[[dict[str, Any]], Answer]


class Log:
    """Hears everything."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.results: list[Result] = []

    def called(self, name: str, arguments: str) -> None: ...

    def returned(self, name: str, result: Result) -> None:
        self.results.append(result)

    def answered(self, answer: Answer, spent: Spent) -> None: ...

    def noted(self, text: str) -> None:
        self.notes.append(text)


class Tools:
    """Every call gives the next result; a tool named `no` is not understood."""

    def __init__(self, text: Callable[[int], str] = str) -> None:
        self.calls: list[tuple[str, str]] = []
        self._text = text

    def specs(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": "bash"}}]

    def call(self, name: str, arguments: str) -> Result:
        self.calls.append((name, arguments))
        return Result(self._text(len(self.calls)), failed=name == "no", malformed=name == "no")


def says(text: str, used: int = 0) -> Answer:
    return Answer(text, (), Usage(used, 0, 10, 0.01) if used else None, "stop")


def calls(name: str = "bash", arguments: str = "{}", used: int = 100) -> Answer:
    return Answer("", (Call("c", name, arguments),), Usage(used, 20, 10, 0.01), "tool_calls")


def run(
    path: Path,
    model: Model,
    *,
    limits: Limits = FIFTY_TURNS,
    tools: Tools | None = None,
    window: int = 100_000,
    key: str = "",
    schema: Schema | None = None,
    task: str = TASK,
) -> tuple[End, Conversation, Log, Agent]:
    journal, log = Journal(str(path / "journal")), Log()
    conversation = Conversation(journal, window)
    conversation.add({"role": "system", "content": SYSTEM})
    conversation.add({"role": "user", "content": task})
    agent = Agent(model, tools or Tools(), conversation, journal, log, key=key, schema=schema)
    return agent.run(limits), conversation, log, agent


def scripted(*answers: Answer | WireError) -> Model:
    """These, the last one for ever."""
    waiting = list(answers)

    def ask(request: dict[str, Any]) -> Answer:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, WireError):
            raise answer
        return answer

    return ask
