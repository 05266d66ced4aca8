"""The section on wg in AGENTS.md and CLAUDE.md: it comes and goes, and nothing else of the files ever changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg import instructions
from wg.errors import WgError
from wg.instructions import _BEGIN, _END, _SECTION, _with, _without, apply, plan

LF, CRLF = _SECTION.encode(), _SECTION.encode().replace(b"\n", b"\r\n")
TEXTS = st.lists(st.sampled_from([b"a", b" ", b"\n", b"\r\n", b"\r", b"# Title", "ü".encode()]), max_size=12).map(
    b"".join
)


def setup(root: Path, *, remove: bool = False) -> list[str]:
    changes = plan(str(root), remove=remove)
    apply(changes)
    return [f"{os.path.basename(change.path)} {change.state}" for change in changes]


def check_refused(root: Path, message: str) -> None:
    """Refused with that message, and every file as it was."""
    before = {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}
    for remove in (False, True):
        with pytest.raises(WgError, match=message):
            plan(str(root), remove=remove)
    assert {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()} == before


@given(TEXTS, TEXTS)
def test_what_stands_around_it_stays_byte_for_byte(before: bytes, after: bytes) -> None:
    added = _with("f", before)
    assert added.startswith(before)
    assert added.replace(b"\r\n", b"\n").count(LF) == 1
    assert _with("f", added) == added
    assert _without("f", added) == before
    followed = added + b"\n" + after
    older = followed.replace(b"## Tasks: wg", b"## What it was called once")
    assert older != followed
    assert _with("f", older) == followed
    assert _without("f", followed).endswith(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", LF + b"\n"),
        (b"# Us\n", b"# Us\n" + LF + b"\n"),
        (b"# Us", b"# Us\n" + LF),
        (b"# Us\r\nmore\r\n", b"# Us\r\nmore\r\n" + CRLF + b"\r\n"),
        (b"# Us\r\nmore", b"# Us\r\nmore\r\n" + CRLF),
    ],
)
def test_it_is_added_with_the_line_ends_that_are_there(before: bytes, after: bytes) -> None:
    assert _with("f", before) == after


def test_files_that_are_not_there_are_made_and_go_again(tmp_path: Path) -> None:
    assert setup(tmp_path) == ["AGENTS.md written", "CLAUDE.md written"]
    assert (tmp_path / "AGENTS.md").read_bytes() == (tmp_path / "CLAUDE.md").read_bytes() == LF + b"\n"
    assert (tmp_path / "AGENTS.md").stat().st_mode & 0o777 == 0o644
    assert setup(tmp_path) == ["AGENTS.md unchanged", "CLAUDE.md unchanged"]
    assert setup(tmp_path, remove=True) == ["AGENTS.md removed", "CLAUDE.md removed"]
    assert list(tmp_path.iterdir()) == []
    assert setup(tmp_path, remove=True) == ["AGENTS.md unchanged", "CLAUDE.md unchanged"]


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "AGENTS.md"
    path.write_text("# Us\n")
    path.chmod(0o664)
    setup(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize("link", ["AGENTS.md", "CLAUDE.md"])
@pytest.mark.parametrize("target", [b"# Us\n", b"", None], ids=["a file", "an empty file", "nothing"])
def test_a_link_is_followed_and_written_once(tmp_path: Path, link: str, target: bytes | None) -> None:
    (other,) = {"AGENTS.md", "CLAUDE.md"} - {link}
    (tmp_path / link).symlink_to(other)
    if target is not None:
        (tmp_path / other).write_bytes(target)
    assert setup(tmp_path) == ["AGENTS.md written"]
    assert (tmp_path / link).is_symlink() and not (tmp_path / other).is_symlink()
    assert (tmp_path / other).read_bytes() == (target or b"") + LF + b"\n"
    assert setup(tmp_path, remove=True) == ["AGENTS.md removed"]
    assert (tmp_path / link).read_bytes() == (target or b"")


def test_both_may_lead_to_a_third_file_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "agents.md").write_text("# Us\n")
    for name in instructions.FILES:
        (tmp_path / name).symlink_to("docs/agents.md")
    assert setup(tmp_path) == ["AGENTS.md written"]
    assert (tmp_path / "docs" / "agents.md").read_bytes() == b"# Us\n" + LF + b"\n"


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("# Mine\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "CLAUDE.md").symlink_to("../mine.md")
    check_refused(project, f"CLAUDE.md leads out of the project, to {tmp_path}/mine.md")
    assert not (project / "AGENTS.md").exists()


@pytest.mark.parametrize(
    ("lines", "line", "what"),
    [
        (("a", _BEGIN, "b"), 2, "begins and does not end"),
        (("a", "b", _END), 3, "ends without a beginning"),
        ((_END, _BEGIN), 1, "ends without a beginning"),
        ((_BEGIN, _BEGIN, _END), 2, "begins inside another one"),
        ((_BEGIN, _END, "", _BEGIN, _END), 4, "is there twice"),
        ((_BEGIN, _END, _END), 3, "is there twice"),
        (("<!-- wg:begin -->", "b"), 1, "begins and does not end"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_broken_marks_are_refused_with_their_line(
    tmp_path: Path, lines: tuple[str, ...], line: int, what: str, line_end: str
) -> None:
    (tmp_path / "CLAUDE.md").write_bytes(line_end.join((*lines, "")).encode())
    check_refused(tmp_path, f"CLAUDE.md:{line}: the section of wg {what}; nothing was changed")


def test_marks_inside_a_line_are_not_marks() -> None:
    text = f"Write `{_BEGIN}` and {_END} around it.\n".encode()
    assert _without("f", _with("f", text)) == text


def test_a_file_that_is_read_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("# Us\n")
    (tmp_path / "CLAUDE.md").chmod(0o444)
    with pytest.raises(WgError, match=r"CLAUDE.md is read-only"):
        plan(str(tmp_path))
    assert [change.state for change in plan(str(tmp_path), remove=True)] == ["unchanged", "unchanged"]


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_bytes("# Us\n".encode("utf-16"))
    check_refused(tmp_path, "AGENTS.md is not UTF-8 text")
    (tmp_path / "AGENTS.md").unlink()
    (tmp_path / "AGENTS.md").mkdir()
    check_refused(tmp_path, "AGENTS.md is not a file")
    (tmp_path / "AGENTS.md").rmdir()
    os.mkfifo(tmp_path / "AGENTS.md")
    check_refused(tmp_path, "AGENTS.md is not a file")
    (tmp_path / "AGENTS.md").unlink()
    (tmp_path / "AGENTS.md").symlink_to("AGENTS.md")
    check_refused(tmp_path, "AGENTS.md cannot be read: Too many levels of symbolic links")
