"""Files: read in parts, written whole or not at all, edited exactly, and never outside."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nex.tools.conftest import Host, Start
from wg.nex.tools.base import ToolError
from wg.nex.tools.files import file_tools
from wg.nex.tools.workspace import Workspace


def test_a_file_is_read_with_its_line_numbers_and_in_parts(tools: Host, root: Path) -> None:
    (root / "a.txt").write_text("".join(f"line {number}\n" for number in range(1, 5001)))
    assert tools.ok("read_file", path="a.txt", limit=2) == "1\tline 1\n2\tline 2\n[there is more: go on with offset 3]"
    assert tools.ok("read_file", path="a.txt", offset=4999) == "4999\tline 4999\n5000\tline 5000"
    assert "has only 5000 lines" in tools.ok("read_file", path="a.txt", offset=9000)
    (root / "empty").touch()
    assert tools.ok("read_file", path="empty") == "empty is empty"
    (root / "windows").write_bytes(b"a\r\nb")
    assert tools.ok("read_file", path="windows") == "1\ta\n2\tb"


def test_a_line_of_five_megabytes_and_what_is_no_text(tools: Host, root: Path) -> None:
    (root / "long").write_bytes(b"x" * 5_000_000 + b"\nend\n")
    said = tools.ok("read_file", path="long")
    assert "[cut: the line has 5000000 bytes]" in said
    assert said.endswith("2\tend")
    assert len(said) < 3000
    (root / "binary").write_bytes(b"\x7fELF\0\0")
    assert "not a text file" in tools.refused("read_file", path="binary")
    os.mkfifo(root / "pipe")
    assert "neither a file" in tools.refused("read_file", path="pipe")
    assert "is a directory" in tools.refused("read_file", path=".")
    assert "does not exist" in tools.refused("read_file", path="none/of/it")


def test_a_sparse_file_of_a_gigabyte_is_read_at_its_beginning(tools: Host, root: Path) -> None:
    with (root / "huge").open("wb") as file:
        file.write(b"first\n" * 20_000)
        file.truncate(1 << 30)
    assert tools.ok("read_file", path="huge", limit=3).startswith("1\tfirst\n2\tfirst")


def test_a_file_is_written_with_its_directories_and_keeps_its_mode(tools: Host, root: Path) -> None:
    assert tools.ok("write_file", path="a/b/c.txt", content="one\ntwo") == "wrote a/b/c.txt: 2 lines, 7 bytes"
    assert (root / "a/b/c.txt").read_text() == "one\ntwo"
    script = root / "script"
    script.write_text("old")
    script.chmod(0o750)
    tools.ok("write_file", path="script", content="new\n")
    assert stat.S_IMODE(script.stat().st_mode) == 0o750
    assert sorted(path.name for path in root.iterdir()) == ["a", "script"], "no new file is left beside it"
    assert "is a directory" in tools.refused("write_file", path="a", content="x")
    assert "does not exist" in tools.refused("write_file", path="script/x", content="x")


def test_an_edit_is_exact(tools: Host, root: Path) -> None:
    path = root / "a.py"
    path.write_text("def f():\n    return 1\n\ndef g():\n    return 1\n")
    assert "2 times in a.py, at lines 2, 5" in tools.refused("edit_file", path="a.py", old="return 1", new="return 2")
    refused = tools.refused("edit_file", path="a.py", old="def f(x):", new="def h():")
    assert "1\tdef f():" in refused
    assert tools.ok("edit_file", path="a.py", old="def f():\n    return 1", new="def f():\n    return 3").endswith(
        "1 place"
    )
    assert tools.ok("edit_file", path="a.py", old="def ", new="async def ", replace_all=True).endswith("2 places")
    assert path.read_text() == "async def f():\n    return 3\n\nasync def g():\n    return 1\n"
    assert "old is empty" in tools.refused("edit_file", path="a.py", old="", new="x")
    assert "nothing would change" in tools.refused("edit_file", path="a.py", old="x", new="x")
    (root / "latin").write_bytes(b"caf\xe9\n")
    assert "not a text in UTF-8" in tools.refused("edit_file", path="latin", old="c", new="k")


def test_line_ends_of_windows_stay(tools: Host, root: Path) -> None:
    (root / "w").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    tools.ok("edit_file", path="w", old="one\ntwo\n", new="1\n2\n")
    assert (root / "w").read_bytes() == b"1\r\n2\r\nthree\r\n"
    tools.ok("edit_file", path="w", old="three", new="3\n4")
    assert (root / "w").read_bytes() == b"1\r\n2\r\n3\r\n4\r\n", "also where the old text is within a line"
    tools.ok("edit_file", path="w", old="1\r\n2\r\n", new="1\n2\n")
    assert (root / "w").read_bytes() == b"1\n2\n3\r\n4\r\n", "who names them means them"
    (root / "mixed").write_bytes(b"one\r\ntwo\nthree\n")
    tools.ok("edit_file", path="mixed", old="two\nthree", new="2\n3")
    assert (root / "mixed").read_bytes() == b"one\r\n2\n3\n"


def test_a_name_that_ends_as_a_directorys_is_no_file(tools: Host, root: Path) -> None:
    for path in ("trail/", "trail/."):
        assert "is a directory's name" in tools.refused("write_file", path=path, content="x")
    assert not list(root.iterdir())


def test_a_file_of_long_lines_is_read_in_parts_too(tools: Host, root: Path) -> None:
    (root / "wide").write_text(("x" * 1900 + "\n") * 100)
    said = tools.ok("read_file", path="wide")
    assert said.endswith("[there is more: go on with offset 13]")
    assert "13\t" in tools.ok("read_file", path="wide", offset=13)


@settings(max_examples=150)
@given(
    text=st.text("ab\n é", max_size=60), old=st.text("ab\n é", min_size=1, max_size=4), new=st.text("ab\n", max_size=5)
)
def test_an_edit_is_what_replace_does(text: str, old: str, new: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "f"
        path.write_bytes(text.encode())
        edit = next(tool for tool in file_tools(Workspace(directory)) if tool.name == "edit_file")
        arguments = {"path": "f", "old": old, "new": new, "replace_all": True}
        if old == new or old not in text:
            with pytest.raises(ToolError):
                edit.run(arguments)
            assert path.read_bytes() == text.encode()
        else:
            edit.run(arguments)
            assert path.read_bytes() == text.replace(old, new).encode()


@pytest.fixture
def outside(root: Path) -> Path:
    """A file that no tool is to reach, and every kind of way to it."""
    secret = root.parent / "secret.txt"
    secret.write_text("planted")
    (root / "link").symlink_to(secret)
    (root / "up").symlink_to("..")
    (root / "chain").symlink_to("up/secret.txt")
    (root / "dangling").symlink_to("../new.txt")
    (root / "dir").mkdir()
    (root / "dir" / "deep").symlink_to("../../")
    return secret


WAYS = [
    "../secret.txt",
    "dir/../../secret.txt",
    "link",
    "up/secret.txt",
    "chain",
    "dir/deep/secret.txt",
    "dangling",
    "../new.txt",
    "up/new.txt",
    "/etc/hostname-of-nobody",
    "/proc/self/environ",
    "~/.bashrc",
    "",
    "a\0b",
]


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_outside(tools: Host, outside: Path, way: str) -> None:
    for name, more in (
        ("read_file", {}),
        ("write_file", {"content": "x"}),
        ("edit_file", {"old": "planted", "new": "x"}),
        ("grep", {"pattern": "planted"}),
    ):
        said = tools.refused(name, path=way, **more)
        assert "planted" not in said
    assert outside.read_text() == "planted"
    assert not (outside.parent / "new.txt").exists()


def test_glob_and_grep_stay_inside(tools: Host, outside: Path) -> None:
    for pattern in ("../*", "/etc/*", "dir/../../*", "~/*"):
        assert "not a pattern" in tools.refused("glob", pattern=pattern)
        assert "not a pattern" in tools.refused("grep", pattern="planted", glob=pattern)
    assert "planted" not in tools.ok("grep", pattern="plan.ed")


def test_what_git_and_wg_keep_is_read_and_not_written(tools: Host, root: Path) -> None:
    (root / ".git").write_text("gitdir: elsewhere")
    (root / "sub" / ".wg").mkdir(parents=True)
    (root / "alias").symlink_to(".git")
    for path in (".git", ".GIT", "sub/.wg/config.toml", "alias", "sub/../.git"):
        assert "belongs to git or wg" in tools.refused("write_file", path=path, content="x")
    assert "gitdir" in tools.ok("read_file", path=".git")


def test_directories_that_the_config_names_can_be_written(start: Start, root: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    tools = start(writable=[str(more)])
    tools.ok("write_file", path=str(more / "x"), content="x")
    assert (more / "x").read_text() == "x"
    assert "outside" in tools.refused("write_file", path=str(tmp_path / "y"), content="x")


def test_a_link_that_is_put_there_in_between_is_not_followed(root: Path) -> None:
    """Between the look and the use the directory becomes a link to the outside."""
    (root / "dir").mkdir()
    (root.parent / "victim").mkdir()
    located = Workspace(str(root)).locate("dir/f", write=True)
    (root / "dir").rmdir()
    (root / "dir").symlink_to("../victim")
    with pytest.raises(OSError), located.place():
        pass
    with pytest.raises(OSError):
        located.open(os.O_RDONLY)


@settings(max_examples=200)
@given(
    parts=st.lists(st.sampled_from(["..", ".", "a", "up", "in", "self", "b", "~", ""]), max_size=6),
    absolute=st.booleans(),
)
def test_wherever_a_path_leads_it_is_inside_or_refused(parts: list[str], absolute: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "r")
        (root / "a" / "b").mkdir(parents=True)
        (root / "up").symlink_to("..")
        (root / "in").symlink_to("a/b")
        (root / "a" / "self").symlink_to("self")
        text = ("/" if absolute else "") + "/".join(parts)
        try:
            located = Workspace(str(root)).locate(text)
        except ToolError:
            return
        assert os.path.realpath(located.path).startswith(str(root.resolve()))
