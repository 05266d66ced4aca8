"""`wg endpoints test` against every kind of endpoint: a good one, a poor one, and those that mean harm."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.model_server import END, USAGE, Answer, Http, ModelServer, call, calls, listing, piece, refuses, says
from tests.e2e.profile_box import small, write_private
from tests.harness import Box
from tests.trees import files_holding

KEY = 'sk-planted"key\\0123456789'  # with what JSON writes otherwise


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as made:
        yield made


@pytest.fixture
def keyed(box: Box, server: ModelServer) -> Box:
    """A box whose one endpoint is the server, with a key."""
    configure(box, server.url)
    box.env["PLANTED"] = KEY
    return box


def configure(box: Box, url: str, model: str = "nex:m") -> None:
    box.wg_home.mkdir(mode=0o700, exist_ok=True)
    block = f'[[llm_endpoints.endpoints]]\nname = "here"\nurl = "{url}"\napi_key_env = "PLANTED"\n'
    write_private(box.wg_home / "config.toml", small(model) + block)


def outcome(box: Box, *argv: str, code: int = 1) -> str:
    """What the test prints, wherever; the key is not in it, nor half of it."""
    done = box.wg("endpoints", "test", *argv, code=code)
    told = done.out + done.err
    spellings = (KEY, json.dumps(KEY)[1:-1], base64.b64encode(KEY.encode()).decode(), KEY[:8], KEY[12:])
    assert not [each for each in spellings if each in told], told
    return told


def found(box: Box, *argv: str, code: int = 1) -> dict[str, Any]:
    """The same as JSON."""
    value: dict[str, Any] = json.loads(outcome(box, *argv, "--json", code=code))
    assert value["usable"] is (code == 0)
    return value


def test_a_good_one(keyed: Box, server: ModelServer) -> None:
    lines = outcome(keyed, code=0).splitlines()
    assert lines[0] == f"Endpoint here at {server.url}"
    assert lines[1:4] == ["  models      2: m, other", "  model       m", "  streaming   yes, 3 pieces"]
    assert re.match(r"  latency     the first after \d+\.\d\d s, all after \d", lines[4])
    assert lines[5:] == ["  usage       11 tokens in, 5 out", "  tool calls  yes", "Tasks can run on it: yes"]
    value = found(keyed, code=0)
    assert 0 <= value["first_seconds"] <= value["total_seconds"]
    assert {name: value[name] for name in ("endpoint", "model", "models", "streams", "usage", "tools", "problem")} == {
        "endpoint": "here",
        "model": "m",
        "models": ["m", "other"],
        "streams": True,
        "usage": {"input": 11, "output": 5},
        "tools": True,
        "problem": None,
    }


def test_what_is_asked(keyed: Box, server: ModelServer) -> None:
    outcome(keyed, "here", code=0)
    models, chat, tool = server.asked[:3]
    assert {each.headers["authorization"] for each in server.asked} == {f"Bearer {KEY}"}
    assert (models.path, chat.path) == ("/v1/models", "/v1/chat/completions")
    assert chat.body["stream"] is True and "tools" not in chat.body
    assert tool.body["tools"][0]["type"] == "function" and "tool_choice" not in tool.body


@pytest.mark.parametrize(
    ("asked", "model"),
    [([], "m"), (["-m", "other"], "other"), (["-m", "nex:other"], "other"), (["-m", "qwen3:8b"], "qwen3:8b")],
)
def test_which_model(keyed: Box, server: ModelServer, asked: list[str], model: str) -> None:
    told = outcome(keyed, *asked, code=0)
    assert {each.body["model"] for each in server.asked if each.body} == {model}
    assert f"  model       {model}" in told
    assert ("(which is not in its list)" in told) == (model == "qwen3:8b")


def test_the_first_listed_model_where_no_role_runs_there(keyed: Box, server: ModelServer) -> None:
    configure(keyed, server.url, model="codex:x")
    outcome(keyed, code=0)
    assert {each.body["model"] for each in server.asked if each.body} == {"m"}
    server.models = listing()
    assert "it lists no models" in outcome(keyed)
    server.models = refuses(404, "no list here")
    assert "no: it answers 404: no list here" in outcome(keyed)


def test_without_a_key(box: Box, server: ModelServer) -> None:
    configure(box, server.url)
    refused = box.wg("endpoints", "test", code=1)
    assert "endpoint here: the variable PLANTED, which holds its key, is not set" in refused.err
    assert not server.asked
    path = box.wg_home / "config.toml"
    path.write_text(path.read_text().replace('"PLANTED"', '""'))
    box.wg("endpoints", "test")
    assert all("authorization" not in each.headers for each in server.asked)


def test_a_key_from_a_file(box: Box, server: ModelServer) -> None:
    configure(box, server.url)
    key = box.home / "key"
    write_private(key, "sk-from-a-file\n")
    path = box.wg_home / "config.toml"
    path.write_text(path.read_text().replace('api_key_env = "PLANTED"', f'api_key_file = "{key}"'))
    box.wg("endpoints", "test")
    assert {each.headers["authorization"] for each in server.asked} == {"Bearer sk-from-a-file"}
    key.chmod(0o644)
    assert f"hint: chmod 600 {key}" in box.wg("endpoints", "test", code=1).err


def raw(body: bytes | str, kind: str, status: int = 200) -> Answer:
    return lambda http: http.send(status, body, kind)


def whole(message: dict[str, object]) -> Answer:
    """An answer that is not streamed, though it was asked for so."""
    value = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}}
    return raw(json.dumps(value), "application/json; charset=utf-8")


def cut(http: Http) -> None:
    http.begin(200, "text/event-stream")
    http.event(piece("on"))


def endless_text(http: Http) -> None:
    http.begin(200, "text/event-stream")
    while True:
        http.event(piece("word " * 50))


def endless_line(http: Http) -> None:
    http.begin(200, "text/event-stream")
    http.wfile.write(b"data: ")
    while True:
        http.wfile.write(b"x" * 65536)


def endless_body(http: Http) -> None:
    http.begin(200, "application/json")
    while True:
        http.wfile.write(b"[" * 65536)


def drip(http: Http) -> None:
    """A byte now and then: no single wait is long."""
    http.begin(200, "text/event-stream")
    while True:
        http.wfile.write(b":\n")
        time.sleep(0.1)


def silence(http: Http) -> None:
    time.sleep(20)


def hang_up(http: Http) -> None:
    http.connection.shutdown(socket.SHUT_RDWR)


def error_in_the_stream(http: Http) -> None:
    http.stream(piece("on"), {"error": {"message": f"overloaded {KEY}", "code": 529}})


# what the chat call gets, and what is said of it: tasks cannot run
CHAT = {
    "401": (refuses(401, "bad key"), "it answers 401: bad key", "see to the key"),
    "403": (refuses(403, "not for you"), "it answers 403: not for you", "see to the key"),
    "no such model": (refuses(404, "model 'm' not found"), "it answers 404: model 'm' not found", "did you mean m?"),
    "429": (refuses(429, "slow down"), "it answers 429: slow down", ""),
    "500": (raw("<h1>oops</h1>", "text/html", 500), "it answers 500: <h1>oops</h1>", ""),
    "a page": (raw("<html>Welcome</html>", "text/html"), "is not the JSON that it should be (text/html)", "up to and"),
    "no JSON": (raw("{", "application/json"), "is not the JSON", "up to and including /v1"),
    "another JSON": (raw("[1, 2]", "application/json"), "is not the JSON", "up to and including /v1"),
    "deep JSON": (raw("[" * 200_000, "application/json"), "is not the JSON", "up to and including /v1"),
    "garbage": (raw(bytes(range(256)) * 20, "text/event-stream"), "breaks off in the middle, or is no answer", ""),
    "garbage events": (lambda http: http.stream("{oops"), "is not the JSON that it should be", ""),
    "an error in the stream": (error_in_the_stream, "breaks off its answer: overloaded [key]", ""),
    "cut": (cut, "breaks off in the middle", ""),
    "hung up": (hang_up, "breaks off its answer, or does not speak HTTP", ""),
    "an endless line": (endless_line, "does not end: more than 4 MB came", ""),
    "an endless body": (endless_body, "does not end: more than 4 MB came", ""),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "said", "hint"), CHAT.values(), ids=CHAT)
def test_no_answer(keyed: Box, server: ModelServer, answer: Answer, said: str, hint: str) -> None:
    server.chat = answer
    told = outcome(keyed)
    assert "Tasks can run on it: no: " in told and said in told
    assert hint in told.partition("hint: ")[2]


@pytest.mark.parametrize("answer", [drip, silence], ids=["a drip", "silence"])
@pytest.mark.parametrize("where", ["models", "chat", "tool"])
def test_slow_ones(keyed: Box, server: ModelServer, answer: Answer, where: str) -> None:
    setattr(server, where, answer)
    told = outcome(keyed, "--timeout", "1s")
    assert "no whole answer within 1 s" in told


# what the list may be: the rest is asked all the same
LISTS = {
    "404": (refuses(404, "no list"), "not listed: it answers 404: no list"),
    "a page": (raw("<html></html>", "text/html"), "not listed: what it sends is not the JSON"),
    "odd": (raw('{"data": {"m": 1}}', "application/json"), "not listed: what it gives for a list of models is none"),
    "odd within": (raw('{"data": [1, {"id": 3}, {"name": "m"}]}', "application/json"), "1: m"),
    "long": (listing(*(f"m{number}" for number in range(2000))), "2000: m0, m1, m2, m3, m4, and 1995 more"),
    "endless": (endless_body, "not listed: its answer does not end"),
}


@pytest.mark.parametrize(("answer", "said"), LISTS.values(), ids=LISTS)
def test_lists(keyed: Box, server: ModelServer, answer: Answer, said: str) -> None:
    server.models = answer
    assert f"  models      {said}" in outcome(keyed, code=0)


# answers that will do, and what is worth knowing of them
POOR = {
    "not streamed": (whole({"content": "one two"}), "  streaming   no: the whole text comes at once"),
    "streamed in one piece": (says("one two"), "  streaming   yes, 1 piece\n"),
    "streamed without its type": (
        raw("".join(f"data: {json.dumps(each)}\n\n" for each in (piece("a"), END)), "text/plain"),
        "  streaming   yes, 1 piece\n",
    ),
    "not counted": (lambda http: http.stream(piece("a"), piece("b"), END), "  usage       not given"),
    "counted oddly": (
        lambda http: http.stream(END, {"usage": {"prompt_tokens": "x", "completion_tokens": -1}}),
        "0 tokens in, 0 out",
    ),
    "without an end": (endless_text, "left after"),
    "nothing": (lambda http: http.stream(END), "  latency     all after"),
    "thoughts": (
        lambda http: http.stream({"choices": [{"delta": {"reasoning_content": "hm"}}]}, piece("a"), piece("b"), END),
        "yes, 2 pieces",
    ),
    "odd pieces": (
        lambda http: http.stream(
            {"choices": 3}, {"choices": [3]}, {"choices": [{"delta": 3}]}, {"choices": [{"delta": {"content": 3}}]},
            {"choices": [{"delta": {"tool_calls": [3, {"index": [], "function": 3}]}}]}, piece("a"), piece("b"), END,
        ),
        "yes, 2 pieces",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "said"), POOR.values(), ids=POOR)
def test_poor_answers(keyed: Box, server: ModelServer, answer: Answer, said: str) -> None:
    server.chat = answer
    assert said in outcome(keyed, code=0)


NAME = "report_number"  # of the tool that is offered
TOOLS = {
    "in pieces": (lambda http: http.stream(call(NAME, '{"num'), call("", 'ber": 7}'), END), "yes"),
    "as an object": (whole({"tool_calls": [{"function": {"name": NAME, "arguments": {"number": 7}}}]}), "yes"),
    "not streamed": (whole({"tool_calls": [{"function": {"name": NAME, "arguments": "{}"}}]}), "yes"),
    "words": (says("The number", " is 7."), "no: it answers in words where a tool was to be called"),
    "in the text": (says('<tool_call>{"name": "report_number"'), "no: it writes the call into its text"),
    "another tool": (calls("rm", "{}"), "no: its call is not one of the tool, or its arguments are not JSON"),
    "bad arguments": (calls(arguments="number: 7"), "no: its call is not one of the tool"),
    "refused": (refuses(400, "m does not support tools"), "no: it answers 400: m does not support tools"),
    "crashed": (refuses(500, "tools param requires --jinja"), "no: it answers 500: tools param requires --jinja"),
    "many calls": (lambda http: http.stream(*[
        {"choices": [{"delta": {"tool_calls": [{"index": n, "function": {"name": "x", "arguments": "{}"}}]}}]}
        for n in range(5000)], END), "no: "),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "said"), TOOLS.values(), ids=TOOLS)
def test_tool_calls(keyed: Box, server: ModelServer, answer: Answer, said: str) -> None:
    server.tool = answer
    told = outcome(keyed, code=0 if said == "yes" else 1)
    assert f"  tool calls  {said}" in told
    if said != "yes":
        assert "Tasks can run on it: no: tasks need a model that calls tools" in told
        assert ("--jinja" in told.partition("hint: ")[2]) == (said != TOOLS["words"][1])


def test_once_is_no_failure(keyed: Box, server: ModelServer) -> None:
    def second(http: Http) -> None:
        asked = [each for each in server.asked if each.body and each.body.get("tools")]
        (says("Seven.") if len(asked) == 1 else calls())(http)

    server.tool = second
    assert keyed.wg("endpoints", "test").out.endswith("  tool calls  yes\nTasks can run on it: yes\n")


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in key)


# wherever the key comes back, and however it is written
ECHOES: dict[str, tuple[str, Answer]] = {
    "in a refusal": ("chat", refuses(401, f"the key {KEY} is bad")),
    "in a page": ("chat", raw(f"<p>{KEY}</p>", "text/html", 500)),
    "in escapes": ("chat", raw(f'{{"error": {{"message": "{escaped(KEY)}"}}}}', "application/json", 400)),
    "in a detail": ("chat", raw(json.dumps({"detail": KEY}), "application/json", 422)),
    "at the cut": ("chat", refuses(400, "x" * 285 + KEY)),
    "over the cut": ("chat", refuses(400, ("y" * 7 + KEY) * 40)),
    "in the type": ("chat", raw("x", f"text/{KEY}")),
    "in the models": ("models", listing(KEY, f"x{KEY}")),
    "in the list's refusal": ("models", refuses(403, KEY)),
    "in the stream": ("chat", lambda http: http.stream({"error": KEY})),
    "in a redirect": ("chat", lambda http: http.send(302, "", location=f"http://127.0.0.1:1/{KEY}?x={KEY}")),
    "at the tools": ("tool", refuses(400, f"no tools for {KEY}")),
    "as a call": ("tool", calls(KEY, KEY)),
    "as the answer": ("chat", says(KEY, KEY)),
}


FATAL = [answer for name, (where, answer) in ECHOES.items() if where == "chat" and name != "as the answer"]


@pytest.mark.parametrize(("where", "answer"), ECHOES.values(), ids=ECHOES)
def test_the_key_is_shown_nowhere(keyed: Box, server: ModelServer, where: str, answer: Answer) -> None:
    setattr(server, where, answer)
    code = 1 if where == "tool" or answer in FATAL else 0
    outcome(keyed, code=code)
    found(keyed, code=code)
    assert any(each.headers.get("authorization") == f"Bearer {KEY}" for each in server.asked)
    assert files_holding([KEY], keyed.root) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["models", "chat", "tool"])
def test_a_redirect_does_not_get_the_key(keyed: Box, server: ModelServer, status: int, where: str) -> None:
    with ModelServer() as elsewhere:
        target = f"{elsewhere.url}/chat/completions?token=x"
        setattr(server, where, lambda http: http.send(status, "", location=target))
        told = outcome(keyed, code=0 if where == "models" else 1)
        assert not elsewhere.asked
    assert f"it redirects to {elsewhere.url}/chat/completions, where the key is not sent" in told


def test_nothing_listens(keyed: Box) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        configure(keyed, f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        told = outcome(keyed)
    assert "no: no connection: [Errno 111] Connection refused" in told and "is the server running there?" in told


def test_a_name_that_does_not_exist(keyed: Box) -> None:
    configure(keyed, "http://nowhere.invalid/v1")
    assert "no: no connection: " in outcome(keyed)


def test_no_http_behind_it(keyed: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        configure(keyed, f"https://127.0.0.1:{listener.getsockname()[1]}/v1")
        told = outcome(keyed, "--timeout", "1s")
    assert "no whole answer within 1 s" in told or "does not take the connection" in told, "whichever time is up first"


def test_the_wrong_base_address(keyed: Box, server: ModelServer) -> None:
    configure(keyed, server.url.removesuffix("/v1"))
    told = outcome(keyed)
    assert "it answers 404: there is no /chat/completions" in told
    assert "hint: is the url the base address, up to and including /v1?" in told


def test_hostile_text_does_not_drive_the_terminal(keyed: Box, server: ModelServer) -> None:
    server.models = listing("\x1b[2J\x07m")
    server.tool = refuses(400, "no\x1b]0;title\x07 tools\r\nTasks can run on it: yes")
    told = outcome(keyed)
    assert "\x1b" not in told and "\x07" not in told
    assert not told.count("\nTasks can run on it: yes")


def test_the_usage_is_asked_for(keyed: Box, server: ModelServer) -> None:
    server.chat = lambda http: http.stream(
        piece("a"), END, *([USAGE] if server.asked[-1].body["stream_options"]["include_usage"] else [])
    )
    assert "11 tokens in, 5 out" in outcome(keyed, code=0)


def test_an_older_server_is_asked_without_what_it_does_not_know(keyed: Box, server: ModelServer) -> None:
    """As nex asks it, so that tasks can run on it."""

    def older(then: Answer) -> Answer:
        refusal = refuses(400, "Unrecognized request argument supplied: stream_options")
        return lambda http: (refusal if "stream_options" in http.asked.body else then)(http)

    server.chat, server.tool = older(says("one", " two")), older(calls())
    assert "Tasks can run on it: yes" in outcome(keyed, code=0)
