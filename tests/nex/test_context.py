"""A context that fills up: what is left out, and what never is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nex.models import SYSTEM, TASK, Tools, run, says, scripted
from wg.executors import failures
from wg.nex.answer import Answer, Call, Usage
from wg.nex.conversation import SUMMARISE
from wg.nex.journal import Message, read
from wg.nex.limits import Limits
from wg.nex.refusal import WireError


class Small:
    """A model with a small context that counts, calls a tool so often, and refuses what is too long."""

    def __init__(self, window: int, turns: int, *, at_once: int = 1) -> None:
        self.longest = 0
        self.summaries = 0
        self.seen: list[list[Message]] = []
        self._window = window
        self._turns = turns
        self._at_once = at_once  # calls in one answer

    def __call__(self, request: dict[str, Any]) -> Answer:
        messages: list[Message] = request["messages"]
        length = len(json.dumps(messages)) // 3
        if length > self._window:
            raise WireError(failures.CONTEXT_TOO_LONG, "too long")
        if "tools" not in request:
            assert messages[-1]["content"] == SUMMARISE
            self.summaries += 1
            return says("SUMMARY: half done", length)
        self.seen.append([dict(message) for message in messages])
        self.longest = max(self.longest, length)
        if len(self.seen) > self._turns:
            return says("done", length)
        made = [Call(f"c{n}", "bash", json.dumps({"n": [len(self.seen), n]})) for n in range(self._at_once)]
        return Answer("", tuple(made), Usage(length, 0, 5, None), "tool_calls")


def check_requests(model: Small) -> None:
    """Whatever was left out, the task is there, and each result follows its call."""
    for messages in model.seen:
        assert [message["content"] for message in messages[:2]] == [SYSTEM, TASK]
        waiting: list[str] = []
        for message in messages:
            if message["role"] == "tool":
                assert message["tool_call_id"] == waiting.pop(0)
            else:
                assert waiting == []
                waiting = [call["id"] for call in message.get("tool_calls", [])]
        assert waiting == []


def test_old_results_go_first(tmp_path: Path) -> None:
    model = Small(20_000, 40)
    end, _, log, _ = run(
        tmp_path, model, tools=Tools(lambda number: f"{number} " * 500), window=20_000, limits=Limits()
    )
    assert end.ok
    assert model.summaries == 0
    assert any("old tool results trimmed" in note for note in log.notes)
    assert model.seen[-1][-1]["content"].startswith("40 40"), "the newest is whole"
    check_requests(model)


def test_then_it_is_summarised(tmp_path: Path) -> None:
    model = Small(4_000, 60)
    end, conversation, log, _ = run(
        tmp_path, model, tools=Tools(lambda number: f"{number} " * 60), window=4_000, limits=Limits()
    )
    assert end.ok
    assert model.summaries > 1
    assert any("summarised" in note for note in log.notes)
    assert sum("SUMMARY" in str(message["content"]) for message in conversation.messages) == 1, "a new one replaces it"
    check_requests(model)
    past = read(str(tmp_path / "journal"))
    assert past is not None
    assert past.messages == conversation.messages


def test_calls_that_were_made_together_stay_together(tmp_path: Path) -> None:
    """Wherever the end of the conversation is cut off that stays."""
    for at_once in (2, 3, 4, 5):
        (tmp_path / str(at_once)).mkdir()
        model = Small(4_000, 40, at_once=at_once)
        tools = Tools(lambda number: f"{number} " * 60)
        assert run(tmp_path / str(at_once), model, tools=tools, window=4_000, limits=Limits())[0].ok
        assert model.summaries
        check_requests(model)


def test_a_window_that_is_smaller_than_was_said_is_found_out(tmp_path: Path) -> None:
    model = Small(6_000, 30)
    end, _, log, _ = run(
        tmp_path, model, tools=Tools(lambda number: f"{number} " * 200), window=50_000, limits=Limits()
    )
    assert end.ok, end
    assert log.notes
    check_requests(model)


def test_what_cannot_be_made_to_fit_fails_as_such(tmp_path: Path) -> None:
    end, _, log, _ = run(tmp_path, scripted(WireError(failures.CONTEXT_TOO_LONG, "too long")))
    assert end.failure == failures.CONTEXT_TOO_LONG
    assert "too long; the task and the last messages" in end.message
    assert log.notes == [], "nothing was gained"


def test_a_task_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    model = Small(100_000, 5)
    end, *_ = run(tmp_path, model, task="word " * 4_000, window=4_000)
    assert (end.ok, end.failure, model.seen) == (False, failures.CONTEXT_TOO_LONG, [])
    assert "the task alone takes about 57" in end.message and "executors.nex.context_window" in end.message


def test_letters_beside_ascii_are_not_taken_for_many_tokens(tmp_path: Path) -> None:
    assert run(tmp_path, scripted(says("done")), task="\u0441\u043b\u043e\u0432\u043e " * 1_000, window=4_000)[0].ok


@pytest.mark.parametrize("counts", [True, False])
def test_a_long_task_is_not_summarised_before_every_turn(tmp_path: Path, counts: bool) -> None:
    """It takes most of the context, so that the conversation is always nearly full: little is gained by a summary."""
    model = Small(100_000, 40)

    def uncounted(request: dict[str, Any]) -> Answer:
        return model(request)._replace(usage=None)

    end, _, log, _ = run(tmp_path, model if counts else uncounted, task="word " * 5_500, window=10_000, limits=Limits())
    assert end.ok
    assert 1 <= len(log.notes) <= 6
    assert model.summaries == len(log.notes)


def test_results_that_fill_the_context_by_themselves_are_left_out_too(tmp_path: Path) -> None:
    """All but the last: they are as young as the messages that are always kept."""
    model = Small(8_000, 8)
    end, *_ = run(tmp_path, model, tools=Tools(lambda number: f"{number}" + "x" * 12_000), window=8_000)
    assert end.ok, end
    check_requests(model)


@pytest.mark.parametrize(
    ("failure", "is_passing", "goes_on"),
    [
        (failures.EXIT, False, True),
        (failures.MODEL_NOT_FOUND, False, True),
        (failures.QUOTA, False, False),
        (failures.AUTH, False, False),
        (failures.NETWORK, True, False),
    ],
)
def test_a_summary_that_is_refused_is_done_without(
    tmp_path: Path, failure: str, is_passing: bool, goes_on: bool
) -> None:
    """Some gateways want the tools in every request whose messages have calls."""
    model = Small(4_000, 30)

    def gateway(request: dict[str, Any]) -> Answer:
        if "tools" not in request:
            raise WireError(failure, "tools= param is required", is_passing=is_passing)
        return model(request)

    end, conversation, log, _ = run(tmp_path, gateway, tools=Tools(lambda number: f"{number} " * 60), window=4_000)
    assert (end.ok, end.failure) == ((True, "") if goes_on else (False, failure))
    check_requests(model)
    assert any("Messages were left out here" in str(each["content"]) for each in conversation.messages) == goes_on
    assert any("left out, without a summary" in note for note in log.notes) == goes_on


@settings(max_examples=30)
@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=25), window=st.integers(3000, 12_000))
def test_no_request_loses_the_task_or_parts_a_call_from_its_result(sizes: list[int], window: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        model = Small(window, len(sizes))
        run(
            Path(directory),
            model,
            tools=Tools(lambda number: f"{number}" + "x" * sizes[(number - 1) % len(sizes)]),
            window=window,
            limits=Limits(),
        )
        check_requests(model)
