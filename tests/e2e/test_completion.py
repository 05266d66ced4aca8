"""What TAB offers, in the shells themselves."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.harness import WG, Box
from wg.graph.store import Store
from wg.graph.task import NewTask

HOSTILE = "$(touch stolen)`touch stolen`;touch stolen \"'"
LOADED = re.compile(r"^import '([\w.]+)' #", re.MULTILINE)  # what PYTHONVERBOSE says of each module
# bash's own machinery, but for readline: its variables as it sets them, then the function that is registered
ASK_BASH = """
source <(wg completion bash)
COMP_LINE=$1
COMP_POINT=${2:-${#1}}
_python_argcomplete wg
printf '%s\\n' "${COMPREPLY[@]% }"
"""


def needs(shell: str) -> str:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    return shell


@pytest.fixture
def project(box: Box) -> Box:
    """A project with tasks whose titles are hostile, a profile, and `wg` on PATH."""
    box.env["PATH"] = f"{Path(WG).parent}{os.pathsep}{box.env['PATH']}"
    with Store.create(str(box.project / ".wg" / "db" / "graph.db")) as store:
        for name in ("pre-one", "pre-two", "other"):
            store.add(NewTask(HOSTILE, id=name), 1.0, "ann")
    box.wg_home.mkdir()
    (box.wg_home / "config.toml.mine").write_text('[agent]\nmodel = "codex:m"\n')
    return box


def in_bash(box: Box, line: str, point: str = "", cwd: Path | None = None) -> list[str]:
    done = box.run(needs("bash"), "--norc", "-c", ASK_BASH, "bash", line, point, cwd=cwd)
    assert done.err == ""
    return done.out.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("wg sho", ["show"]),
        ("wg comp", ["completion"]),
        ("wg vi", ["viz"]),
        ("wg disp", []),
        ("wg completion ", ["bash", "zsh", "fish"]),
        ("wg show pre", ["pre-one", "pre-two"]),
        ("wg show ", ["other", "pre-one", "pre-two"]),
        ("wg viz pre-o", ["pre-one"]),
        ("wg explain o", ["other"]),
        ("wg dep add other pre-t", ["pre-two"]),
        ("wg add title --after pre-t", ["pre-two"]),
        ("wg add title --after other,pre", ["other,pre-one", "other,pre-two"]),
        ("wg add title --after=o", ["other"]),
        ("wg add title --id o", []),
        ("wg add ", []),
        ("wg abandon other --superseded-by pre-t", ["pre-two"]),
        ("wg watch --task ot", ["other"]),
        ("wg --json show ot", ["other"]),
        ("wg --dir . show ot", ["other"]),
        ("wg --dir /nowhere show ot", []),
        ("wg show --dir /nowhere ot", []),
        ("wg profile us", ["use"]),
        ("wg profile use ", ["mine", "claude", "codex", "nex"]),
        ("wg profile rename mi", ["mine"]),
        ("wg profile rename mine mi", []),
        ("wg profile create mi", []),
        ("wg status --profile mi", ["mine"]),
        ("wg --profile mi", ["mine"]),
        ("wg config get dispatcher.po", ["dispatcher.poll_interval"]),
        ("wg config set executors.codex.network_access ", ["true", "false"]),
        ("wg config set models.triage.tier f", ["fast"]),
        ("wg config init --route co", ["codex-cli"]),
        ("wg config set agent.model cod", ["codex:"]),
        ("wg explain --role ta", ["task_agent"]),
        ("wg list --status f", ["failed"]),
        ("wg list --sort st", ["status", "started"]),
        ("wg add title --priority h", ["high"]),
        ("wg edit other --executor c", ["claude", "codex"]),
        ("wg edit other --context g", ["graph"]),
        ("wg edit other --tier p", ["premium"]),
        ("wg edit other --no-wo", ["--no-worktree", "--no-work"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_bash_is_offered(project: Box, line: str, offered: list[str]) -> None:
    assert in_bash(project, line) == offered
    assert not (project.project / "stolen").exists()


def test_the_cursor_in_the_middle_of_the_line(project: Box) -> None:
    assert in_bash(project, "wg show pre --json", "11") == ["pre-one", "pre-two"]


def test_directories(project: Box) -> None:
    (project.project / "sub").mkdir()
    (project.project / "sub-file").touch()
    assert in_bash(project, "wg list --dir su") == ["sub/"]


def test_without_a_project_and_with_a_damaged_one_nothing_is_offered_or_said(project: Box) -> None:
    assert in_bash(project, "wg show ", cwd=project.home) == []
    (project.project / ".wg" / "db" / "graph.db").write_bytes(b"no database" * 1000)
    assert in_bash(project, "wg show ") == []


def test_no_more_ids_than_anybody_reads(project: Box) -> None:
    with Store.open(str(project.project / ".wg" / "db" / "graph.db")) as store:
        for number in range(210):
            store.add(NewTask("many", id=f"many-{number}"), 1.0, "ann")
    assert len(in_bash(project, "wg show many")) == 200
    assert in_bash(project, "wg show many-209") == ["many-209"]


def test_only_the_named_command_is_loaded(project: Box) -> None:
    """The answer ends the process; what is loaded by then is seen by Python's own report."""
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": "wg show pre", "COMP_POINT": "11", "PYTHONVERBOSE": "1"}
    done = project.run("bash", "--norc", "-c", "wg 8>&1 9>/dev/null 1>/dev/null", env=asked)
    assert done.out.split("\v") == ["pre-one", "pre-two"]
    loaded = set(LOADED.findall(done.err))
    ours = {name.removeprefix("wg.cli.") for name in loaded if name.startswith("wg.cli.")}
    assert ours == {"main", "streams", "candidates", "argparser", "arguments", "show", "caller"}
    assert not loaded & {"tomllib", "tomlkit", "wg.config.load"}


def test_nothing_of_it_is_loaded_otherwise(project: Box) -> None:
    loaded = LOADED.findall(project.wg("show", "other", env={"PYTHONVERBOSE": "1"}).err)
    assert "wg.cli.show" in loaded
    assert not [name for name in loaded if name.startswith("argcomplete")]


def test_asked_by_nobody_it_ends_without_a_word(project: Box) -> None:
    done = project.wg("show", code=1, env={"_ARGCOMPLETE": "1"})
    assert (done.out, done.err) == ("", "")


@pytest.mark.parametrize(
    ("shell", "options", "setup"),
    [
        ("bash", ("--norc", "--noprofile"), 'bind "set show-all-if-ambiguous on"; eval "$(wg completion bash)"'),
        ("zsh", ("-f",), 'autoload -U compinit && compinit -u -D; eval "$(wg completion zsh)"'),
    ],
    ids=["bash", "zsh"],
)
def test_typing_in_a_shell(project: Box, shell: str, options: tuple[str, ...], setup: str) -> None:
    (project.project / "title-of-a-file").touch()
    with Terminal(project, needs(shell), *options, "-i") as terminal:
        terminal.type(f"{setup}; echo set''up\n")
        terminal.await_text("setup\r\n")
        terminal.type("wg sho\tot\t\n")  # both are completed: the only ones
        terminal.await_text("Task: other")
        terminal.type("wg show pre\t\t")
        terminal.await_text("pre-two")
        terminal.type("o\t\n")  # and on from pre-
        terminal.await_text("Task: pre-one")
        terminal.type("wg add tit\t.\n")  # a title is nothing that could be known, and no file's name
        terminal.await_text("Added task: tit. ")
        terminal.type("exit\n")
    assert not (project.project / "stolen").exists()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("wg show pre", ["pre-one", "pre-two"]),
        ("wg sho", ["show"]),
        ("wg profile use m", ["mine"]),
        ("wg list --status f", ["failed"]),
        ("wg show nothing", []),
    ],
)
def test_fish(project: Box, line: str, offered: list[str]) -> None:
    code = f"wg completion fish | source; complete -C '{line}'"
    done = project.run(needs("fish"), "--no-config", "-c", code)
    assert [each.split("\t")[0] for each in done.out.splitlines()] == offered
    assert done.err == ""
