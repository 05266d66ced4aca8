"""The pointer file of copy mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wg.profiles import names, pointer
from wg.profiles.pointer import Pointer

NAMES = st.one_of(st.from_regex(r"[a-z][a-z0-9_-]{0,63}", fullmatch=True).filter(names.is_valid), st.just("-"))
DIGESTS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
POINTERS = st.one_of(
    st.tuples(NAMES),
    st.tuples(NAMES, DIGESTS),
    st.tuples(NAMES, DIGESTS, NAMES, DIGESTS),
    st.tuples(NAMES, st.just("-"), NAMES, DIGESTS),
).map(lambda fields: Pointer(*fields))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pointer")


@settings(max_examples=40)  # each is an fsync
@given(POINTERS)
def test_what_is_written_is_read(directory: Path, written: Pointer) -> None:
    pointer.write(str(directory), written)
    assert pointer.read(str(directory)) == written


@given(st.binary(max_size=200))
def test_whatever_stands_there_can_be_read(directory: Path, data: bytes) -> None:
    (directory / pointer.POINTER).write_bytes(data)
    found = pointer.read(str(directory))
    assert found is None or (found.name and bool(found.next_name) == bool(found.next_digest))


def test_the_file_is_as_specified(tmp_path: Path) -> None:
    pointer.write(str(tmp_path), Pointer("codex", "aa", "claude", "bb"))
    assert (tmp_path / "active-profile").read_text() == "codex\nsha256:aa\nnext: claude sha256:bb\n"
    pointer.write(str(tmp_path), Pointer("codex", "aa"))
    assert (tmp_path / "active-profile").read_text() == "codex\nsha256:aa\n"


@pytest.mark.parametrize("text", ["", "\n", "  \nsha256:aa\n"])
def test_a_file_that_names_nothing_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "active-profile").write_text(text)
    assert pointer.read(str(tmp_path)) is None


def test_no_file_is_none(tmp_path: Path) -> None:
    assert pointer.read(str(tmp_path)) is None
    assert pointer.read(str(tmp_path / "nowhere")) is None


def test_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "active-profile").write_bytes(b"codex\r\nsha256:aa\r\n")
    assert pointer.read(str(tmp_path)) == Pointer("codex", "aa")
