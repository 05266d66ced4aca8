"""One request to an endpoint of a test, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nex.endpoint import Canned, Endpoint, delta, events, serving
from wg.nex.answer import Answer
from wg.nex.refusal import WireError
from wg.nex.wire import Target, complete, new_client

KEY = "sk-planted-0123456789"
REQUEST: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}]}
JSON = (("content-type", "application/json"),)
DONE = Canned(events(delta(content="done"), delta("stop"), "[DONE]"))


def asked(endpoint: Endpoint, said: list[str] | None = None, silence: float = 120.0) -> Answer:
    target = Target(endpoint.url, "m", KEY, silence)
    with new_client(target) as client:
        return complete(client, target, REQUEST, (said if said is not None else []).append)


def answer_to(*parts: dict[str, Any] | str) -> Answer:
    with serving(Canned(events(*parts))) as endpoint:
        return asked(endpoint)


def error_of(*answers: Canned) -> WireError:
    with serving(*answers) as endpoint, pytest.raises(WireError) as caught:
        asked(endpoint)
    assert KEY not in caught.value.message
    return caught.value
