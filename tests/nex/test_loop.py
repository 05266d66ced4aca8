"""The loop with a scripted model: limits, circles, correcting, and a context that fills up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wg.executors import failures
from wg.nex.answer import Answer, Call, Usage
from wg.nex.conversation import SUMMARISE, Conversation
from wg.nex.form import Schema
from wg.nex.journal import Journal, Message, read
from wg.nex.limits import Limits, Spent
from wg.nex.loop import Agent, End
from wg.nex.refusal import WireError
from wg.nex.tools.base import Result

TASK = "the task: rename x to y"
SYSTEM = "you are nex"
FIFTY_TURNS = Limits(50)
Model = Callable[[dict[str, Any]], Answer]


class Log:
    """Hears everything."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.results: list[Result] = []

    def called(self, name: str, arguments: str) -> None: ...

    def returned(self, name: str, result: Result) -> None:
        self.results.append(result)

    def answered(self, answer: Answer, spent: Spent) -> None: ...

    def noted(self, text: str) -> None:
        self.notes.append(text)


class Tools:
    """Every call gives the next result; a tool named `no` is not understood."""

    def __init__(self, text: Callable[[int], str] = str) -> None:
        self.calls: list[tuple[str, str]] = []
        self._text = text

    def specs(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": "bash"}}]

    def call(self, name: str, arguments: str) -> Result:
        self.calls.append((name, arguments))
        return Result(self._text(len(self.calls)), failed=name == "no", malformed=name == "no")


def says(text: str, used: int = 0) -> Answer:
    return Answer(text, (), Usage(used, 0, 10, 0.01) if used else None, "stop")


def calls(name: str = "bash", arguments: str = "{}", used: int = 100) -> Answer:
    return Answer("", (Call("c", name, arguments),), Usage(used, 20, 10, 0.01), "tool_calls")


def run(
    path: Path,
    model: Model,
    *,
    limits: Limits = FIFTY_TURNS,
    tools: Tools | None = None,
    window: int = 100_000,
    key: str = "",
    schema: Schema | None = None,
) -> tuple[End, Conversation, Log, Agent]:
    journal, log = Journal(str(path / "journal")), Log()
    conversation = Conversation(journal, window)
    conversation.add({"role": "system", "content": SYSTEM})
    conversation.add({"role": "user", "content": TASK})
    agent = Agent(model, tools or Tools(), conversation, journal, log, key=key, schema=schema)
    return agent.run(limits), conversation, log, agent


def scripted(*answers: Answer | WireError) -> Model:
    """These, the last one for ever."""
    waiting = list(answers)

    def ask(request: dict[str, Any]) -> Answer:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, WireError):
            raise answer
        return answer

    return ask


def test_calls_are_carried_out_until_there_are_none(tmp_path: Path) -> None:
    tools = Tools()
    end, conversation, _, agent = run(tmp_path, scripted(calls(), calls("glob"), says("it is done", 200)), tools=tools)
    assert end == End(True, "it is done")
    assert tools.calls == [("bash", "{}"), ("glob", "{}")]
    roles = [message["role"] for message in conversation.messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool", "assistant"]
    assert (agent.spent.input, agent.spent.cached, agent.spent.output, agent.spent.turns) == (400, 40, 30, 3)
    assert agent.spent.cost == pytest.approx(0.03)
    past = read(str(tmp_path / "journal"))
    assert past is not None
    assert past.messages == conversation.messages


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(turns=4), "4 turns"),
        (Limits(tokens=300), "300 tokens"),
        (Limits(cost=0.02), "0.02 US dollars"),
    ],
)
def test_limits_end_it(tmp_path: Path, limits: Limits, reason: str) -> None:
    end, _, _, _ = run(tmp_path, scripted(calls()), limits=limits)
    assert (end.ok, end.failure) == (False, failures.EXIT)
    assert reason in end.message


def test_going_in_circles_is_told_and_then_ended(tmp_path: Path) -> None:
    tools = Tools(lambda number: "the same")
    end, _, log, _ = run(tmp_path, scripted(calls()), tools=tools)
    assert len(tools.calls) == 6
    assert "made the same call 6 times" in end.message
    assert ["same call" in result.text for result in log.results] == [False, False, True, True, True, True]


def together(*arguments: str) -> Answer:
    """Calls that are made in one answer."""
    made = tuple(Call(f"c{number}", "bash", each) for number, each in enumerate(arguments))
    return Answer("", made, Usage(100, 20, 10, 0.01), "tool_calls")


@pytest.mark.parametrize("kinds", [2, 3, 12])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_circle_of_several_calls_is_seen(tmp_path: Path, kinds: int, at_once: bool) -> None:
    """One after the other, or the same ones in each answer."""
    each = [str(number) for number in range(kinds)]
    tools = Tools(lambda number: "the same")
    model = scripted(together(*each)) if at_once else scripted(*[together(one) for one in each * 8])
    end, *_ = run(tmp_path, model, tools=tools, limits=Limits(100))
    assert "made the same call 6 times" in end.message
    assert len(tools.calls) == 6 * kinds


def test_nothing_is_carried_out_after_what_ends_the_run(tmp_path: Path) -> None:
    """Each call gets a result all the same: without them the conversation could not be gone on with."""
    tools = Tools(lambda number: "the same")
    end, conversation, _, agent = run(tmp_path, scripted(together(*["{}"] * 128), says("done")), tools=tools)
    assert (len(tools.calls), agent.spent.turns) == (6, 1)
    assert "made the same call 6 times" in end.message
    results = [message["tool_call_id"] for message in conversation.messages if message["role"] == "tool"]
    assert results == [f"c{number}" for number in range(128)]
    assert "was not carried out" in conversation.messages[-1]["content"]
    assert agent.run(FIFTY_TURNS).ok


def test_the_same_tests_after_each_change_are_no_circle(tmp_path: Path) -> None:
    changes = [calls("edit_file", f'{{"n": {number}}}') for number in range(10)]
    answers = [answer for change in changes for answer in (change, calls("bash", "make"))]
    assert run(tmp_path, scripted(*answers, says("done")), tools=Tools(lambda number: "ok"))[0].ok


def test_the_same_call_with_other_results_is_no_circle(tmp_path: Path) -> None:
    end, _, _, _ = run(tmp_path, scripted(*[calls()] * 8, says("done")), tools=Tools(str))
    assert end.ok


def test_calls_that_are_not_understood_are_corrected_only_so_often(tmp_path: Path) -> None:
    end, _, log, _ = run(tmp_path, scripted(calls("no")))
    assert len(log.results) == 5
    assert "could not be understood" in end.message
    (tmp_path / "journal").unlink()
    assert run(tmp_path, scripted(*[calls("no")] * 4, calls(), *[calls("no")] * 4, says("done")))[0].ok


@pytest.mark.parametrize("bad", [says(""), says("  \n"), Answer("half a", (), None, "length")])
def test_an_empty_or_cut_answer_is_asked_about(tmp_path: Path, bad: Answer) -> None:
    assert run(tmp_path, scripted(bad, bad, says("done")))[0] == End(True, "done")
    (tmp_path / "journal").unlink()
    end = run(tmp_path, scripted(bad))[0]
    assert (end.ok, end.failure) == (False, failures.EXIT)


def test_a_refusal_ends_it_with_its_class(tmp_path: Path) -> None:
    refused = WireError(failures.QUOTA, "no money", resets_at=5.0, hint="pay")
    assert run(tmp_path, scripted(refused))[0] == End(False, "no money (pay)", failures.QUOTA, 5.0)


def test_the_key_is_cut_out_of_what_tools_say(tmp_path: Path) -> None:
    tools = Tools(lambda number: "the key is sk-planted!")
    _, conversation, log, _ = run(tmp_path, scripted(calls(), says("done")), tools=tools, key="sk-planted")
    assert "sk-planted" not in json.dumps(conversation.messages) + (tmp_path / "journal").read_text()
    assert log.results[0].text == "the key is [key]!"


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
    end, _, _, _ = run(tmp_path, scripted(WireError(failures.CONTEXT_TOO_LONG, "too long")))
    assert end.failure == failures.CONTEXT_TOO_LONG


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


class NoTools(Tools):
    def specs(self) -> list[dict[str, Any]]:
        return []


def test_an_answer_that_is_to_be_json_is_corrected(tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def model(request: dict[str, Any]) -> Answer:
        asked.append({**request, "messages": list(request["messages"])})
        return says("perhaps" if len(asked) == 1 else '{"yes": true}')

    schema = {"type": "object", "properties": {"yes": {"type": "boolean"}}}
    end, *_ = run(tmp_path, model, tools=NoTools(), schema=schema)
    assert end == End(True, '{"yes": true}')
    assert [request["response_format"]["json_schema"]["schema"] for request in asked] == [schema, schema]
    assert not any("tools" in request for request in asked)
    assert "not valid JSON" in asked[1]["messages"][-1]["content"]


def test_a_question_that_is_never_answered_in_json_fails(tmp_path: Path) -> None:
    end, *_ = run(tmp_path, scripted(says("I would rather not.")), schema={"type": "object"})
    assert end == End(False, "3 answers were empty, cut off or not JSON", failures.EXIT)


def test_no_tools_are_no_list_of_tools(tmp_path: Path) -> None:
    def model(request: dict[str, Any]) -> Answer:
        return says("none" if "tools" not in request else "some")

    assert run(tmp_path, model, tools=NoTools())[0].message == "none"
