"""`wg nex` for a person: one prompt, a conversation at a terminal, another model, endpoint or mode."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.nex_box import KEY, KEY_VARIABLE, NexBox, rehearsing
from tests.e2e.terminal import Terminal
from tests.harness import WG, Box, wait_for
from tests.nex.endpoint import Canned, delta, events, serving


@pytest.fixture
def nex(box: Box) -> Iterator[NexBox]:
    with rehearsing(box) as made:
        yield made


def test_one_prompt_writes_here_and_prints_the_answer(nex: NexBox) -> None:
    done = nex.box.wg("nex", "-p", "REHEARSE: write a.txt hello\nREHEARSE: final It is written.")
    assert done.out == "It is written.\n"
    assert "▸ write_file" in done.err
    assert (nex.box.project / "a.txt").read_text() == "hello\n"


def test_a_prompt_that_is_not_utf_8_is_asked_all_the_same(nex: NexBox) -> None:
    done = nex.box.wg("nex", "-p", "bad \udcff byte\nREHEARSE: final Understood.")
    assert done.out == "Understood.\n"


def test_with_json_each_line_is_an_event(nex: NexBox) -> None:
    done = nex.box.wg("nex", "--json", "-p", "REHEARSE: run echo hi\nREHEARSE: final Done.")
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [event["type"] for event in told] == ["session", "answer", "call", "result", "answer", "end"]
    assert told[-1]["ok"] is True
    assert told[-1]["message"] == "Done."
    assert told[-1]["used"] == {"input": 200, "cached": 40, "output": 20, "cost": None, "turns": 2}


def test_the_keys_of_other_endpoints_are_out_of_reach_of_its_tools(nex: NexBox) -> None:
    """In neither the environment of a tool nor in what it prints."""
    nex.box.env["OFFICE_KEY"] = "sk-office-9876543210"
    nex.box.wg(
        "endpoints", "add", "office", "https://o.example/v1", "--provider", "openai", "--api-key-env", "OFFICE_KEY"
    )
    (nex.box.project / ".env").write_text(nex.box.env["OFFICE_KEY"])
    done = nex.box.wg("nex", "-p", f"REHEARSE: run echo [$OFFICE_KEY${KEY_VARIABLE}]; cat .env")
    assert "  []\n" in done.err
    assert "[key]" in done.err
    assert "sk-office" not in done.err


SAID_IN_BETWEEN = [
    Canned(events(delta(content="Half an ans")), cut=True),
    Canned(
        events(
            delta(content="I look first."),
            delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "glob", "arguments": '{"pattern": "*"}'}}]),
            delta("tool_calls"),
        )
    ),
    Canned(events(delta(content="All"), delta(content=" done."), delta("stop"))),
]


def test_stdout_is_the_answer_and_nothing_else(nex: NexBox) -> None:
    """No text of an answer that broke off, and none of what is said between calls; a terminal shows all of it."""
    with serving(*SAID_IN_BETWEEN) as endpoint:
        done = nex.box.wg("nex", "-e", endpoint.url, "--retries", "2", "-p", "Look.")
    assert done.out == "All done.\n"
    assert "▸ glob" in done.err
    with (
        serving(*SAID_IN_BETWEEN) as endpoint,
        Terminal(nex.box, WG, "nex", "-e", endpoint.url, "--retries", "2", "-p", "Look.") as terminal,
    ):
        terminal.await_text("I look first.")
        terminal.await_text("All done.")


def test_a_summary_is_not_said(nex: NexBox) -> None:
    """Also where text comes as it is written."""
    nex.set("context_window", 2048)
    runs = "".join(f"REHEARSE: run echo {number}; seq 300\n" for number in range(12))
    (nex.box.project / "prompt").write_text(f"REHEARSE: usage 1900 10\n{runs}REHEARSE: final Counted.")
    with Terminal(nex.box, "/bin/sh", "-c", f'{WG} nex -p "$(cat prompt)"; echo ended') as terminal:
        said = terminal.await_text("ended")
    assert "what was done so far is summarised" in said
    assert "A summary by the rehearsal" not in said


def test_another_model_endpoint_and_mode(nex: NexBox) -> None:
    url = nex.rehearsal.url
    nex.set("url", "http://127.0.0.1:9/v1")
    options = ("-m", "other-model", "-e", url, "--read-only")
    done = nex.box.wg("nex", *options, "-p", 'REHEARSE: call bash {"command": "touch x"}\nREHEARSE: final Looked.')
    assert done.out == "Looked.\n"
    assert "bash is not allowed here" in done.err
    assert {request["model"] for request in nex.rehearsal.requests()} == {"other-model"}
    assert not any(request["api_key"] for request in nex.rehearsal.requests()), "the key is another endpoint's"
    assert "Connection refused" in nex.box.wg("nex", "-p", "x", code=1).err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("-m", "codex:gpt-5.5"), 2, "runs on codex"),
        (("-m", "nonsense:x"), 5, "unknown provider"),
        (("-e", "nowhere"), 3, "has no endpoint 'nowhere'"),
        (("-m", "ollama:x"), 5, "names no endpoint that serves ollama:x"),
        (("--exec-mode", "wild"), 2, "wild"),
        (("-e", "http://"), 2, "is no endpoint's address"),
        (("-e", "http://user:pw@127.0.0.1/v1"), 2, "has a name or password in it"),
        (("--url", "http://127.0.0.1/v1?key=abc"), 2, "something after a ?"),
        (("--url", "http://127.0.0.1:9/v1", "-e", "default"), 2, "are both given"),
        (("--api-key-env", "A", "--api-key-file", "b"), 2, "are both given"),
        (("--deny", "nosuch"), 2, "choose from 'read_file', 'write_file'"),
        (("--window", "5"), 2, "2048 at least"),
        (("--agent",), 2, "--agent does not take --prompt"),
    ],
)
def test_what_cannot_be_is_said(nex: NexBox, options: tuple[str, ...], code: int, said: str) -> None:
    assert said in nex.box.wg("nex", *options, "-p", "x", code=code).err


def test_a_server_on_this_machine_is_asked_without_a_proxy(nex: NexBox) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        for proxy in ("http://127.0.0.1:9", "socks5://127.0.0.1:9"):
            env = {"NO_PROXY": "", "no_proxy": "", name: proxy}
            assert nex.box.wg("nex", "-p", "REHEARSE: final Hi.", env=env).out == "Hi.\n"


def test_a_proxy_that_cannot_be_used_is_said(nex: NexBox) -> None:
    """And what it may have for a password is not."""
    env = {"NO_PROXY": "", "no_proxy": "", "ALL_PROXY": "socks5://me:secret@127.0.0.1:9"}
    url = "http://llm.example.com/v1"
    nex.box.wg("endpoints", "add", "far", url, "--provider", "openai")
    attempt = ("nex", "--agent", "-m", "m", "--url", url, "--journal", str(nex.box.root / "journal"))
    for argv, code in (
        (("nex", "-e", "far", "-p", "x"), 5),
        (("endpoints", "test", "far", "-m", "m"), 1),
        (attempt, 1),
    ):
        done = nex.box.wg(*argv, env=env, code=code, stdin="x")
        assert "the proxy that ALL_PROXY names cannot be used" in done.out + done.err
        assert "unset ALL_PROXY" in done.out + done.err
        assert "secret" not in done.out + done.err
    assert json.loads(done.out)["failure"] == "network"


def test_an_attempt_says_what_it_lacks(nex: NexBox) -> None:
    assert "--agent needs" in nex.box.wg("nex", "--agent", code=2).err
    assert "--json is for one answer" in nex.box.wg("nex", "--json", code=2).err


def test_every_option_is_honoured(nex: NexBox, tmp_path: Path) -> None:
    def asked(script: str, *options: str, code: int = 0) -> str:
        done = nex.box.wg("nex", *options, "-p", f"{script}\nREHEARSE: final Done.", code=code)
        return done.out + done.err

    nex.set("deny_tools", ["glob"])
    assert "no tool is offered" in asked("REHEARSE: run touch made", "--deny", "bash", "--deny", "grep")
    assert not (nex.box.project / "made").exists()
    assert "glob is not allowed here" in asked('REHEARSE: call glob {"pattern": "*"}', "--deny", "bash")
    assert "within 1 s, and was ended" in asked("REHEARSE: run sleep 1007", "--tool-timeout", "1s")
    assert "limit of 50 tokens" in asked("REHEARSE: run true", "--max-tokens", "50", code=1)
    elsewhere = json.dumps({"path": str(tmp_path / "there.txt"), "content": "x"})
    assert "wrote" in asked(f"REHEARSE: call write_file {elsewhere}", "--writable", str(tmp_path))
    lines = "".join(f"REHEARSE: run echo {number}; seq 300\n" for number in range(12))
    assert "the context was nearly full" in asked(f"REHEARSE: usage 1900 10\n{lines}", "--window", "2048")
    assert "asked again" in asked("", "-e", "http://127.0.0.1:9/v1", "--retries", "1", code=1)
    with serving(Canned(events(delta(content="Hello."), delta("stop")))) as endpoint:
        assert asked("", "--url", endpoint.url, "--api-key-env", KEY_VARIABLE) == "Hello.\n"
        assert asked("", "-e", endpoint.url) == "Hello.\n"
    assert [each.get("authorization") for each in endpoint.headers] == [f"Bearer {KEY}", None]


@pytest.mark.parametrize("options", [("--read-only",), ("--read-only", "--exec-mode", "full")])
def test_read_only_is_read_only(nex: NexBox, options: tuple[str, ...]) -> None:
    done = nex.box.wg("nex", *options, "-p", 'REHEARSE: call bash {"command": "touch x"}\nREHEARSE: final Looked.')
    assert "bash is not allowed here" in done.err


def test_nothing_is_left_behind_where_no_journal_was_asked_for(nex: NexBox, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch)}
    nex.box.wg("nex", "-p", "REHEARSE: run seq 20000\nREHEARSE: final Counted.", env=env)
    nex.box.run(WG, "nex", stdin="REHEARSE: final Hello.\n", env=env)
    assert list(scratch.iterdir()) == []


ONE, MANY = ("-p", "REHEARSE: run touch begun; sleep 1007"), ()


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGTERM, ONE),
        (signal.SIGHUP, ONE),
        (signal.SIGINT, ONE),
        (signal.SIGTERM, MANY),
        (signal.SIGHUP, MANY),  # SIGINT interrupts the answer alone
    ],
)
def test_a_signal_ends_it_with_all_that_it_has_started(
    nex: NexBox, tmp_path: Path, number: signal.Signals, options: tuple[str, ...]
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [WG, "nex", *options],
        cwd=nex.box.project,
        env={**nex.box.env, "TMPDIR": str(scratch)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    if not options:
        process.stdin.write(b"REHEARSE: run touch begun; sleep 1007\n")
        process.stdin.flush()
    wait_for((nex.box.project / "begun").exists, "its command")
    process.send_signal(number)
    error = process.communicate()[1].decode()
    assert process.returncode == 128 + number
    assert "Traceback" not in error
    assert not [line for line in nex.box.command_lines() if "sleep" in line]
    assert list(scratch.iterdir()) == []


def test_an_attempt_that_is_ended_in_a_call_says_so(nex: NexBox) -> None:
    """The signal is no failure of the call's, with which the model would go on."""
    journal = nex.box.root / "journal"
    process = subprocess.Popen(
        [WG, "nex", "--agent", "-m", "m", "--url", nex.rehearsal.url, "--journal", str(journal)],
        cwd=nex.box.project,
        env=nex.box.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"REHEARSE: run touch begun; sleep 1007\n")
    process.stdin.close()
    process.stdin = None
    wait_for((nex.box.project / "begun").exists, "its command")
    process.send_signal(signal.SIGTERM)
    end = json.loads(process.communicate()[0].splitlines()[-1])
    assert (end["type"], end["failure"], end["message"]) == ("end", "killed", "ended by SIGTERM")
    assert process.returncode == 1
    assert len(nex.rehearsal.requests()) == 1


def test_a_prompt_that_waits_ends_on_a_signal_and_one_that_is_ignored_stays_so(nex: NexBox) -> None:
    with Terminal(nex.box, "/bin/sh", "-c", f"{WG} nex; echo ended: $?") as terminal:
        terminal.await_text("nex> ")
        (waiting,) = [each for each in nex.box.processes() if each.cmdline()[1:] == [WG, "nex"]]
        waiting.send_signal(signal.SIGTERM)
        terminal.await_text("ended: 143")
    prompt = "REHEARSE: run kill -HUP $PPID; sleep 0.5\nREHEARSE: final Still there."
    done = nex.box.run("/bin/sh", "-c", f'trap "" HUP; exec {WG} nex -p "$0"', prompt)
    assert done.out == "Still there.\n"


def test_the_limit_of_turns_is_for_each_prompt(nex: NexBox) -> None:
    """Each takes two: a call, and the answer."""
    prompts = "".join(f"REHEARSE: run echo {number}\n" for number in range(4))
    done = nex.box.run(WG, "nex", "--max-turns", "3", stdin=prompts)
    assert done.out.count("The rehearsal has done") == 4
    assert "limit" not in done.err


def test_a_conversation_at_a_terminal(nex: NexBox) -> None:
    with Terminal(nex.box, WG, "nex") as terminal:
        terminal.await_text("nex> ")
        terminal.type("REHEARSE: final First answer.\n")
        terminal.await_text("First answer.")
        terminal.await_text("nex> ")
        terminal.type("REHEARSE: run touch begun; sleep 1006\n")
        terminal.await_text("▸ bash")
        terminal.type("\x03")  # Ctrl-C: the answer is interrupted, and nex goes on
        terminal.await_text("[interrupted]")
        terminal.await_text("nex> ")
        terminal.type("REHEARSE: final Second answer.\n")
        terminal.await_text("Second answer.")
        terminal.await_text("nex> ")
        terminal.type("\x04")
        terminal.await_end()
    assert not [line for line in nex.box.command_lines() if "sleep" in line]


def test_a_journal_is_gone_on_with(nex: NexBox) -> None:
    journal = str(nex.box.root / "journal")
    nex.box.wg("nex", "--journal", journal, "-p", "REHEARSE: final One.")
    nex.box.wg("nex", "--journal", f"{journal}2", "--resume", journal, "-p", "REHEARSE: final Two.")
    messages = [json.loads(line) for line in (nex.box.root / "journal2").read_text().splitlines()]
    (compacted,) = [entry["messages"] for entry in messages if entry["type"] == "compacted"]
    assert [message["role"] for message in compacted] == ["system", "user", "assistant"]
    assert compacted[-1]["content"] == "One."


def test_a_journal_is_gone_on_with_in_itself(nex: NexBox) -> None:
    """And a second conversation in it is the one that is gone on with then."""
    journal = str(nex.box.root / "journal")
    nex.box.wg("nex", "--journal", journal, "-p", "REHEARSE: final One.")
    nex.box.wg("nex", "--journal", journal, "-p", "REHEARSE: final Two.")
    nex.box.wg("nex", "--journal", journal, "--resume", journal, "-p", "REHEARSE: final Three.")
    lines = [json.loads(line) for line in (nex.box.root / "journal").read_text().splitlines() if line]
    (gone_on_with,) = [entry["messages"] for entry in lines if entry["type"] == "compacted"]
    assert [message["content"] for message in gone_on_with[1:]] == ["REHEARSE: final Two.", "Two."]


def test_what_cannot_be_gone_on_with_is_said(nex: NexBox) -> None:
    nothing = nex.box.wg("nex", "--resume", "nowhere", "-p", "x", code=3)
    assert "there is no journal nowhere" in nothing.err
    (nex.box.project / "empty").touch()
    assert "has no conversation in it yet" in nex.box.wg("nex", "--resume", "empty", "-p", "x", code=1).err
    assert nex.rehearsal.requests() == []


def test_an_answer_of_a_schema_is_all_that_is_printed(nex: NexBox, tmp_path: Path) -> None:
    schema = tmp_path / "verdict.json"
    schema.write_text('{"type": "object", "properties": {"ok": {"type": "boolean"}}}')
    done = nex.box.wg("nex", "--output-schema", str(schema), "-p", 'REHEARSE: final {"ok": true}')
    assert done.out == '{"ok": true}\n'
    assert done.err == ""
    call = 'REHEARSE: call bash {"command": "touch made"}'  # it has no tools, and calls one all the same
    done = nex.box.wg("nex", "--output-schema", str(schema), "-p", f'{call}\nREHEARSE: final {{"ok": true}}')
    assert done.out == '{"ok": true}\n'
    assert "bash is not allowed here. You have: none" in done.err
    assert not (nex.box.project / "made").exists()
    refused = nex.box.wg("nex", "--output-schema", str(schema), "-p", "REHEARSE: final Perhaps.", code=1)
    assert refused.out == ""
    assert refused.err.endswith("  Perhaps.\n[exit: 3 answers were empty, cut off or not JSON]\n")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (None, 3, "cannot be read: No such file"),
        ("{", 2, "is not JSON: Expecting property name"),
        ("[]", 2, "is not a JSON object"),
        ("\xff", 2, "is not JSON"),
    ],
)
def test_a_schema_that_is_none_is_said(nex: NexBox, tmp_path: Path, text: str | None, code: int, said: str) -> None:
    schema = tmp_path / "verdict.json"
    if text is not None:
        schema.write_bytes(text.encode("latin-1"))
    refused = nex.box.wg("nex", "--output-schema", str(schema), "-p", "x", code=code)
    assert f"the schema {schema} {said}" in refused.err
    assert nex.rehearsal.requests() == []


def test_a_schema_is_for_one_answer(nex: NexBox) -> None:
    assert "--output-schema is for one answer" in nex.box.wg("nex", "--output-schema", "x", code=2).err


def test_a_context_that_is_full_is_shortened_and_nothing_is_done_twice(nex: NexBox) -> None:
    nex.set("context_window", 2048)
    runs = "".join(f"REHEARSE: run echo {number} >> log; seq 300\n" for number in range(12))
    done = nex.box.wg("nex", "-p", f"REHEARSE: usage 1900 10\n{runs}REHEARSE: final Counted.")
    assert done.out == "Counted.\n"
    assert "what was done so far is summarised" in done.err
    assert (nex.box.project / "log").read_text().split() == [str(number) for number in range(12)]
