"""OpenAI Responses and Anthropic Messages, as clients see them; and what holds for all interfaces alike."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.harness import Box, wait_for
from tests.rehearsal import Rehearsal
from wg.rehearsal.script import FINAL_TEXT

EXEC_COMMAND = {"type": "function", "name": "exec_command", "parameters": {}}
IN_CODE = {"type": "additional_tools", "role": "developer", "tools": []}
BASH = {"name": "Bash", "input_schema": {}}


def ask(rehearsal: Rehearsal, path: str, body: dict[str, Any]) -> httpx.Response:
    answered = httpx.post(f"{rehearsal.url}/{path}", json={"model": "m", **body}, timeout=60)
    assert answered.status_code == 200, answered.text
    return answered


def events(response: httpx.Response) -> list[Any]:
    """The events of a stream; each is named as its data says."""
    found = []
    for block in response.text.split("\n\n")[:-1]:
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        found.append(event)
    return found


def responses(prompt: str, *results: str, code: bool = False, **more: Any) -> dict[str, Any]:
    user = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}
    done = [{"type": "function_call_output", "call_id": "c", "output": result} for result in results]
    return {"input": [*([IN_CODE] if code else []), user, *done], **({} if code else {"tools": [EXEC_COMMAND]}), **more}


def messages(prompt: str, *results: str, **more: Any) -> dict[str, Any]:
    user = {
        "role": "user",
        "content": [{"type": "text", "text": "<system-reminder>x"}, {"type": "text", "text": prompt}],
    }
    done = [{"role": "user", "content": [{"type": "tool_result", "content": result}]} for result in results]
    return {"messages": [user, *done], "tools": [BASH], **more}


def test_responses_in_parts(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: say I am going to do it now\nREHEARSE: run echo a long command\nREHEARSE: and write a b"
    found = events(ask(rehearsal, "responses", responses(prompt, stream=True)))
    texts = [e["delta"] for e in found if e["type"] == "response.output_text.delta"]
    assert (len(texts) > 1, "".join(texts)) == (True, "I am going to do it now\n")
    grown = [e for e in found if e["type"] == "response.function_call_arguments.delta"]
    assert {e["output_index"] for e in grown} == {1, 2}
    assert "".join(e["delta"] for e in grown if e["output_index"] == 1) == '{"cmd": "echo a long command"}'
    done = [e["item"] for e in found if e["type"] == "response.output_item.done"]
    assert (found[0]["type"], found[-1]["type"]) == ("response.created", "response.completed")
    assert found[-1]["response"]["output"] == done
    assert [item["type"] for item in done] == ["message", "function_call", "function_call"]
    assert json.loads(done[2]["arguments"]) == {"cmd": "printf '%s\\n' b > a"}
    assert found[-1]["response"]["usage"]["total_tokens"] == 110


def test_responses_whole_and_in_code(rehearsal: Rehearsal) -> None:
    whole = ask(rehearsal, "responses", responses("REHEARSE: run ls", "listed")).json()
    assert (whole["status"], whole["output"][0]["content"][0]["text"]) == ("completed", FINAL_TEXT)
    (item,) = ask(rehearsal, "responses", responses("REHEARSE: run ls", code=True)).json()["output"]
    assert (item["type"], item["name"], item["namespace"]) == ("custom_tool_call", "exec", "functions")
    assert item["input"] == 'const r = await tools.exec_command({"cmd": "ls"}); text(r.output)'
    (plain,) = ask(rehearsal, "responses", {"input": "Say something."}).json()["output"]
    assert "no tool is offered" in plain["content"][0]["text"]


def test_messages_in_parts(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: say I am going to do it now\nREHEARSE: run echo a long command\nREHEARSE: and call Nope {bad"
    found = events(ask(rehearsal, "messages", messages(prompt, stream=True)))
    assert (found[0]["type"], found[-1]["type"]) == ("message_start", "message_stop")
    starts = [e["content_block"] for e in found if e["type"] == "content_block_start"]
    assert [(block["type"], block.get("name")) for block in starts] == [
        ("text", None),
        ("tool_use", "Bash"),
        ("tool_use", "Nope"),
    ]
    assert len({block["id"] for block in starts[1:]}) == 2
    deltas = [e for e in found if e["type"] == "content_block_delta"]
    parts = [
        [e["delta"].get("text") or e["delta"]["partial_json"] for e in deltas if e["index"] == index]
        for index in range(3)
    ]
    assert (len(parts[0]) > 1, "".join(parts[0])) == (True, "I am going to do it now\n")
    assert json.loads("".join(parts[1]))["command"] == "echo a long command"
    assert "".join(parts[2]) == "{bad"
    assert found[-2]["delta"]["stop_reason"] == "tool_use"
    usage = found[-2]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (80, 20, 10)


def test_messages_whole(rehearsal: Rehearsal) -> None:
    asked = messages("REHEARSE: say now\nREHEARSE: write a b\nREHEARSE: and call Nope {bad")
    whole = ask(rehearsal, "messages", asked).json()
    assert whole["content"][0] == {"type": "text", "text": "now\n"}
    assert whole["content"][1]["input"]["command"] == "printf '%s\\n' b > a"
    assert whole["content"][2]["input"] == {}
    assert (whole["stop_reason"], whole["role"]) == ("tool_use", "assistant")
    asked = messages("REHEARSE: run ls", "listed")
    asked["messages"].append({"role": "system", "content": "Not from the user."})
    ended = ask(rehearsal, "messages", asked).json()
    assert (ended["content"], ended["stop_reason"]) == ([{"type": "text", "text": FINAL_TEXT}], "end_turn")


def test_answer_follows_from_the_request_alone(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: run first\nREHEARSE: run second"
    seen = [ask(rehearsal, "responses", responses(prompt, *results)).text for results in (("1",), (), ("one", "two"))]
    assert ['"cmd\\": \\"second' in seen[0], '"cmd\\": \\"first' in seen[1], FINAL_TEXT in seen[2]] == [True] * 3
    assert [request["turn"] for request in rehearsal.requests()] == [1, 0, 2]


def test_wait_holds_one_answer_and_no_other(box: Box, rehearsal: Rehearsal) -> None:
    go = box.root / "go"
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lambda: (ask(rehearsal, "messages", messages(f"REHEARSE: wait {go}")), time.monotonic()))
        wait_for(rehearsal.requests, "the held request")
        ask(rehearsal, "responses", responses("not held"))
        freed = time.monotonic()
        go.touch()
        answered = held.result(timeout=150)[1]
    assert answered > freed


@pytest.mark.parametrize("path", ["responses", "messages"])
def test_cut_also_where_nothing_is_streamed(rehearsal: Rehearsal, path: str) -> None:
    asked = responses("REHEARSE: cut") if path == "responses" else messages("REHEARSE: cut")
    for stream in (True, False):
        with pytest.raises(httpx.RemoteProtocolError):
            ask(rehearsal, path, asked | {"stream": stream})
