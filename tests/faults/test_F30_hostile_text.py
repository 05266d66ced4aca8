"""F30: hostile text is stored or refused; it is never executed, and drives neither a terminal nor the disk."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import WG, Box
from tests.original_graph import task
from tests.trees import paths_below
from wg.graph.task import NewTask

ESCAPES = "\x1b[2J\x1b]0;x\x07\x9b31m\u202e"
RAW = ("\x1b", "\x07", "\x9b", "\u202e")
CODE = "$(touch pwned) `touch pwned` ; touch pwned # ' \" <script>alert(1)</script> %s %n {0} ../../pwned"
IDS = ["../up", "a/b", "/abs", "..", ".", "-x", "a b", "a\nb", "a\x1b[0m", "é", "a.lock", "a" * 300]


def test_F30_hostile_text_does_not_drive_the_terminal(project: Box) -> None:
    project.wg("add", "t", "-d", "red \x1b[31m", "--exec", "echo \x1b]0;x\x07")
    project.wg("log", "t", "bell \x07 and \x1b[2J")
    project.wg("fail", "t", "--reason", "why \x1b[31m")
    for command in (["show", "t"], ["log", "t"], ["list"]):
        out = project.wg(*command).out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\\x1b" in out


def test_F30_no_line_of_a_log_can_be_forged(project: Box) -> None:
    project.wg("add", "t")
    project.wg("log", "t", "one\n2026-01-01 00:00:00 two [user]")
    for command in (["show", "t"], ["log", "t"]):
        assert "\n    2026-01-01 00:00:00 two" in project.wg(*command).out


def test_F30_a_description_from_stdin_may_be_ten_megabytes(project: Box) -> None:
    text = "line é\n" * 1_300_000
    project.wg("add", "big", "-d", "-", stdin=text)
    assert project.wg("show", "big", "--json").json["description"] == text


@pytest.mark.parametrize("options", [[b"bad \xff title"], [b"t", b"-d", b"bad \xff"], [b"t", b"--after", b"\xff"]])
def test_F30_invalid_utf_8_on_the_command_line_is_refused(project: Box, options: list[bytes]) -> None:
    done = subprocess.run(
        [WG.encode(), b"add", *options], cwd=project.project, env=project.env, capture_output=True, check=False
    )
    assert done.returncode in (1, 3)
    assert done.stderr.startswith(b"wg: error: ")
    assert b"internal error" not in done.stderr
    assert project.wg("list", "--json").json == []


def test_F30_invalid_utf_8_on_stdin_is_refused(project: Box) -> None:
    done = subprocess.run(
        [WG, "add", "t", "-d", "-"],
        cwd=project.project,
        env=project.env,
        input=b"\xff",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"not valid UTF-8" in done.stderr


def test_F30_attach_does_not_drive_the_terminal(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="printf 'red \\033[31m\\n'; printf '\\033[2J' >&2"))
    service.start()
    service.await_status("t", "done")
    shown = service.box.wg("attach", "t")
    assert "red \\x1b[31m\n" in shown.out
    assert shown.err == "\\x1b[2J\n"


def test_F30_imported_text_does_not_reach_the_terminal(project: Box) -> None:
    refused = project.wg("import", "-", stdin=json.dumps(task("a", status="\x1b[31m")) + "\n", code=1).err
    assert "\x1b" not in refused and "\\x1b[31m" in refused
    said = project.wg("import", "-", stdin=json.dumps(task("\x1b[31mA", after=["\x9b1m"], **{"\x1b[0m": 1})) + "\n").out
    assert "\x1b" not in said and "\x9b" not in said
    assert project.wg("export").out[:-1].isprintable()


def test_F30_a_hostile_directory_does_not_drive_the_terminal(service: ServiceBox) -> None:
    place = service.box.root / "red\x1b[31m"
    place.mkdir()
    service.agent("codex")
    for command in (["init"], ["add", "t", "--id", "t"], ["explain", "t"], ["status"], ["doctor"]):
        assert "\x1b" not in service.box.wg(*command, cwd=place, code=None).out


@pytest.mark.parametrize("task_id", IDS)
def test_F30_an_id_that_is_no_name_is_refused_everywhere(project: Box, task_id: str) -> None:
    refused = project.wg("add", "t", f"--id={task_id}", code=None)
    assert refused.code in (1, 2) and refused.err.startswith("wg: error: ")
    project.wg("add", "t", "--id", "t")
    for command in ("show", "log", "done", "edit", "why", "attach", "kill"):
        refused = project.wg(command, "--", task_id, code=None)
        assert refused.code in (1, 2, 3), command
        assert refused.err.startswith("wg: error: ")
        assert_tame(f"{refused.out}{refused.err}")
    line = json.dumps({"id": task_id, "title": "T", "status": "open", "created_at": "2026-01-31T08:30:00Z"})
    project.wg("import", "-", stdin=f"{line}\n", code=1)
    assert [each["id"] for each in project.wg("list", "--json").json] == ["t"]


def assert_tame(said: str) -> None:
    """Nothing in it drives a terminal, and nothing went wrong within."""
    assert [raw for raw in RAW if raw in said] == []
    assert "internal error" not in said


SHOWING = [
    *(["show", "t"], ["show", "u"], ["why", "t"], ["why", "u"], ["impact", "t"], ["log", "t"], ["msg", "list", "t"]),
    *(["list"], ["ready"], ["blocked"], ["tree"], ["tree", "--dot"], ["viz", "--mermaid"], ["watch", "--once"]),
    *(["export"], ["prompt", "t", "--scope", "full"], ["explain", "t"], ["status"], ["check"], ["agents"]),
]


def test_F30_what_is_written_to_a_task_drives_no_terminal_and_runs_nowhere(service: ServiceBox) -> None:
    """Through all that shows it, and through an agent: its command line, its prompt and its commit carry it."""
    wg = service.box.wg
    wg("add", f"Title {CODE}", "--id", "t", "-d", f"{CODE}\n{ESCAPES}\nRUN: echo x > x", "--check", "test -f x")
    wg("add", f"Behind {CODE}", "--id", "u", "--after", "t", "--exec", f"true # {ESCAPES}", "--paused")
    wg("log", "t", f"{CODE} {ESCAPES}")
    wg("msg", "send", "t", f"{CODE} {ESCAPES}")
    for command in SHOWING:
        for options in ([], ["--json"]):
            said = wg(*options, *command, code=None)
            assert_tame(f"{said.out}{said.err}")
    service.start()
    service.await_status("t", "done")
    wg("service", "stop")
    wg("reset", "t")
    wg("fail", "t", "--reason", f"{CODE} {ESCAPES}")
    for command in [*SHOWING, ["attach", "t"], ["attempts", "t"], ["agents", "--all"]]:
        said = wg(*command, code=None)
        assert_tame(f"{said.out}{said.err}")
    assert [path for path in paths_below(service.box.root) if path.name.startswith("pwned")] == []
    assert f"Title {CODE}" in service.box.git("log", "--format=%B", "main")
    assert CODE in (service.dir / "attempts" / "1" / "prompt").read_text()
    assert json.loads(wg("export").out.splitlines()[0])["title"] == f"Title {CODE}"


def test_F30_whatever_an_agent_prints_is_shown_and_drives_nothing(service: ServiceBox) -> None:
    """No valid UTF-8, NUL, escape codes, a line of 10 MB, and JSON of the wrong shape."""
    junk = service.box.root / "junk"
    message = '{"type":"item.completed","item":{"type":"agent_message","text":"\\u001b[2J\\u0000 \\ud800 said"}}'
    wrong = ['{"type": 5}', '{"type": "item.completed", "item": "\\u001b[2J"}', "[" * 100_000, "\0"]
    lines = ["x" * 10_000_000, *wrong, message]
    junk.write_bytes(b"\xff\xfe \x1b[2J\x9b31m\n" + "\n".join(lines).encode() + b"\n")
    script = f"cat {junk}; cat {junk} >&2; {WG} log \"$(printf 'a\\033[2J')\"; echo x > x"
    service.add(NewTask("t", id="t", description=f"RUN: {script}"))
    service.start()
    service.await_status("t", "done")
    for command in (["attach", "t"], ["show", "t"], ["attempts", "t"], ["log", "t"]):
        said = service.box.wg(*command)
        assert_tame(f"{said.out}{said.err}")
    assert "said" in service.box.wg("attach", "t").out


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_F30_nul_is_refused(project: Box, text: str) -> None:
    project.wg("add", "t", "--id", "t")
    before = project.wg("export").out
    refused = project.wg("add", "u", "-d", "-", stdin=text, code=1).err
    assert refused.startswith("wg: error: ") and "internal error" not in refused
    line = json.dumps({"id": "u", "title": text, "status": "open", "created_at": "2026-01-31T08:30:00Z"})
    assert "wg: error: " in project.wg("import", "-", stdin=f"{line}\n", code=1).err
    assert project.wg("export").out == before
