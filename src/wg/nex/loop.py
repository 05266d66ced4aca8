"""The loop of an agent: ask the model, carry out the calls of its answer, and again, until it answers without any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from wg.executors import failures
from wg.nex.answer import FILTERED, Answer, Call
from wg.nex.conversation import Conversation
from wg.nex.form import Schema, is_json, request_part
from wg.nex.journal import NOT_BEGUN, Journal, Message
from wg.nex.limits import Circles, Limits, Spent
from wg.nex.refusal import WireError, redacted
from wg.nex.tools.base import Result
from wg.records import NamedTuple

_MOST_BAD_CALLS = 5  # in a row: so often a model is corrected
_MOST_EMPTY = 2  # answers in a row without text and calls
_MOST_ROOM = 2  # times for one answer: old results go first, and a summary is shorter
_NOTHING_LEFT = "the task and the last messages are too long by themselves, and nothing else can be left out"
_GO_ON = "Your answer was empty. Go on with the work, or end it by saying in a sentence what you have done."
_NO_JSON = (
    "Your answer was not valid JSON. Answer with one JSON value of the form that was asked for, and nothing else."
)
_FILTERED = "Your answer was held back by a content filter. Go on with the work, and say it in other words."
_CUT_OFF = "Your answer was cut off, because it was too long. Go on in smaller steps."

# asks the endpoint for the next message; raises WireError
Ask = Callable[[dict[str, Any]], Answer]


class Tools(Protocol):
    """What the model can do (`tools.toolbox.Toolbox`)."""

    def specs(self) -> list[dict[str, Any]]:
        """As they go over the wire."""

    def call(self, name: str, arguments: str) -> Result:
        """Carry out a call, whatever is in it. Never raises."""


class Listener(Protocol):
    """Who hears what happens in a run."""

    def called(self, name: str, arguments: str) -> None: ...

    def returned(self, name: str, result: Result) -> None: ...

    def answered(self, answer: Answer, spent: Spent) -> None: ...

    def noted(self, text: str) -> None: ...


class End(NamedTuple):
    """How a run came to its end."""

    ok: bool
    message: str  # the model's last words, or what went wrong
    failure: str = ""  # one of failures.ALL
    resets_at: float | None = None  # seconds since the epoch


class Agent:
    """One run: a conversation, tools and limits. `key` is cut out of everything that a tool says.

    `schema` is that of its answer, where that is to be JSON.
    """

    def __init__(
        self,
        ask: Ask,
        tools: Tools,
        conversation: Conversation,
        journal: Journal,
        listener: Listener,
        *,
        key: str = "",
        schema: Schema | None = None,
    ) -> None:
        self.spent = Spent()
        self._ask = ask
        self._tools = tools
        self._conversation = conversation
        self._journal = journal
        self._listener = listener
        self._key = key
        self._schema = schema
        self._bad_calls = 0
        self._empty = 0
        self._lack = ""  # what was the matter with the last of them
        self._circles = Circles()

    def run(self, limits: Limits) -> End:
        """Until the model has nothing left to call. The conversation ends with what it is to answer.

        Turns, and what goes wrong in a row, are counted for each run; tokens and cost for all runs of this agent.
        """
        self.spent.turns = self._bad_calls = self._empty = 0
        self._circles = Circles()
        while True:
            try:
                answer = self._next()
            except WireError as error:
                return End(False, _whole(error), error.failure, error.resets_at)
            self._listener.answered(answer, self.spent)
            if answer.calls:
                self._carry_out_all(answer.calls)
            elif self._is_over(answer):
                return End(True, answer.text)
            if reason := self._reason_to_end(limits):
                return End(False, reason, failures.EXIT)

    def _next(self) -> Answer:
        """The model's next message."""
        if self._conversation.is_full:
            self._make_room()
        answer = self._answer(_MOST_ROOM)
        self.spent.add(answer.usage)
        self._conversation.answered(answer)
        return answer

    def _answer(self, tries: int) -> Answer:
        """What the endpoint answers. If the context turns out to be too long, room is made, so many times at most."""
        try:
            return self._ask({"messages": self._conversation.messages, **self._offer()})
        except WireError as error:
            if error.failure != failures.CONTEXT_TOO_LONG or not tries:
                raise
            if not self._make_room():
                raise WireError(error.failure, f"{error.message}; {_NOTHING_LEFT}") from None
        return self._answer(tries - 1)

    def _offer(self) -> dict[str, Any]:
        """What the model may answer with, beside text."""
        specs = self._tools.specs()
        tools = {"tools": specs} if specs else {}  # an empty list is refused by some
        return tools if self._schema is None else {**tools, **request_part(self._schema)}

    def _make_room(self) -> bool:
        """Whether anything could be left out. Raises WireError where the task by itself is too long."""
        if excess := self._conversation.excess:
            raise WireError(failures.CONTEXT_TOO_LONG, excess)
        if done := self._conversation.make_room(self._summary):
            self._listener.noted(done)
        return bool(done)

    def _summary(self, messages: list[Message]) -> Answer | None:
        """The model's; None where the endpoint refuses, as some do that are not told of the tools once more."""
        try:
            answer = self._ask({"messages": messages})
        except WireError as error:
            if error.is_passing or error.failure in (failures.AUTH, failures.QUOTA):
                raise
            return None
        self.spent.add(answer.usage)
        return answer

    def _carry_out_all(self, calls: tuple[Call, ...]) -> None:
        """One after the other. Once one of them shows that this leads nowhere, the rest are left; all get a result."""
        for call in calls:
            if self._astray():
                self._conversation.add({"role": "tool", "tool_call_id": call.id, "content": NOT_BEGUN})
            else:
                self._carry_out(call)
        self._journal.sync()

    def _carry_out(self, call: Call) -> None:
        self._listener.called(call.name, call.arguments)
        self._journal.begun(call.id)
        result = self._tools.call(call.name, call.arguments)
        self._bad_calls = self._bad_calls + 1 if result.malformed else 0
        text = redacted(result.text, self._key)
        text += self._circles.note(call.name, call.arguments, text)
        self._conversation.add({"role": "tool", "tool_call_id": call.id, "content": text})
        self._listener.returned(call.name, result._replace(text=text))

    def _is_over(self, answer: Answer) -> bool:
        """Whether an answer without calls ends the run; one that is none is corrected first."""
        wrong = self._wrong(answer)
        if not wrong:
            return True
        self._empty += 1
        self._lack = answer.lack
        if self._empty <= _MOST_EMPTY:
            self._conversation.add({"role": "user", "content": wrong})
        return False

    def _wrong(self, answer: Answer) -> str:
        """What to tell the model about an answer that is none."""
        if answer.finish == "length":
            return _CUT_OFF
        if answer.finish == FILTERED:
            return _FILTERED
        if not answer.text.strip():
            return _GO_ON
        return _NO_JSON if self._schema is not None and not is_json(answer.text) else ""

    def _astray(self) -> str:
        """Why no further call is to be carried out, "" if nothing speaks against it."""
        if self._bad_calls >= _MOST_BAD_CALLS:
            return f"{self._bad_calls} calls in a row could not be understood, and correcting the model did not help"
        return self._circles.reason

    def _reason_to_end(self, limits: Limits) -> str:
        if self._empty > _MOST_EMPTY:
            asked = "empty or cut off" if self._schema is None else "empty, cut off or not JSON"
            return f"{self._empty} answers were {asked}{f'; the last one: {self._lack}' if self._lack else ''}"
        return self._astray() or self.spent.exceeded(limits)


def _whole(error: WireError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
