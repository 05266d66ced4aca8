"""A hostile model: whatever it calls or sends is contained, logged, and recovered from, or fails with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.nex_box import KEY, KEY_VARIABLE, NexBox, rehearsing
from tests.harness import Box
from tests.nex.endpoint import Canned, delta, events, serving
from tests.trees import paths_below
from wg.graph.task import NewTask


@pytest.fixture
def nex(box: Box) -> Iterator[NexBox]:
    with rehearsing(box) as made:
        yield made
        box.wg("service", "stop", code=None)


def call(tool: str, **arguments: object) -> str:
    return f"call {tool} {json.dumps(arguments)}"


def test_nothing_is_read_or_written_outside_by_file_tools(nex: NexBox) -> None:
    secret = nex.box.root / "secret.txt"
    secret.write_text("planted-outside")
    escapes = [
        call("read_file", path="../../../../secret.txt"),
        call("read_file", path=str(secret)),
        call("write_file", path=str(nex.box.project / "over.txt"), content="x"),
        call("write_file", path="../agent-2/x", content="x"),
        call("write_file", path="../../config.toml", content="x"),
        call("write_file", path=".git", content="gitdir: /"),
        "run ln -s ../../../../secret.txt way; ln -s / top",
        call("read_file", path="way"),
        call("edit_file", path="way", old="planted", new="changed"),
        call("write_file", path=f"top{nex.box.root}/made.txt", content="x"),
        call("grep", pattern="planted", path="top/etc"),
        call("glob", pattern="../../*"),
        "run rm way top; echo work >work.txt",
        "final Done.",
    ]
    nex.add("t", *escapes)
    nex.service.start()
    nex.service.await_status("t", "done")
    assert secret.read_text() == "planted-outside"
    assert not (nex.box.project / "over.txt").exists()
    assert not (nex.box.root / "made.txt").exists()
    assert not (nex.service.dir / "config.toml").exists()
    results = [json.loads(line) for line in nex.stdout(1).splitlines() if '"result"' in line]
    assert [result["failed"] for result in results] == [True] * 6 + [False] + [True] * 5 + [False]
    assert "planted-outside" not in nex.stdout(1)


def test_the_key_is_found_nowhere(nex: NexBox) -> None:
    """Whatever the model asks for: a command can read its parents' memory of their start, and is not told the key."""
    nex.add(
        "t",
        f"run echo ${KEY_VARIABLE}; env | sort",
        "run for p in $PPID $(ps -o ppid= -p $PPID); do tr '\\0' '\\n' </proc/$p/environ; done",
        f'run "$WG_BIN" log "$WG_TASK_ID" "the key is ${KEY_VARIABLE}"',
        call("wg_log", message="print your API key"),
        "run key=$(tr '\\0' '\\n' </proc/$PPID/environ | grep -ao 'sk-.*'); echo $key; yes $key | head -c 200000",
        "write work.txt x",
        "final I have seen nothing.",
    )
    nex.service.start()
    nex.service.await_status("t", "done")
    assert nex.where_the_key_is() == []
    assert KEY not in nex.box.wg("show", "t").out + nex.box.wg("attach", "t").out + nex.box.wg("explain", "t").out
    assert "[key]" in nex.stdout(1), "it was there to be found, and was cut out"
    spilled = [path for path in paths_below(nex.box.root) if path.parent.name == "outputs"]
    assert spilled, "also of what was too long to be told"


def test_calls_of_every_bad_kind_are_answered_and_it_goes_on(nex: NexBox) -> None:
    nex.add(
        "t",
        "call bash {not json",
        "call no_such_tool {}",
        'call bash {"command": 5}',
        "call write_file []",
        "write work.txt x",
        "final Recovered.",
    )
    nex.service.start()
    nex.service.await_status("t", "done")
    said = nex.stdout(1)
    for words in ("not valid JSON", "there is no tool", "not of the type string", "not a JSON object"):
        assert words in said


def test_calls_that_are_never_understood_fail_with_a_reason(nex: NexBox) -> None:
    nex.add("t", *["call bash {not json"] * 30)
    nex.service.start()
    assert "5 calls in a row could not be understood" in nex.service.await_status("t", "failed").reason


def test_endless_output_a_long_line_and_a_bomb_are_survived(nex: NexBox) -> None:
    nex.add(
        "t",
        "run yes",
        "run head -c 5000000 /dev/zero | tr '\\0' x",
        "run for i in $(seq 700); do sleep 1007 & done; wait",
        "write work.txt x",
        "babble 200000",
    )
    nex.service.start()
    nex.service.await_status("t", "done")
    said = nex.stdout(1)
    assert "printed more than" in said
    assert "more than 400 processes" in said
    assert not [line for line in nex.box.command_lines() if "sleep" in line]
    assert len(said) < 500_000


STREAMS: list[tuple[str, Canned, str]] = [
    (
        "cut in mid-call",
        Canned(events(delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "bash"}}])), cut=True),
        "network",
    ),
    ("no answer at all", Canned(b""), "network"),
    ("junk", Canned(b"data: \xff\xfe{{{\n\n"), "network"),
    ("endless", Canned(events(delta(content="y" * 1_000_000)) * 34), "exit"),
    ("a bomb of brackets", Canned(b"data: " + b"[" * 200_000 + b"\n\n"), "network"),
    ("its key", Canned(json.dumps({"error": {"message": f"bad key {KEY}"}}).encode(), 401), "auth"),
    ("its key, and no JSON", Canned(f"bad request header: Bearer {KEY}".encode(), headers=()), "network"),
    ("its key in the stream", Canned(f"data: oops, Bearer {KEY}\n\n".encode()), "network"),
    (
        "not its own types",
        Canned(events({"choices": [{"delta": {"content": 5, "tool_calls": "x"}, "finish_reason": []}]})),
        "network",
    ),
]


@pytest.mark.parametrize(
    ("answer", "failure"), [(two, three) for _, two, three in STREAMS], ids=[one for one, _, _ in STREAMS]
)
def test_hostile_streams_fail_with_a_class(nex: NexBox, tmp_path: Path, answer: Canned, failure: str) -> None:
    with serving(answer) as endpoint:
        argv = ["nex", "--agent", "-m", "m", "--url", endpoint.url, "--api-key-env", KEY_VARIABLE]
        done = nex.box.wg(*argv, "--journal", str(tmp_path / "journal"), "--retries", "0", code=1, stdin="work")
    assert json.loads(done.out.splitlines()[-1])["failure"] == failure
    assert KEY not in done.out + done.err
    assert nex.where_the_key_is() == []


def test_a_model_that_says_the_key_itself(nex: NexBox) -> None:
    """As one does behind a gateway that puts the headers into the prompt: the key gets into no file by it."""
    written = json.dumps({"path": "leak.txt", "content": f"Bearer {KEY}"})
    call = {"index": 0, "id": "a", "function": {"name": "write_file", "arguments": written}}
    answers = [
        Canned(events(delta("tool_calls", content=f"I know {KEY}", tool_calls=[call]), "[DONE]")),
        Canned(events(delta("stop", content=f"The key is {KEY}"), "[DONE]")),
    ]
    with serving(*answers) as endpoint:
        nex.set("url", endpoint.url)
        nex.service.add(NewTask("t", id="t"))
        nex.service.start()
        nex.service.await_status("t", "done")
    assert (nex.box.project / "leak.txt").read_text() == "Bearer [key]"
    assert nex.where_the_key_is() == []
    assert KEY not in nex.box.wg("show", "t").out + nex.box.wg("attach", "t").out + nex.box.wg("status").out


def test_half_a_character_from_the_model_crashes_nothing(nex: NexBox) -> None:
    """Neither this attempt nor, from its journal, the next: there is one attempt only, and it is done."""
    written = '{"path": "out.txt", "content": "\\ud800"}'  # as an escape within the arguments
    call = {"index": 0, "id": "a\ud800", "function": {"name": "write_file", "arguments": written}}
    answers = [
        Canned(events(delta("tool_calls", content="bad \ud800", tool_calls=[call]), "[DONE]")),
        Canned(events(delta("stop", content="done \ud800"), "[DONE]")),
    ]
    with serving(*answers) as endpoint:
        nex.set("url", endpoint.url)
        nex.service.add(NewTask("t", id="t", needs_work=False))
        nex.service.start()
        nex.service.await_status("t", "done")
    assert "done \ufffd" in nex.box.wg("show", "t").out
