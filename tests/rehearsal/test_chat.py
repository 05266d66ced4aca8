"""OpenAI chat completions, as a client sees them."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.harness import Box
from tests.rehearsal import Rehearsal
from wg.rehearsal.script import DEFAULT_COMMAND, FINAL_TEXT

BASH = ("bash", {"command": {"type": "string"}})
WRITE_FILE = ("write_file", {"path": {"type": "string"}, "content": {"type": "string"}})


def tool(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": "", "parameters": schema}}


def body(prompt: str, *results: str, tools: Any = (BASH, WRITE_FILE), **more: Any) -> dict[str, Any]:
    """A request; `results` are what its tools returned so far, each for a call of its own."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be good."}, {"role": "user", "content": prompt}]
    for number, result in enumerate(results):
        made = {"id": f"c{number}", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
        messages.append({"role": "assistant", "content": None, "tool_calls": [made]})
        messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": result})
    asked: dict[str, Any] = {"model": "m", "messages": messages, **more}
    return asked | ({"tools": [tool(*each) for each in tools]} if tools else {})


def ask(rehearsal: Rehearsal, asked: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.post(f"{rehearsal.url}/chat/completions", json=asked, headers=headers, timeout=60)


def message(rehearsal: Rehearsal, prompt: str, *results: str, **more: Any) -> Any:
    """The message of an answer that is not streamed."""
    answered = ask(rehearsal, body(prompt, *results, **more))
    assert answered.status_code == 200, answered.text
    return answered.json()["choices"][0]["message"]


def calls(answer: Any) -> list[tuple[str, str]]:
    return [(call["function"]["name"], call["function"]["arguments"]) for call in answer.get("tool_calls", [])]


def chunks(response: httpx.Response) -> list[Any]:
    """The events of a stream, without the last, which is [DONE]."""
    lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_a_call_and_then_the_end(rehearsal: Rehearsal) -> None:
    answered = ask(rehearsal, body("REHEARSE: run echo one"), {"authorization": "Bearer sk-secret"}).json()
    (choice,) = answered["choices"]
    assert (answered["object"], answered["model"]) == ("chat.completion", "m")
    assert choice["finish_reason"] == "tool_calls"
    assert calls(choice["message"]) == [("bash", '{"command": "echo one"}')]
    assert answered["usage"]["total_tokens"] == 110
    assert message(rehearsal, "REHEARSE: run echo one", "one") == {"role": "assistant", "content": FINAL_TEXT}
    assert [(r["protocol"], r["turn"], r["api_key"]) for r in rehearsal.requests()] == [
        ("chat", 0, True),
        ("chat", 1, False),
    ]
    assert "sk-secret" not in rehearsal.record.read_text()
    assert rehearsal.record.stat().st_mode & 0o777 == 0o600


def test_streamed_in_parts_with_usage(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: say I am going to look at it now\nREHEARSE: run echo a very long command"
    asked = body(prompt, stream=True, stream_options={"include_usage": True})
    response = ask(rehearsal, asked)
    assert response.headers["content-type"] == "text/event-stream"
    *parts, last = chunks(response)
    assert (last["choices"], last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == ([], 100, 10)
    assert all(part["usage"] is None for part in parts)
    deltas = [part["choices"][0]["delta"] for part in parts]
    texts = [delta["content"] for delta in deltas if delta.get("content")]
    assert len(texts) > 1
    assert "".join(texts) == "I am going to look at it now\n"
    begun, *grown = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert (begun["index"], begun["function"]) == (0, {"name": "bash", "arguments": ""})
    assert begun["id"]
    assert len(grown) > 1
    assert "".join(part["function"]["arguments"] for part in grown) == '{"command": "echo a very long command"}'
    assert [part["choices"][0]["finish_reason"] for part in parts][-2:] == [None, "tool_calls"]


def test_usage_comes_only_where_it_is_asked_for(rehearsal: Rehearsal) -> None:
    parts = chunks(ask(rehearsal, body("REHEARSE: final é and 字", stream=True)))
    assert not [part for part in parts if "usage" in part]
    assert parts[-1]["choices"][0]["finish_reason"] == "stop"
    assert "".join(part["choices"][0]["delta"].get("content", "") for part in parts) == "é and 字"


def test_usage_as_the_script_says(rehearsal: Rehearsal) -> None:
    used = ask(rehearsal, body("REHEARSE: usage 90000 7 50")).json()["usage"]
    assert (used["prompt_tokens"], used["completion_tokens"], used["total_tokens"]) == (90000, 7, 90007)
    assert used["prompt_tokens_details"] == {"cached_tokens": 50}


def test_without_a_script_a_file_is_made(rehearsal: Rehearsal) -> None:
    assert calls(message(rehearsal, "Do it.")) == [("bash", json.dumps({"command": DEFAULT_COMMAND}))]


def test_tools_by_what_they_take(rehearsal: Rehearsal) -> None:
    run, other = "REHEARSE: run ls", ("other", {"x": {"type": "integer"}})
    shell = ("shell", {"timeout": {"type": "integer"}, "command": {"type": "string"}})
    assert calls(message(rehearsal, run, tools=(other, shell))) == [("shell", '{"command": "ls"}')]
    write = "REHEARSE: write a/b c.txt it's"
    assert calls(message(rehearsal, "REHEARSE: write a/b.txt it's")) == [
        ("write_file", '{"path": "a/b.txt", "content": "it\'s\\n"}')
    ]
    ((name, arguments),) = calls(message(rehearsal, "REHEARSE: write a/b.txt it's", tools=(shell,)))
    assert name == "shell"
    assert json.loads(arguments) == {"command": "mkdir -p -- a && printf '%s\\n' 'it'\"'\"'s' > a/b.txt"}
    for asked in (run, write):
        unable = message(rehearsal, asked, tools=(other,))
        assert "no tool is offered" in unable["content"] and not calls(unable)


def test_who_only_wants_to_see_a_call_sees_one(rehearsal: Rehearsal) -> None:
    ping = ("ping", {"word": {"type": "string", "enum": ["pong"]}, "times": {"type": "integer"}})
    assert calls(message(rehearsal, "Call ping.", tools=(ping,))) == [("ping", '{"word": "pong", "times": 1}')]


def test_a_call_word_for_word_and_several_at_once(rehearsal: Rehearsal) -> None:
    prompt = 'REHEARSE: call bash {"command":\nREHEARSE: and call nope {}\nREHEARSE: and run ls\nREHEARSE: run two'
    first = message(rehearsal, prompt)
    assert calls(first) == [("bash", '{"command":'), ("nope", "{}"), ("bash", '{"command": "ls"}')]
    assert len({call["id"] for call in first["tool_calls"]}) == 3
    assert calls(message(rehearsal, prompt, "a", "b", "c")) == [("bash", '{"command": "two"}')]
    made: dict[int, dict[str, str]] = {}
    for part in chunks(ask(rehearsal, body(prompt, stream=True))):
        for call in part["choices"][0]["delta"].get("tool_calls", []):
            function = call["function"]
            whole = made.setdefault(call["index"], {"name": "", "arguments": ""})
            whole["name"] += function.get("name", "")
            whole["arguments"] += function["arguments"]
    assert list(made) == [0, 1, 2]
    assert [(whole["name"], whole["arguments"]) for whole in made.values()] == calls(first)


def test_what_is_said_between_does_not_begin_the_script_anew(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: final I am done\nREHEARSE: run really\nREHEARSE: final Now I am"
    asked = body(prompt)
    assert message(rehearsal, prompt)["content"] == "I am done"
    asked["messages"] += [{"role": "assistant", "content": "I am done"}, {"role": "user", "content": "You are not."}]
    assert calls(ask(rehearsal, asked).json()["choices"][0]["message"]) == [("bash", '{"command": "really"}')]
    asked["messages"] += body("", "result")["messages"][2:]
    assert ask(rehearsal, asked).json()["choices"][0]["message"]["content"] == "Now I am"
    asked["messages"].append({"role": "user", "content": "REHEARSE: run other"})
    assert calls(ask(rehearsal, asked).json()["choices"][0]["message"]) == [("bash", '{"command": "other"}')]


def test_a_summary_is_text_and_the_script_goes_on_behind_it(rehearsal: Rehearsal) -> None:
    prompt = "REHEARSE: run one\nREHEARSE: run two\nREHEARSE: run three"
    asked = body(prompt, "1", "2", tools=())
    asked["messages"].append({"role": "user", "content": "Summarise what was done."})
    said = ask(rehearsal, asked).json()["choices"][0]["message"]
    assert not calls(said)
    for role in ("user", "assistant", "system"):
        shorter = body(prompt)
        shorter["messages"].append({"role": role, "content": f"So far: {said['content']}"})
        assert calls(ask(rehearsal, shorter).json()["choices"][0]["message"]) == [("bash", '{"command": "three"}')]


def test_calls_that_are_left_say_how_far_the_script_was(rehearsal: Rehearsal) -> None:
    """Clients leave the newest messages as they are, where they leave out others."""
    prompt = "\n".join(f"REHEARSE: run {number}" for number in range(9))
    newest = ask(rehearsal, body(prompt, "0", "1")).json()["choices"][0]["message"]
    shorter = body(prompt)
    shorter["messages"] += [newest, {"role": "tool", "tool_call_id": newest["tool_calls"][0]["id"], "content": "2"}]
    assert command(rehearsal, shorter) == "3"


def command(rehearsal: Rehearsal, asked: dict[str, Any]) -> str:
    """What the answer runs."""
    ((_, arguments),) = calls(ask(rehearsal, asked).json()["choices"][0]["message"])
    return str(json.loads(arguments)["command"])


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 529])
def test_refusals(rehearsal: Rehearsal, status: int) -> None:
    refused = ask(rehearsal, body(f"REHEARSE: status {status} my_type\nREHEARSE: saying No, thanks.", stream=True))
    assert refused.status_code == status
    assert refused.json()["error"]["message"] == "No, thanks."
    assert refused.json()["error"]["type"] == "my_type"
    assert "retry-after" not in refused.headers
    assert ("anthropic-ratelimit-unified-reset" in refused.headers) == (status == 429)


def test_a_limit_that_ends_soon(rehearsal: Rehearsal) -> None:
    begin = time.time()
    refused = ask(rehearsal, body("REHEARSE: status 429\nREHEARSE: reset 2"))
    assert (refused.json()["error"]["type"], refused.headers["retry-after"]) == ("rate_limit_error", "2")
    assert refused.headers["x-ratelimit-reset-requests"] == refused.headers["x-ratelimit-reset-tokens"] == "2s"
    ends = float(refused.headers["anthropic-ratelimit-unified-reset"])
    assert refused.json()["error"]["resets_at"] == ends
    assert begin + 1 <= ends <= time.time() + 2, "in whole seconds"


def test_trouble_that_is_met_with_once(rehearsal: Rehearsal, box: Box) -> None:
    prompt = f"REHEARSE: once 500 {box.root}/a\nREHEARSE: once cut {box.root}/b\nREHEARSE: run ls"
    assert ask(rehearsal, body(prompt)).status_code == 500
    with pytest.raises(httpx.RemoteProtocolError):
        ask(rehearsal, body(prompt))
    assert calls(message(rehearsal, prompt)) == [("bash", '{"command": "ls"}')]
    nowhere = ask(rehearsal, body(f"REHEARSE: once 500 {box.root}/no/such"))
    assert (nowhere.status_code, "no/such: No such file" in nowhere.text) == (400, True)


def test_a_stream_cut_in_the_middle_of_a_call(rehearsal: Rehearsal) -> None:
    asked = body(f"REHEARSE: run echo {'long ' * 100}\nREHEARSE: cut", stream=True)
    lines: list[str] = []
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("POST", f"{rehearsal.url}/chat/completions", json=asked, timeout=60) as response,
    ):
        for line in response.iter_lines():
            lines.append(line)
    assert any('"arguments": "long' in line or '"arguments": "{' in line for line in lines)
    assert not [line for line in lines if 'finish_reason": "' in line or "[DONE]" in line]


def test_a_slow_stream_comes_in_parts(rehearsal: Rehearsal) -> None:
    asked = body("REHEARSE: final one two three four five six\nREHEARSE: slow 3", stream=True)
    begin = time.monotonic()
    with httpx.stream("POST", f"{rehearsal.url}/chat/completions", json=asked, timeout=60) as response:
        times = [time.monotonic() - begin for _ in response.iter_raw()]
    assert len(times) > 3
    assert times[-1] >= 2.8
    assert times[0] < times[-1] - 0.5


def test_babble(rehearsal: Rehearsal) -> None:
    parts = chunks(ask(rehearsal, body("REHEARSE: babble 1000000", stream=True)))
    assert len("".join(part["choices"][0]["delta"].get("content", "") for part in parts)) == 1_000_000


def test_a_connection_is_kept_but_where_an_answer_is_cut(rehearsal: Rehearsal) -> None:
    url = f"{rehearsal.url}/chat/completions"
    with httpx.Client(timeout=60) as client:
        ports = set()
        for _ in range(3):
            response = client.post(url, json=body("x"))
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(url, json=body("REHEARSE: cut"))
        assert client.post(url, json=body("x")).status_code == 200
    assert len(ports) == 1


def test_models_are_listed_and_others_answer(rehearsal: Rehearsal) -> None:
    listed = httpx.get(f"{rehearsal.url}/models", timeout=60).json()
    assert listed["object"] == "list"
    assert "qwen3-coder-30b" in [model["id"] for model in listed["data"]]
    assert httpx.get(f"{rehearsal.url}/nothing", timeout=60).status_code == 404
    assert httpx.post(f"{rehearsal.url}/nothing", json={}, timeout=60).status_code == 404
    assert rehearsal.requests("chat") == []


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"messages": 1, "model": "m"}', '{"messages": [{}], "model": "m"}'])
def test_a_request_that_is_none_is_refused(rehearsal: Rehearsal, text: str) -> None:
    for path in ("chat/completions", "responses", "messages"):
        refused = httpx.post(f"{rehearsal.url}/{path}", content=text, timeout=60)
        assert refused.status_code == 400
        assert "not a request" in refused.json()["error"]["message"]


def test_a_web_page_cannot_ask(rehearsal: Rehearsal, box: Box) -> None:
    refused = ask(rehearsal, body(f"REHEARSE: once 500 {box.root}/made"), {"origin": "http://example.invalid"})
    assert refused.status_code == 403
    assert not (box.root / "made").exists()


def test_a_wrong_directive_in_a_prompt_is_said(rehearsal: Rehearsal) -> None:
    refused = ask(rehearsal, body("REHEARSE: jump high"))
    assert refused.status_code == 400
    assert refused.json()["error"]["message"].startswith("unknown directive: jump high (there are: run, write, call")
