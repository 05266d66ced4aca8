"""Whatever an agent prints, reading it never raises, and only its own final event makes it a success."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.executors.base import Executor, Reading
from wg.executors.registry import EXECUTORS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = ("type", "session_id", "usage", "result", "is_error", "permission_denials", "total_cost_usd", "item", "error")
TYPES = ("result", "system", "thread.started", "turn.started", "turn.failed", "item.completed", "error")
EVENTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6).flatmap(
    lambda event: st.sampled_from(TYPES).map(lambda kind: {**event, "type": kind})
)


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=list(EXECUTORS))
@given(stdout=st.binary(max_size=300), stderr=st.binary(max_size=100))
def test_any_bytes(executor: Executor, stdout: bytes, stderr: bytes) -> None:
    assert isinstance(executor.read(stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"), 1e9), Reading)


@pytest.mark.parametrize("executor", [EXECUTORS["claude"], EXECUTORS["codex"]], ids=["claude", "codex"])
@given(events=st.lists(EVENTS, max_size=4), cut=st.integers(min_value=0, max_value=60))
def test_any_events(executor: Executor, events: list[dict[str, object]], cut: int) -> None:
    text = "\n".join(json.dumps(event) for event in events)
    report = executor.read(text[: len(text) - cut], "", 1e9)
    assert report.input_tokens >= 0
    assert report.finished == (report.error == "")
    if not any(event["type"] == "result" and event.get("is_error") is False for event in events):
        assert not report.finished


@pytest.mark.parametrize("name", ["claude", "codex"])
def test_deep_nesting_and_huge_numbers(name: str) -> None:
    lines = ['{"type":' + "[" * 100_000, '{"type":"result","total_cost_usd":' + "9" * 5000 + "}"]
    assert not EXECUTORS[name].read("\n".join(lines), "", 1e9).finished
