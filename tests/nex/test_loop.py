"""The loop with a scripted model: limits, circles, correcting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.nex.models import FIFTY_TURNS, Tools, calls, run, says, scripted
from wg.executors import failures
from wg.nex.answer import Answer, Call, Usage
from wg.nex.journal import read
from wg.nex.limits import Limits
from wg.nex.loop import End
from wg.nex.refusal import WireError


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


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Answer("", (), None, "stop", "I will not"), "; the last one: the model refuses: I will not"),
        (Answer("half a", (), None, "content_filter"), "; the last one: a content filter of the endpoint held it back"),
        (Answer("", (), None, "stop", "", True), "; the last one: the model has only thought, and answered nothing"),
        (says(""), ""),
    ],
)
def test_what_was_the_matter_is_said(tmp_path: Path, bad: Answer, reason: str) -> None:
    end = run(tmp_path, scripted(bad))[0]
    assert end == End(False, f"3 answers were empty or cut off{reason}", failures.EXIT)


def test_a_refusal_ends_it_with_its_class(tmp_path: Path) -> None:
    refused = WireError(failures.QUOTA, "no money", resets_at=5.0, hint="pay")
    assert run(tmp_path, scripted(refused))[0] == End(False, "no money (pay)", failures.QUOTA, 5.0)


def test_the_key_is_cut_out_of_what_tools_say(tmp_path: Path) -> None:
    tools = Tools(lambda number: "the key is sk-planted!")
    _, conversation, log, _ = run(tmp_path, scripted(calls(), says("done")), tools=tools, key="sk-planted")
    assert "sk-planted" not in json.dumps(conversation.messages) + (tmp_path / "journal").read_text()
    assert log.results[0].text == "the key is [key]!"


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
