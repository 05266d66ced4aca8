"""Standard input, output and error as they may come: closed, or in an encoding that lacks most characters."""

from __future__ import annotations

import sqlite3

import pytest

from tests.harness import WG, Box, Completed

ASCII = ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"})


def redirected(box: Box, command: str, code: int = 0) -> Completed:
    """What a shell makes of `wg COMMAND`, redirections and all."""
    return box.run("bash", "-c", f"{WG} {command}", code=code)


def test_what_cannot_be_encoded_is_escaped(box: Box) -> None:
    box.wg("init")
    assert box.wg("add", "unicode ü", env=ASCII[0]).out == "Added task: unicode \\xfc (unicode-u)\n"
    box.wg("add", "Second", "--after", "unicode-u")
    for env in ASCII:
        assert "[ ] unicode-u - unicode \\xfc\n" in box.wg("list", env=env).out
        assert "\\u2514" in box.wg("tree", env=env).out
        assert "usage: wg" in box.wg("--help", env=env).out
        assert "unicode \\xfc" in box.wg("show", "unicode-u", env=env).out


def test_a_closed_output_keeps_no_command_from_its_work(box: Box) -> None:
    box.wg("init")
    assert redirected(box, "add a >&-") == (0, "", "")
    assert redirected(box, "add b 2>&-") == (0, "Added task: b (b)\n", "")
    assert redirected(box, "add c <&- >&- 2>&-") == (0, "", "")
    assert redirected(box, "show d >&-", code=3).err.startswith("wg: error: there is no task 'd'")
    assert redirected(box, "show d 2>&-", code=3) == (3, "", "")
    assert redirected(box, "add --help >&-") == (0, "", "")
    assert redirected(box, "nothing >&- 2>&-", code=2).out == ""
    assert [task["id"] for task in box.wg("list", "--json").json] == ["a", "b", "c"]
    with sqlite3.connect(box.project / ".wg" / "db" / "graph.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    "command",
    ["add a -d -", "edit a -d -", "import -", "msg send a -", "nex"],
    ids=lambda command: str(command).replace(" ", "-"),
)
def test_a_closed_input_is_said(box: Box, command: str) -> None:
    box.wg("init")
    box.wg("profile", "use", "codex")
    box.wg("add", "A", "--id", "a")
    assert redirected(box, f"{command} <&-", code=2).err.startswith("wg: error: stdin is closed: the ")
    assert redirected(box, "list <&-").out == "[ ] a - A\n"
