"""Server-sent events, however they are written and cut into pieces."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.nex import sse
from wg.nex.stream import parsed


def read(*chunks: bytes) -> list[str]:
    """The data of the events."""
    return list(sse.events(iter(chunks), lambda data: parsed(data) is not None, lambda size: None))


def test_comments_names_and_what_is_empty_are_skipped() -> None:
    assert read(b": ping\n\nevent: x\nid: 3\ndata: one\n\ndata:\n\ndata: \n\nretry: 5\n\ndata:two\n\n") == [
        "one",
        "two",
    ]


def test_data_over_several_lines_is_one() -> None:
    assert read(b'data: {\ndata:   "a": 1\ndata: }\n\n') == ['{\n  "a": 1\n}']


def test_events_without_an_empty_line_between_them_are_told_apart() -> None:
    assert read(b'data: {"a": 1}\ndata: {"b": 2}\ndata: [DONE]') == ['{"a": 1}', '{"b": 2}', "[DONE]"]


@given(
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_ends_of_lines_and_chunks_make_no_difference(end: bytes, cuts: list[int]) -> None:
    lines = [b"data: one", b"", b": ping", b"data: {", b"data: }", b"", b"data: caf\xc3\xa9", b"", b""]
    text = end.join(lines)
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    chunks = [text[one:other] for one, other in itertools.pairwise(places)]
    assert read(*chunks) == ["one", "{\n}", "caf\u00e9"]


@pytest.mark.parametrize("begun", [b"data:", b"data: x", b"event: x", b": ping", b":", b"id: 1", b"retry: 3"])
def test_the_beginning_shows_a_stream(begun: bytes) -> None:
    assert sse.is_event(sse.beginning(b"\xef\xbb\xbf\r\n\n" + begun))


@pytest.mark.parametrize("begun", [b"", b"{", b'"data:', b"<html>", b"dat", b"\n\n"])
def test_the_beginning_shows_none(begun: bytes) -> None:
    assert not sse.is_event(sse.beginning(begun))
