"""One chat completion: what endpoints really send, and what hostile ones might."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from tests.nex.endpoint import Canned, Endpoint, delta, events, refusal, serving
from wg.executors import failures
from wg.nex.answer import Answer, Call, Usage
from wg.nex.refusal import WireError, redacted
from wg.nex.retrying import persistent
from wg.nex.wire import BOUNDS, Target, complete, new_client

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


def test_calls_are_put_together_by_their_index() -> None:
    first = {"index": 0, "id": "a", "function": {"name": "bash", "arguments": '{"comm'}}
    second = {"index": 1, "id": "b", "function": {"name": "glob", "arguments": ""}}
    answer = answer_to(
        delta(tool_calls=[first]),
        delta(tool_calls=[second]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": 'and": "ls"}'}}]),
        delta(tool_calls=[{"index": 1, "function": {"arguments": "{}"}}]),
        delta("tool_calls"),
        "[DONE]",
    )
    assert answer.calls == (Call("a", "bash", '{"command": "ls"}'), Call("b", "glob", "{}"))
    assert answer.message()["tool_calls"][0]["function"] == {"name": "bash", "arguments": '{"command": "ls"}'}


def test_what_some_endpoints_do_differently() -> None:
    """No index and no id, whole calls, arguments as an object, and no [DONE]."""
    whole = {"function": {"name": "bash", "arguments": {"command": "ls"}}}
    assert answer_to(delta("tool_calls", tool_calls=[whole])).calls == (Call("call_0", "bash", '{"command": "ls"}'),)
    two = [{"id": name, "function": {"name": name, "arguments": "{}"}} for name in ("x", "y")]
    assert [call.name for call in answer_to(delta("tool_calls", tool_calls=two)).calls] == ["x", "y"]
    body = json.dumps({"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]}).encode()
    with serving(Canned(body, headers=(("content-type", "application/json"),))) as endpoint:
        assert asked(endpoint).text == "whole"


def test_text_may_come_as_a_list_of_parts() -> None:
    parts = [{"type": "text", "text": "hel"}, {"type": "image", "text": 5}, "?", {"type": "text", "text": "lo"}]
    said: list[str] = []
    with serving(Canned(events(delta("stop", content=parts)))) as endpoint:
        assert asked(endpoint, said).text == "hello"
    assert said == ["hello"]
    body = json.dumps({"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}).encode()
    with serving(Canned(body, headers=JSON)) as endpoint:
        assert asked(endpoint).text == "hello"


@pytest.mark.parametrize(
    ("parts", "lack"),
    [
        ([delta(refusal="I can"), delta("stop", refusal=f"not {KEY}")], "the model refuses: I cannot [key]"),
        ([delta("content_filter")], "a content filter of the endpoint held it back"),
        ([delta("content_filter", content="half a")], "a content filter of the endpoint held it back"),
        ([delta(reasoning_content="hm"), delta("stop")], "the model has only thought, and answered nothing"),
        ([delta(reasoning="hm"), delta("length")], "it was cut off at the longest that the endpoint allows"),
        ([delta(reasoning="hm"), delta("stop", content="hello")], ""),
        ([delta("stop")], ""),
    ],
)
def test_why_there_is_no_text(parts: list[dict[str, Any]], lack: str) -> None:
    found = answer_to(*parts).lack
    assert found.startswith(lack) and bool(found) == bool(lack)


def piece(name: str = "", arguments: str = "", **more: Any) -> dict[str, Any]:
    """Of a call: its `index` and `id` are those that are given."""
    return delta(tool_calls=[{**more, "function": {"name": name, "arguments": arguments}}])


GLOB, GREP = Call("a", "glob", '{"pattern": "*"}'), Call("b", "grep", '{"pattern": "x"}')


@pytest.mark.parametrize(
    "pieces",
    [
        [piece("glob", GLOB.arguments, index=0, id="a"), piece("grep", GREP.arguments, index=0, id="b")],
        [piece("glob", '{"pattern"', index=0, id="a"), piece("", ': "*"}', index=0, id="made up"),
         piece("grep", GREP.arguments, index=1, id="b")],
        [piece("glob", '{"pattern"', index=0, id="a"), piece("glob", ': "*"}', index=0, id="a"),
         piece("grep", GREP.arguments, index=0, id="b")],
        [piece("glob", '{"pattern"', id="a"), piece("", ': "*"}'),
         piece("grep", '{"pattern"', id="b"), piece("", ': "x"}')],
        [piece("glob", '{"pattern"', id="a"), piece("grep", GREP.arguments, id="b"), piece("", ': "*"}', id="a")],
        [piece("glob", '{"pattern"', index="0", id="a"), piece("", ': "*"}', index="0"),
         piece("grep", GREP.arguments, index="1", id="b")],
    ],
    ids=["the same index", "an id for each piece", "all repeated", "no index", "by id alone", "an index of text"],
)  # fmt: skip
def test_calls_are_told_apart(pieces: list[dict[str, Any]]) -> None:
    assert answer_to(*pieces, delta("tool_calls"), "[DONE]").calls == (GLOB, GREP)


def test_calls_without_index_and_id_are_told_apart_by_their_names() -> None:
    pieces = [piece("glob", '{"pattern"'), piece("", ': "*"}'), piece("grep", GREP.arguments)]
    answer = answer_to(*pieces, delta("tool_calls"), "[DONE]")
    assert answer.calls == (GLOB._replace(id="call_0"), GREP._replace(id="call_1"))


def test_half_a_surrogate_pair_is_replaced() -> None:
    """Nothing can encode one: it would crash this run, and from its journal the next."""
    call = {"index": 0, "id": "a\ud800", "function": {"name": "ba\udc00sh", "arguments": '"\ud800"'}}
    answer = answer_to(delta(content="bad \ud800 x \ud83d"), delta("stop\ud800", content="\ude00", tool_calls=[call]))
    assert answer == Answer("bad \ufffd x \U0001f600", (Call("a\ufffd", "ba\ufffdsh", '"\ufffd"'),), None, "stop\ufffd")


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


@pytest.mark.parametrize(
    ("status", "message", "failure", "is_passing"),
    [
        (401, "who are you", failures.AUTH, False),
        (403, "no", failures.AUTH, False),
        (402, "pay", failures.QUOTA, False),
        (404, "The model `m` does not exist", failures.MODEL_NOT_FOUND, False),
        (404, "nothing here", failures.MODEL_NOT_FOUND, False),
        (400, "model 'm' not found, try pulling it first", failures.MODEL_NOT_FOUND, False),
        (429, "Rate limit reached for requests", failures.RATE_LIMIT, True),
        (429, "You exceeded your current quota, insufficient_quota", failures.QUOTA, False),
        (400, "This model's maximum context length is 8192 tokens", failures.CONTEXT_TOO_LONG, False),
        (400, "the request exceeds the available context size", failures.CONTEXT_TOO_LONG, False),
        (413, "too large", failures.CONTEXT_TOO_LONG, False),
        (500, "oops", failures.OVERLOAD, True),
        (503, "overloaded", failures.OVERLOAD, True),
        (400, "bad request", failures.EXIT, False),
    ],
)
def test_refusals_are_told_apart(status: int, message: str, failure: str, is_passing: bool) -> None:
    error = error_of(refusal(status, message))
    assert (error.failure, error.is_passing) == (failure, is_passing), error.message
    assert message in error.message


def test_an_error_in_the_stream_is_a_refusal() -> None:
    error = error_of(Canned(events(delta(content="a"), {"error": {"message": "Rate limit reached", "code": 429}})))
    assert error.failure == failures.RATE_LIMIT


QUOTA = {"message": "You exceeded your current quota", "code": "insufficient_quota"}


@pytest.mark.parametrize(
    ("body", "failure", "said"),
    [
        ({"error": QUOTA}, failures.QUOTA, "You exceeded your current quota; insufficient_quota"),
        ({"error": "overloaded"}, failures.OVERLOAD, "overloaded"),
        ({"error": {"message": "slow down", "code": 429}}, failures.RATE_LIMIT, "HTTP 429: slow down"),
        ({"object": "error", "message": f"bad key {KEY}", "code": 401}, failures.AUTH, "HTTP 401: bad key [key]"),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_an_error_may_come_with_status_200(body: dict[str, Any], failure: str, said: str, streamed: bool) -> None:
    error = error_of(Canned(events(body)) if streamed else Canned(json.dumps(body).encode(), headers=JSON))
    assert (error.failure, error.message) == (failure, said)


def test_no_error_is_none() -> None:
    answer = answer_to({**delta(content="hello"), "error": None}, {**delta("stop"), "error": {}}, "[DONE]")
    assert answer.text == "hello"


@pytest.mark.parametrize("message", ["registry.ollama.ai/m does not support tools", "tools is not supported: tool_use"])
def test_a_model_without_tool_calls_is_no_model_for_tasks(message: str) -> None:
    """Its class pauses that model, and costs the task no attempt."""
    error = error_of(refusal(400, message))
    assert (error.failure, error.is_passing) == (failures.MODEL_NOT_FOUND, False)
    assert "cannot call tools" in error.message
    assert "wg endpoints test" in error.hint


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_its_place_is_told(status: int) -> None:
    error = error_of(refusal(status, "moved", location=f"https://elsewhere.example/{KEY}/v1?token=x"))
    assert (error.failure, error.is_passing) == (failures.EXIT, False)
    said = "it redirects to https://elsewhere.example/[key]/v1, where the key is not sent"
    assert error.message == f"HTTP {status}: {said}"
    assert error.hint == "give the endpoint the address itself"


def test_an_older_server_is_asked_without_what_it_does_not_know() -> None:
    refused = refusal(400, "Unrecognized request argument supplied: stream_options")
    with serving(refused, DONE) as endpoint:
        assert asked(endpoint).text == "done"
        assert ["stream_options" in request for request in endpoint.requests] == [True, False]


HALF = KEY[: len(KEY) // 2]


@pytest.mark.parametrize(
    "canned",
    [
        refusal(401, f"Incorrect API key provided: {KEY}"),
        Canned(f"bad request header: Bearer {KEY}".encode(), headers=JSON),
        Canned(b"x" * (190 - len("Bearer ")) + f"Bearer {KEY}".encode(), headers=JSON),
        Canned(f"data: oops, Bearer {KEY}\n\n".encode()),
        Canned(b"", headers=(("not a header", f"Bearer {KEY}"),)),
    ],
    ids=["a refusal", "no JSON", "over the cut", "in a stream", "no HTTP"],
)
def test_an_echoed_key_is_cut_out(canned: Canned) -> None:
    message = error_of(canned).message
    assert "[key" in message
    assert HALF not in message


def test_the_key_is_cut_out_of_what_the_model_says() -> None:
    call = {"index": 0, "id": KEY, "function": {"name": f"x{KEY}", "arguments": json.dumps({"content": KEY})}}
    answer = answer_to(delta(content=f"your key is {KEY[:9]}"), delta(content=KEY[9:], tool_calls=[call]), delta(KEY))
    assert answer.text == "your key is [key]"
    assert answer.calls == (Call("[key]", "x[key]", '{"content": "[key]"}'),)
    assert KEY not in repr(answer)


def test_a_key_with_what_json_spells_otherwise_is_cut_out_too() -> None:
    key = 'sk-"planted"\\'
    assert redacted(json.dumps({"content": key}), key) == '{"content": "[key]"}'


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("retry_after", "7", 7.0),
        ("retry_after", "date", 90.0),
        ("x_ratelimit_reset_requests", "1m30s", 90.0),
        ("x_ratelimit_reset_tokens", "250ms", 0.25),
        ("x_ratelimit_reset", "epoch", 90.0),
        ("x_ratelimit_reset", "epoch-ms", 90.0),
    ],
)
def test_when_to_try_again_is_read(header: str, value: str, seconds: float) -> None:
    now = time.time()
    made = {"date": formatdate(now + 90, usegmt=True), "epoch": str(now + 90), "epoch-ms": str((now + 90) * 1000)}
    error = error_of(refusal(429, "slow down", **{header: made.get(value, value)}))
    assert error.resets_at is not None
    assert now + seconds - 1 <= error.resets_at <= time.time() + seconds + 1


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
