"""Why an endpoint does not answer, and the key, which is in nothing that is told."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from tests.nex.asking import JSON, KEY, answer_to, error_of
from tests.nex.endpoint import Canned, delta, events, refusal
from wg.executors import failures
from wg.nex.answer import Call
from wg.nex.refusal import redacted


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
