"""One session: everything that a run needs, put together, and one prompt after the other given to it."""

from __future__ import annotations

import os
import uuid
from typing import Any, Protocol

from wg.nex import journal as journals
from wg.nex.answer import Answer
from wg.nex.conversation import SUMMARISE, Conversation
from wg.nex.journal import Journal, Message
from wg.nex.limits import Limits, Spent
from wg.nex.loop import Agent, End, Listener, Tools
from wg.nex.retrying import persistent
from wg.nex.settings import Settings
from wg.nex.system import QUESTION, system_prompt
from wg.nex.wire import Target, complete, new_client


class Events(Listener, Protocol):
    """Who hears of the whole session."""

    def began(self, session: str, model: str, url: str) -> None: ...

    def said(self, text: str) -> None: ...

    def ended(self, end: End, spent: Spent) -> None: ...


class Session:
    """A conversation with the model at `target`, in the current directory, with a journal at `path` (0600).

    `resume` is the journal of an earlier run, with whose conversation it begins. Raises OSError where the journal
    cannot be written.
    """

    def __init__(
        self, target: Target, settings: Settings, tools: Tools, events: Events, path: str, resume: str = ""
    ) -> None:
        self._target = target
        self._settings = settings
        self._tools = tools
        self._events = events
        self._client = new_client(target)
        self._journal = Journal(path)
        self._conversation = Conversation(self._journal, settings.window)
        self._agent = Agent(
            self._ask, tools, self._conversation, self._journal, events, key=target.key, schema=settings.schema
        )
        self._begin(journals.read(resume) if resume else None)

    def run(self, prompt: str) -> End:
        """Say `prompt`, and work until the model is done."""
        self._conversation.add({"role": "user", "content": prompt})
        settings = self._settings
        end = self._agent.run(Limits(settings.max_turns, settings.max_tokens, settings.max_cost))
        self._journal.sync()
        self._events.ended(end, self._agent.spent)
        return end

    def mend(self) -> None:
        """After a run that an exception ended: every call gets a result, so that the conversation can go on."""
        past = journals.read(self._journal.path)
        if past is not None:
            self._conversation.resume(past.messages)

    def ended(self, end: End) -> None:
        """Tell of an end that is not the model's."""
        self._events.ended(end, self._agent.spent)

    def close(self) -> None:
        self._client.close()
        self._journal.close()

    def _begin(self, past: journals.Past | None) -> None:
        session = past.session if past and past.session else str(uuid.uuid4())
        self._journal.start(session, self._target.model, self._target.url)
        self._events.began(session, self._target.model, self._target.url)
        if past is not None:
            self._conversation.resume(past.messages)
            self._events.noted(f"goes on with a conversation of {len(past.messages)} messages")
        else:
            self._conversation.add({"role": "system", "content": self._system()})

    def _system(self) -> str:
        if self._settings.schema is not None:
            return QUESTION
        names = [spec["function"]["name"] for spec in self._tools.specs()]
        return system_prompt(os.getcwd(), self._settings.mode, names)

    def _ask(self, request: dict[str, Any]) -> Answer:
        say = _unsaid if _is_for_a_summary(request) else self._events.said

        def once() -> Answer:
            return complete(self._client, self._target, request, say)

        return persistent(once, self._settings.retries, self._events.noted)


def _is_for_a_summary(request: dict[str, Any]) -> bool:
    last: Message = request["messages"][-1]
    return last.get("content") == SUMMARISE


def _unsaid(text: str) -> None:
    """A summary is for the model itself, and no part of what it says."""
