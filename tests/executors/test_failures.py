"""What the real programs printed, and the class of failure that it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from wg.executors import failures
from wg.executors.registry import EXECUTORS

OUTPUT = Path(__file__).parent / "output"
NOW = 4102444800.0 - 3600  # an hour before the time that the rehearsal's limits end
CLASSES = {
    "401": failures.AUTH,
    "403": failures.AUTH,
    "429": failures.RATE_LIMIT,
    "500": failures.OVERLOAD,
    "529": failures.OVERLOAD,
    "command-failed": "",
    "context-too-long": failures.CONTEXT_TOO_LONG,
    "cut": failures.NETWORK,
    "interrupted": failures.EXIT,
    "low-balance": failures.QUOTA,
    "model-not-found": failures.MODEL_NOT_FOUND,
    "no-key": failures.AUTH,
    "not-logged-in": failures.AUTH,
    "ok": "",
    "permission-denied": failures.EXIT,
    "quota": failures.QUOTA,
    "refused": failures.NETWORK,
    "unknown-model": failures.MODEL_NOT_FOUND,
    "usage-limit": failures.QUOTA,
}
RECORDED = sorted(path.stem for path in OUTPUT.glob("*.jsonl"))


@pytest.mark.parametrize("recorded", RECORDED)
def test_every_recorded_output_has_its_class(recorded: str) -> None:
    executor, _, case = recorded.partition("-")
    reading = EXECUTORS[executor].read((OUTPUT / f"{recorded}.jsonl").read_text(), "", NOW)
    assert reading.failure == CLASSES[case]
    assert reading.finished == (reading.failure == "")


@pytest.mark.parametrize("executor", ["claude", "codex"])
def test_the_end_of_a_limit_is_read_and_only_if_it_is_sane(executor: str) -> None:
    text = (OUTPUT / f"{executor}-usage-limit.jsonl").read_text()
    assert EXECUTORS[executor].read(text, "", NOW).resets_at == NOW + 3600
    assert EXECUTORS[executor].read(text, "", NOW + 7200).resets_at is None, "it is over"
    assert EXECUTORS[executor].read(text, "", 1790000000.0).resets_at is None, "it is decades away"


@pytest.mark.parametrize("executor", ["claude", "codex"])
@pytest.mark.parametrize("output", ["", '{"type":"system","session_id":"s"}\n{"type":"turn.started"}\n'])
def test_without_a_final_event_it_has_crashed(executor: str, output: str) -> None:
    assert EXECUTORS[executor].read(output, "Quota exceeded. 429\n", NOW).failure == failures.CRASH


def codex(message: str) -> str:
    event = json.dumps({"type": "turn.failed", "error": {"message": message}})
    return EXECUTORS["codex"].read(event, "", NOW).failure


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("You've hit your usage limit. Try again later.", failures.QUOTA),
        ("You\u2019ve hit your usage limit.", failures.QUOTA),
        ("We\u2019re currently experiencing high demand, which may cause temporary errors.", failures.OVERLOAD),
        ("We're currently experiencing high demand", failures.OVERLOAD),
        ("exceeded retry limit, last status: 503 Service Unavailable", failures.OVERLOAD),
        ("exceeded retry limit, last status: 401 Unauthorized", failures.AUTH),
        ("Your access token could not be refreshed. Please log out and sign in again.", failures.AUTH),
        ("stream disconnected before completion: Rate limit reached for m. Try again in 1.9s.", failures.RATE_LIMIT),
        ("stream disconnected before completion: error decoding response body", failures.NETWORK),
        ("The model `gpt-9` does not exist or you do not have access to it.", failures.MODEL_NOT_FOUND),
        ("unexpected status 400 Bad Request: no idea", failures.EXIT),
        ("something else", failures.EXIT),
    ],
)  # fmt: skip
def test_what_codex_says(message: str, failure: str) -> None:
    assert codex(message) == failure


def claude(result: Mapping[str, object], *before: Mapping[str, object]) -> tuple[str, float | None]:
    events = [*before, {"type": "result", "is_error": True, **result}]
    reading = EXECUTORS["claude"].read("\n".join(map(json.dumps, events)), "", NOW)
    return reading.failure, reading.resets_at


def test_an_older_claude_gives_the_time_in_its_text() -> None:
    text = f"Claude AI usage limit reached|{int(NOW) + 1800}"
    assert claude({"api_error_status": 429, "result": text}) == (failures.QUOTA, NOW + 1800)


def test_the_words_of_the_model_classify_nothing() -> None:
    """An agent that works on rate limits talks about them, and so does what it reads."""
    words = "Error 429: you've hit your usage limit, try again in 3 hours"
    spoken = {"type": "assistant", "message": {"content": [{"type": "text", "text": words}]}}
    assert claude({"subtype": "error_max_turns", "result": words}, spoken) == (failures.EXIT, None)
    item = {"type": "item.completed", "item": {"type": "agent_message", "text": words}}
    failed = {"type": "turn.failed", "error": {"message": "something else"}}
    assert EXECUTORS["codex"].read(f"{json.dumps(item)}\n{json.dumps(failed)}", "", NOW).failure == failures.EXIT
    assert EXECUTORS["shell"].read(words, words, NOW).failure == ""


def test_what_claude_got_over_on_the_way_does_not_count() -> None:
    rejected = {"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "resetsAt": NOW + 60}}
    trouble = {"type": "assistant", "error": "rate_limit"}
    assert claude({"api_error_status": 500}, rejected, trouble)[0] == failures.OVERLOAD
    assert claude({}, trouble, {"type": "assistant"})[0] == failures.EXIT
