"""A real model: SmolLM2-135M, computed here. It is too small to do tasks: it shows the wire and the inference."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.e2e.terminal import Terminal
from tests.harness import WG, Box, wait_for
from tests.model.serve import KEY, MODEL, SERVE, interpreter

PATIENCE_S = 120  # the machine computes, beside other tests
LONG = "Write a story about a king, a dragon and a small village. Make it as long as you can."


class Served(NamedTuple):
    """The model's server, and who may ask it."""

    url: str  # up to and including /v1
    client: httpx.Client

    def slot(self) -> dict[str, Any]:
        """What it computes just now: it does one answer at a time."""
        slot: dict[str, Any] = self.client.get(self.url.removesuffix("/v1") + "/slots").json()[0]
        return slot

    def is_at_work(self) -> bool:
        return bool(self.slot()["is_processing"])

    def ask(self, prompt: str, **settings: object) -> dict[str, Any]:
        body = {"model": MODEL, "messages": [{"role": "user", "content": prompt}], **settings}
        response = self.client.post(f"{self.url}/chat/completions", json=body)
        assert response.status_code == 200, response.text
        value: dict[str, Any] = response.json()
        return value


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The server; without it the test is skipped, and counted as such."""
    python = interpreter()
    if python is None:
        pytest.skip("the real model is not installed: scripts/install-model")
    argv = [str(python), SERVE]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=PATIENCE_S) as client:
            yield Served(url, client)
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


@pytest.fixture
def small(box: Box, served: Served) -> Box:
    """A box whose config has the model everywhere."""
    box.env["SMALL_KEY"] = KEY
    box.wg("profile", "use", "nex")
    box.wg("endpoints", "add", "small", served.url, "--api-key-env", "SMALL_KEY", "--default")
    box.wg("config", "-m", f"nex:{MODEL}", "--all-roles")
    return box


def test_the_test_of_endpoints(small: Box) -> None:
    """It streams and counts; that it cannot do tasks is found."""
    done = small.wg("endpoints", "test", "--timeout", f"{PATIENCE_S}s", "--json", code=1)
    found = done.json
    assert (found["endpoint"], found["model"], found["models"]) == ("small", MODEL, [MODEL])
    assert found["streams"] is True and found["pieces"] > 3
    assert 0 < found["first_seconds"] < found["total_seconds"]
    assert found["usage"]["input"] > 10 and found["usage"]["output"] >= found["pieces"]
    assert found["tools"] is False and "answers in words" in found["tools_note"]
    assert "tasks need a model that calls tools" in found["problem"]
    assert KEY not in done.out + done.err


def test_a_wrong_key(small: Box) -> None:
    refused = small.wg("endpoints", "test", env={"SMALL_KEY": "sk-of-somebody-else"}, code=1)
    assert "no: it answers 401: Invalid API Key" in refused.out and "hint: see to the key" in refused.out
    assert "somebody-else" not in refused.out + refused.err


def test_an_answer_held_to_a_schema(small: Box, tmp_path: Path) -> None:
    """The server computes only what the schema allows: also a model as small as this one gives valid JSON."""
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 20},
            "age": {"type": "integer", "minimum": 0, "maximum": 150},
            "verdict": {"enum": ["accept", "reject"]},
        },
        "required": ["name", "age", "verdict"],
        "additionalProperties": False,
    }
    file = tmp_path / "person.json"
    file.write_text(json.dumps(schema))
    value = small.wg("nex", "--output-schema", str(file), "-p", "Tell me anything, in any form.").json
    assert value.keys() == {"name", "age", "verdict"}
    assert isinstance(value["name"], str) and value["verdict"] in ("accept", "reject")
    assert type(value["age"]) is int and 0 <= value["age"] <= 150


def test_a_stream_that_is_left_in_the_middle(served: Served) -> None:
    """The server stops computing it, and answers the next one."""
    body = {"model": MODEL, "stream": True, "ignore_eos": True, "max_tokens": 7000}
    body["messages"] = [{"role": "user", "content": LONG}]
    pieces = 0
    with served.client.stream("POST", f"{served.url}/chat/completions", json=body) as response:
        for line in response.iter_lines():
            pieces += line.startswith("data: ")
            if pieces == 20:
                break
        wait_for(served.is_at_work, "it computes", PATIENCE_S)
    wait_for(lambda: not served.is_at_work(), "it has stopped", PATIENCE_S)
    assert served.ask("Say hello.", max_tokens=20)["choices"][0]["message"]["content"]


def test_nex_asks_it(small: Box) -> None:
    """As a person, and as a program. How it ends is not looked at: so small a model may talk on until it is cut off."""
    done = small.wg("nex", "-p", "Say hello in a few words.", code=None)
    assert (done.out or done.err).strip()
    lines = small.wg("nex", "-p", "Say hello.", "--json", code=None).out.splitlines()
    events = [json.loads(line) for line in lines]
    assert events and KEY not in json.dumps(events)
    assert any(_counts(each) for each in events), events


def _counts(value: Any) -> bool:
    """Whether tokens of both directions stand somewhere in it."""
    if not isinstance(value, dict):
        return False
    counted = [value.get("input", value.get("input_tokens", 0)), value.get("output", value.get("output_tokens", 0))]
    return all(isinstance(each, int) and each > 0 for each in counted) or any(map(_counts, value.values()))


def test_nex_is_interrupted_in_the_middle_of_an_answer(small: Box, served: Served) -> None:
    """What it has said so far came while it was said; the server does not go on, and answers the next one."""
    with Terminal(small, WG, "nex", "-p", LONG) as terminal:
        wait_for(served.is_at_work, "it answers", PATIENCE_S)
        terminal.await_text(" ", PATIENCE_S)
        terminal.type("\x03")
        terminal.await_end(PATIENCE_S)
    wait_for(lambda: not served.is_at_work(), "it has stopped", PATIENCE_S)
    done = small.wg("nex", "-p", "Say hello.", code=None)
    assert (done.out or done.err).strip()


def test_it_is_not_left_behind() -> None:
    """It ends with the one that started it, however that ends."""
    python = interpreter()
    if python is None:
        pytest.skip("the real model is not installed: scripts/install-model")
    starter = (
        "import subprocess, sys\nsubprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
    )
    argv = [str(Path(WG).with_name("python")), "-c", starter + "input()", str(python), SERVE]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline().startswith(b"http://")
        process.kill()
        # our pipe is the server's output, too: it ends when the last of the two has ended
        assert process.communicate(timeout=PATIENCE_S)[0] == b""
