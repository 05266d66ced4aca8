"""One chat completion: what goes over the wire, and what is made of bytes that no good server sends."""

from __future__ import annotations

import json

import pytest

from tests.nex.asking import DONE, KEY, REQUEST, answer_to, asked, error_of
from tests.nex.endpoint import Canned, Endpoint, delta, events, refusal, serving
from wg.executors import failures
from wg.nex.answer import Answer, Usage
from wg.nex.refusal import WireError
from wg.nex.retrying import persistent
from wg.nex.wire import BOUNDS, Target, complete, new_client


def test_text_comes_in_pieces_and_usage_is_counted() -> None:
    said: list[str] = []
    usage = {
        "prompt_tokens": 12,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 5},
        "cost": 0.25,
    }
    body = events(delta(content="hel"), delta(content="lo"), delta("stop"), {"choices": [], "usage": usage}, "[DONE]")
    with serving(Canned(body)) as endpoint:
        answer = asked(endpoint, said)
        (request,), (headers,) = endpoint.requests, endpoint.headers
    assert answer == Answer("hello", (), Usage(12, 5, 3, 0.25), "stop")
    assert said == ["hel", "lo"]
    assert request == {"model": "m", "stream": True, "stream_options": {"include_usage": True}, **REQUEST}
    assert headers["authorization"] == f"Bearer {KEY}"


def test_what_is_sent_is_utf_8() -> None:
    """A prompt from the command line may not be, and the journal of an older run neither."""
    with serving(DONE) as endpoint, new_client(Target(endpoint.url, "m")) as client:
        bad = {"messages": [{"role": "user", "content": "bad \udcff, gut: \u00fc"}]}
        assert complete(client, Target(endpoint.url, "m"), bad, print).text == "done"
        assert endpoint.requests[0]["messages"][0]["content"] == "bad \ufffd, gut: \u00fc"
        assert endpoint.headers[0]["content-type"] == "application/json"


TYPES = [
    (("content-type", "Text/Event-Stream; charset=utf-8"),),
    (("content-type", "text/plain"),),
    (("content-type", "application/json"),),
    (),
]


@pytest.mark.parametrize("headers", TYPES)
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b": ping\n\n", b"event: message\n"])
def test_a_stream_is_known_by_how_it_begins(headers: tuple[tuple[str, str], ...], before: bytes) -> None:
    body = before + events(delta(content="hel"), delta("stop", content="lo"), "[DONE]")
    with serving(Canned(body, headers=headers)) as endpoint:
        assert asked(endpoint).text == "hello"


@pytest.mark.parametrize("headers", [*TYPES, (("content-type", "text/event-stream"),)])
def test_a_whole_answer_is_one_whatever_its_type(headers: tuple[tuple[str, str], ...]) -> None:
    body = json.dumps({"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}, indent=1)
    with serving(Canned(b"\xef\xbb\xbf\n" + body.encode(), headers=headers)) as endpoint:
        assert asked(endpoint).text == "whole"


def test_a_line_of_five_megabytes_is_taken() -> None:
    long = "x" * 5_000_000
    assert answer_to(delta(content=long), delta("stop"), "[DONE]").text == long


@pytest.mark.parametrize(
    "body",
    [b"data: " + b"y" * (BOUNDS.event + 1), events(delta(content="y" * 1_000_000)) * (BOUNDS.answer // 1_000_000 + 1)],
    ids=["one line", "many"],
)
def test_an_answer_without_end_is_given_up(body: bytes) -> None:
    error = error_of(Canned(body))
    assert (error.failure, error.is_passing) == (failures.EXIT, False)
    assert "does not end" in error.message


@pytest.mark.parametrize(
    "canned",
    [
        Canned(events(delta(content="half"))),
        Canned(events(delta(content="half")), cut=True),
        Canned(events(delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "bash"}}])), cut=True),
        Canned(b"data: {\n\n"),
        Canned(b"<html>welcome</html>", headers=(("content-type", "text/html"),)),
    ],
)
def test_what_breaks_off_or_is_no_answer_may_pass(canned: Canned) -> None:
    error = error_of(canned)
    assert (error.failure, error.is_passing) == (failures.NETWORK, True)


def test_an_older_server_is_asked_without_what_it_does_not_know() -> None:
    refused = refusal(400, "Unrecognized request argument supplied: stream_options")
    with serving(refused, DONE) as endpoint:
        assert asked(endpoint).text == "done"
        assert ["stream_options" in request for request in endpoint.requests] == [True, False]


def test_a_silent_endpoint_and_none_at_all() -> None:
    target = Target("http://127.0.0.1:9/v1", "m")
    with new_client(target) as client, pytest.raises(WireError) as caught:
        complete(client, target, REQUEST, print)
    assert (caught.value.failure, caught.value.is_passing) == (failures.NETWORK, True)


def persisting(endpoint: Endpoint, retries: int) -> tuple[Answer, list[str], list[float]]:
    told: list[str] = []
    slept: list[float] = []
    return persistent(lambda: asked(endpoint), retries, told.append, slept.append), told, slept


def test_what_may_pass_is_asked_again_and_a_stated_time_is_kept() -> None:
    limited = refusal(429, "Rate limit reached", retry_after="50")
    with serving(limited, refusal(500, "oops"), Canned(events(delta(content="a")), cut=True), DONE) as endpoint:
        answer, told, slept = persisting(endpoint, 3)
        assert answer.text == "done"
        assert len(endpoint.requests) == 4
    assert 15 < slept[0] <= 50
    assert all(0 <= seconds <= 60 for seconds in slept)
    assert "Rate limit" in told[0]


@pytest.mark.parametrize(
    ("first", "asked_for"),
    [(refusal(401, "no"), 1), (refusal(429, "limit", retry_after="3600"), 1), (refusal(500, "oops"), 3)],
)
def test_the_rest_is_given_up(first: Canned, asked_for: int) -> None:
    with serving(first) as endpoint:
        with pytest.raises(WireError):
            persisting(endpoint, 2)
        assert len(endpoint.requests) == asked_for
