"""A message put together: calls, text and what is lacking, as endpoints really send them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.nex.asking import JSON, KEY, answer_to, asked
from tests.nex.endpoint import Canned, delta, events, serving
from wg.nex.answer import Answer, Call


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
