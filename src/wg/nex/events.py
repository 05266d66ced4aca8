"""What a run says of itself while it goes on: JSON lines for the supervisor, or text for a person at a terminal."""

from __future__ import annotations

import json
import sys
from typing import Any

from wg.executors import failures
from wg.executors.events import indented
from wg.nex.answer import Answer
from wg.nex.limits import Spent
from wg.nex.loop import End
from wg.nex.tools.base import Result
from wg.text import printable

_SHOWN = 2000  # characters of arguments and results
_LINE = 160  # characters of a call, for a person


class JsonEvents:
    """One JSON object a line on stdout: session, answer, call, result, note, end. `executors.nex` reads them."""

    def began(self, session: str, model: str, url: str) -> None:
        self._print("session", session_id=session, model=model, url=url)

    def said(self, text: str) -> None:
        """Pieces of text are not worth a line: the answer has them all."""

    def called(self, name: str, arguments: str) -> None:
        self._print("call", name=name, arguments=_short(arguments))

    def returned(self, name: str, result: Result) -> None:
        self._print("result", name=name, failed=result.failed, text=_short(result.text))

    def answered(self, answer: Answer, spent: Spent) -> None:
        self._print("answer", text=_short(answer.text), used=_used(spent))

    def noted(self, text: str) -> None:
        self._print("note", text=text)

    def ended(self, end: End, spent: Spent) -> None:
        self._print(
            "end", ok=end.ok, message=end.message, failure=end.failure, resets_at=end.resets_at, used=_used(spent)
        )

    def _print(self, kind: str, **values: Any) -> None:
        print(json.dumps({"type": kind, **values}), flush=True)


class TextEvents:
    """For a person: the text as it comes on stdout, and what is done for it on stderr."""

    def began(self, session: str, model: str, url: str) -> None:
        """Who asked knows."""

    def said(self, text: str) -> None:
        print(printable(text, multiline=True), end="", flush=True)

    def called(self, name: str, arguments: str) -> None:
        self._tell(f"▸ {name} {arguments}"[:_LINE])

    def returned(self, name: str, result: Result) -> None:
        self._tell(indented(result.text))

    def answered(self, answer: Answer, spent: Spent) -> None:
        if answer.text:
            print(flush=True)

    def noted(self, text: str) -> None:
        self._tell(f"[{text}]")

    def ended(self, end: End, spent: Spent) -> None:
        if not end.ok:
            hint = "; wg endpoints test looks into it" if end.failure in failures.PAUSING else ""
            self._tell(f"[{end.failure}: {end.message}{hint}]")

    def _tell(self, text: str) -> None:
        if text:
            print(printable(text, multiline=True), file=sys.stderr, flush=True)


class FinalEvents(TextEvents):
    """For a program that reads stdout: nothing but a good answer is printed there. A bad one is told at the end."""

    def __init__(self) -> None:
        self._last = ""

    def said(self, text: str) -> None:
        """It may be corrected yet."""

    def answered(self, answer: Answer, spent: Spent) -> None:
        self._last = answer.text

    def ended(self, end: End, spent: Spent) -> None:
        if end.ok:
            print(end.message, flush=True)
        else:
            self._tell(indented(self._last))
        super().ended(end, spent)


def _short(text: str) -> str:
    """Its beginning and its end: how a command ended stands there."""
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN // 2]}\n[…]\n{text[-_SHOWN // 2 :]}"


def _used(spent: Spent) -> dict[str, object]:
    return {
        "input": spent.input,
        "cached": spent.cached,
        "output": spent.output,
        "cost": spent.cost,
        "turns": spent.turns,
    }
