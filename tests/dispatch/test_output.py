"""Files that are read while they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from wg.dispatch.output import GrowingFile, tail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def read_all(growing: GrowingFile) -> list[str]:
    found: list[str] = []
    while (lines := growing.read()) is not None:
        found += lines
    return found


def test_only_whole_lines_are_given_and_each_once(path: Path) -> None:
    growing = GrowingFile(path=str(path))
    assert read_all(growing) == []
    append(path, b"one\ntw")
    assert read_all(growing) == ["one"]
    append(path, b"o\r\n\nthr")
    assert read_all(growing) == ["two", ""]
    assert (growing.rest(), growing.rest()) == (["thr"], [])
    growing.close()


def test_a_character_that_is_cut_by_the_end_of_the_file_is_whole_in_the_end(path: Path) -> None:
    growing = GrowingFile(str(path))
    whole = "größer\n".encode()
    append(path, whole[:3])
    assert read_all(growing) == []
    append(path, whole[3:] + b"\xff\n")
    assert read_all(growing) == ["größer", "\ufffd"]
    growing.close()


def test_rotation_loses_nothing(path: Path) -> None:
    growing = GrowingFile(str(path))
    append(path, b"1\n")
    assert read_all(growing) == ["1"]
    append(path, b"2\n")
    path.rename(path.with_suffix(".1"))
    assert read_all(growing) == ["2"], "the new one is not there yet"
    append(path.with_suffix(".1"), b"3\n")
    append(path, b"4\n")
    assert read_all(growing) == ["3", "4"]
    append(path, b"5\n")
    assert read_all(growing) == ["5"]
    growing.close()


def test_of_a_long_file_only_the_end_is_looked_at_and_it_goes_on_from_there(path: Path) -> None:
    lines = [f"line {number}" for number in range(100_000)]
    path.write_text("\n".join(lines) + "\n")
    growing = GrowingFile(str(path))
    last = growing.skip_to_end()
    assert 1000 < len(last) < 50_000
    assert last == lines[-len(last) :]
    append(path, b"new\n")
    assert read_all(growing) == ["new"]
    growing.close()


def test_of_a_line_that_is_longer_than_what_is_looked_at_nothing_is_shown(path: Path) -> None:
    path.write_bytes(b"x" * 1_000_000)
    growing = GrowingFile(str(path))
    assert growing.skip_to_end() == []
    append(path, b"its end\nnext\n")
    assert read_all(growing) == ["next"]
    growing.close()
    assert tail(str(path))[-1] == "next"


def test_a_line_without_end_is_not_kept_for_ever(path: Path) -> None:
    path.write_bytes(b"x" * 9_000_000)
    growing = GrowingFile(str(path))
    assert max(len(line) for line in read_all(growing)) < 5_000_000
    assert len(growing.rest()[0]) < 4_200_000
    growing.close()


def test_the_tail_of_a_file_has_its_last_line_even_without_an_end(path: Path) -> None:
    assert tail(str(path)) == []
    path.write_text("one\ntwo")
    assert tail(str(path)) == ["one", "two"]
