"""bash, glob, grep and the toolbox: limits on time, output and processes, and words for every kind of bad call."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness import wait_for
from tests.nex.tools.conftest import Host, Start
from wg.config.schema import NEX_TOOLS
from wg.nex.tools.base import READS, Arguments, Tool
from wg.nex.tools.shed import Shed
from wg.nex.tools.toolbox import Toolbox


def alive(directory: Path) -> list[psutil.Process]:
    """What runs in that directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(directory) and "sleep" in "".join(process.cmdline()[:1]):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_command_says_what_it_prints_and_how_it_ended(tools: Host, root: Path) -> None:
    assert tools.ok("bash", command="pwd; echo err >&2") == f"{root}\nerr\n[exit code 0]"
    assert tools.ok("bash", command="printf x; exit 3") == "x\n[exit code 3]"
    assert tools.ok("bash", command="kill -9 $$") == "[killed by signal 9]"
    assert tools.ok("bash", command="cat; echo no input") == "no input\n[exit code 0]"
    assert tools.ok("bash", command="exec >&- 2>&-; sleep 0.3") == "[exit code 0]"


def test_a_command_with_a_zero_byte_is_refused(tools: Host) -> None:
    assert "has a zero byte in it" in tools.refused("bash", command="echo a\0b")


def test_variables_that_are_hidden_reach_no_program(start: Start, root: Path) -> None:
    keys = {"MY_KEY": "sk-planted", "MORE": "sk-planted-more"}
    tools = start(env={**keys, "OTHER": "seen"}, hidden=list(keys), keys=list(keys.values()))
    assert tools.ok("bash", command="echo $OTHER:$MY_KEY:$MORE.") == "seen::.\n[exit code 0]"
    (root / ".env").write_text("KEY=sk-planted\nMORE=sk-planted-more\n")
    assert tools.ok("bash", command="cat .env") == "KEY=[key]\nMORE=[key]\n[exit code 0]"
    assert "sk-planted" not in tools.ok("bash", command="tr '\\0' '\\n' < /proc/$PPID/environ; grep -r planted .")


def test_what_takes_too_long_is_ended_with_all_that_it_started(start: Start, root: Path) -> None:
    tools = start(timeout=10.0)
    said = tools.ok("bash", command="trap '' TERM INT; setsid sleep 1001 & sleep 1002 & echo begun; sleep 1003")
    assert said == "begun\n[it did not end within 10 s, and was ended]"
    assert alive(root) == []
    assert tools.ok("bash", command="sleep 10.5; echo awake", timeout=60) == "awake\n[exit code 0]"


def test_what_is_left_behind_is_ended_and_said(tools: Host, root: Path) -> None:
    hidden = "(setsid sh -c 'exec env -i sleep 1001' &) ; sleep 1002 >/dev/null 2>&1 & echo done"
    said = tools.ok("bash", command=hidden)
    assert said.startswith("done\n[exit code 0; ")
    assert said.endswith("left behind were ended]")
    assert alive(root) == []


def test_output_without_end_is_cut_and_ended(tools: Host, tmp_path: Path) -> None:
    said = tools.ok("bash", command="yes 'a line that says nothing'")
    assert "was ended]" in said
    assert "printed more than 10485760 bytes" in said
    assert len(said) < 31_000
    (spilled,) = (tmp_path / "spill").iterdir()
    assert str(spilled) in said
    assert spilled.stat().st_mode & 0o777 == 0o600
    assert 10_000_000 < spilled.stat().st_size < 11_000_000


def test_a_line_of_five_megabytes_and_bytes_that_are_no_text(tools: Host, tmp_path: Path) -> None:
    said = tools.ok("bash", command="head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end")
    assert said.endswith("xx\nend\n[exit code 0]")
    assert "characters are left out here" in said
    (spilled,) = (tmp_path / "spill").iterdir()
    assert "has 5000000 bytes" in tools.ok("read_file", path=str(spilled))
    assert "not changed" in tools.refused("write_file", path=str(spilled), content="x")
    assert tools.ok("bash", command="printf '\\377\\000a'") == "\ufffd\0a\n[exit code 0]"


def test_a_bomb_is_ended(start: Start, root: Path) -> None:
    """Bounded by itself at some 800 processes, should nothing end it."""
    tools = start(timeout=60.0)
    (root / "bomb.sh").write_text("for i in $(seq 800); do sleep 1004 & done; wait\n")
    assert "more than 400 processes, and was ended" in tools.ok("bash", command="sh bomb.sh")
    assert alive(root) == []


def test_the_tools_own_process_may_be_killed(start: Start, root: Path) -> None:
    """Then its supervisor ends what is left; here it is enough that the next command works."""
    tools = start()
    assert "killed by signal" in tools.ok("bash", command="kill -9 0")
    assert tools.ok("bash", command="echo on") == "on\n[exit code 0]"


@pytest.fixture
def repository(root: Path) -> Path:
    for command in (["init", "-q"], ["config", "user.name", "t"], ["config", "user.email", "t@x"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    (root / ".gitignore").write_text("*.log\n")
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "a.py").write_text("def alpha():\n    return 'x'\n")
    (root / "src" / "deep" / "b.py").write_text("ALPHA = 1\n(alpha)\n")
    (root / "noise.log").write_text("alpha\n")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    (root / "untracked.py").write_text("alpha\n")
    return root


def test_files_are_found_by_name(tools: Host, repository: Path) -> None:
    assert tools.ok("glob", pattern="**/*.py") == "src/a.py\nsrc/deep/b.py\nuntracked.py"
    assert tools.ok("glob", pattern="*.py") == "untracked.py"
    assert tools.ok("glob", pattern="**/*.py", path="src") == "src/a.py\nsrc/deep/b.py", "as read_file calls them"
    assert tools.ok("glob", pattern="*.log") == "no file is like *.log"
    (repository / "src" / "a.py").unlink()
    assert "a.py" not in tools.ok("glob", pattern="**/*.py")


def test_lines_are_found_by_what_is_in_them(tools: Host, repository: Path) -> None:
    assert tools.ok("grep", pattern=r"^def\s\w+") == "src/a.py:1:def alpha():"
    assert tools.ok("grep", pattern="alpha", glob="**/b.py", ignore_case=True).splitlines() == [
        "src/deep/b.py:1:ALPHA = 1",
        "src/deep/b.py:2:(alpha)",
    ]
    assert tools.ok("grep", pattern="(alpha)", literal=True) == "src/deep/b.py:2:(alpha)"
    around = "src/a.py-1-def alpha():\nsrc/a.py:2:    return 'x'"
    assert tools.ok("grep", pattern="return", path="src/a.py", context=1) == around
    assert tools.ok("grep", pattern="alpha", path="src/deep") == "src/deep/b.py:2:(alpha)"
    assert tools.ok("grep", pattern="alpha", path="noise.log") == "noise.log:1:alpha", "git ignores it, but it is named"
    assert tools.ok("grep", pattern="nowhere") == "no line is like that"
    assert "untracked.py:1:alpha" in tools.ok("grep", pattern="alpha")
    assert tools.refused("grep", pattern="(")
    assert "-rf" not in tools.ok("grep", pattern="--help")


@pytest.mark.parametrize("with_git", [True, False])
def test_braces_and_names_without_a_directory(tools: Host, root: Path, with_git: bool) -> None:
    if with_git:
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "src").mkdir()
    for name in ("top.ts", "src/a.ts", "src/b.tsx", "src/c.py", "src/{d}.md"):
        (root / name).write_text("alpha\n")
    assert tools.ok("glob", pattern="**/*.{ts,tsx}") == "src/a.ts\nsrc/b.tsx\ntop.ts"
    assert tools.ok("glob", pattern="{src/{a,b}.*,top*}") == "src/a.ts\nsrc/b.tsx\ntop.ts"
    assert tools.ok("glob", pattern="src/{d}.md") == "src/{d}.md"
    assert tools.ok("grep", pattern="alpha", glob="*.ts").splitlines() == ["src/a.ts:1:alpha", "top.ts:1:alpha"]
    assert tools.ok("grep", pattern="alpha", glob="src/*.{ts,py}") == "src/a.ts:1:alpha\nsrc/c.py:1:alpha"
    assert "not a pattern" in tools.refused("glob", pattern="{a,/etc/*}")
    assert "not a pattern" in tools.refused("grep", pattern="x", glob="{a,..}/b")
    assert "more than 100" in tools.refused("glob", pattern="{a,b}" * 7)


def test_without_git_they_are_found_too(tools: Host, root: Path) -> None:
    (root / "src").mkdir()
    (root / "src" / "a.py").write_text("alpha\n")
    assert tools.ok("glob", pattern="**/*.py") == "src/a.py"
    assert tools.ok("grep", pattern="alph.") == "src/a.py:1:alpha"
    (root / "up").symlink_to("..")
    (root.parent / "outside.txt").touch()
    assert tools.ok("glob", pattern="up/*.txt") == "no file is like up/*.txt"


def test_an_expression_that_explodes_is_given_up_or_answered(tools: Host, root: Path) -> None:
    (root / "long").write_text("a" * 3000 + "!\n")
    begin = time.monotonic()
    tools("grep", pattern="(a*)*(a*)*(a*)*b$")
    assert time.monotonic() - begin < 60


def test_modes_and_denials(start: Start) -> None:
    reads = ["read_file", "glob", "grep"]
    assert start().names == ["read_file", "write_file", "edit_file", "glob", "grep", "bash"]
    assert start(mode="light").names == reads
    assert start(mode="bare", graph=True).names == ["wg_log", "wg_add", "wg_message", "wg_done", "wg_fail"]
    tools = start(deny=["bash", "write_file"])
    assert tools.names == ["read_file", "edit_file", "glob", "grep"]
    assert "bash is not allowed here" in tools.refused("bash", command="true")


def test_what_models_write_for_nothing_and_for_whole_numbers(tools: Host) -> None:
    assert tools.raw("bash", '{"command": "echo x", "timeout": null}').text == "x\n[exit code 0]"
    assert tools.raw("bash", '{"command": "echo x", "timeout": 3.0}').text == "x\n[exit code 0]"
    assert tools.raw("bash", '{"command": null}').malformed


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("bash", "{", "not valid JSON"),
        ("bash", "[" * 100_000, "not valid JSON"),
        ("bash", "[]", "not a JSON object"),
        ("bash", "", "command is missing"),
        ("bash", '{"command": 1}', "command is not of the type string"),
        ("bash", '{"command": "x", "cwd": "/"}', "there is no argument 'cwd'"),
        ("bash", '{"command": "x", "timeout": true}', "timeout is not of the type integer"),
        ("bash", '{"command": "x", "timeout": 0}', "timeout is less than 1"),
        ("bsh", "{}", "did you mean bash?"),
        ("", "{}", "there is no tool"),
        ("wg_add", "{}", "there is no tool"),
    ],
)
def test_a_malformed_call_is_corrected(tools: Host, name: str, arguments: str, said: str) -> None:
    result = tools.raw(name, arguments)
    assert (result.failed, result.malformed) == (True, True)
    assert said in result.text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300)
@given(given_arguments=st.dictionaries(st.sampled_from(["path", "n", "on", "list", "x"]), VALUES) | VALUES)
def test_no_arguments_raise(given_arguments: Any) -> None:
    schema = {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "n": {"type": "integer", "minimum": 1},
            "on": {"type": "boolean"},
            "list": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["path"],
    }
    taken: list[Any] = []

    def take(arguments: Arguments) -> str:
        taken.append(arguments)
        return ""

    tool = Tool("t", "about", schema, READS, take)
    result = Toolbox([tool], "full", (), Shed("/nonexistent", 1000)).call("t", json.dumps(given_arguments))
    assert result.malformed == (not taken)
    if taken:
        assert isinstance(taken[0]["path"], str)
        assert taken[0].get("n", 1) >= 1
        assert all(isinstance(each, str) for each in taken[0].get("list", []))


def test_the_config_knows_every_tool_by_its_name(start: Start) -> None:
    assert start(graph=True).names == list(NEX_TOOLS)


def test_graph_tools_are_for_tasks_alone(start: Start) -> None:
    assert "there is no task here" in start(graph=True).refused("wg_done")


def test_everything_is_gone_when_the_run_is_interrupted(start: Start, root: Path) -> None:
    """The tools' process is ended in the middle of a command by what ends any: nothing of the command may stay."""
    tools = start()
    print(json.dumps(["bash", json.dumps({"command": "touch begun; sleep 1005"})]), file=tools._in, flush=True)
    wait_for((root / "begun").exists, "the command runs")
    tools._process.send_signal(2)
    wait_for(lambda: alive(root) == [], "the command is gone")
