"""On which line a key stands, against tomllib and against documents whose lines are known as they are written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given

from tests.config.documents import Document, documents
from wg.config.lines import dotted, key_lines


def flattened(value: Any, name: str = "") -> Iterator[str]:
    """Every name in what tomllib read."""
    if name:
        yield name
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(inner, dotted(name, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flattened(inner, f"{name}[{index}]")


def read(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@given(documents())
def test_every_key_has_its_line(document: Document) -> None:
    values = read(document.text)
    assume(values is not None)  # a dotted key may have met its own table
    found = key_lines(document.text)
    assert set(found) == set(flattened(values))
    assert found == document.lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# only\n", {}),
        ("a = 1", {"a": 1}),
        ("\n\n[a]\n\n[a.b]\nc = 1\n", {"a": 3, "a.b": 5, "a.b.c": 6}),
        ("[a.b]\nc = 1\n", {"a": 1, "a.b": 1, "a.b.c": 2}),
        ('"a.b" = 1\n[a]\nb = 2\n', {'"a.b"': 1, "a": 2, "a.b": 3}),
        ("[[a]]\nb = 1\n[[a]]\nb = 2\n", {"a": 1, "a[0]": 1, "a[0].b": 2, "a[1]": 3, "a[1].b": 4}),
        ('a = """\nb = 1\n"""\nc = 1', {"a": 1, "c": 4}),
        ('a = """x""""\nb = 1', {"a": 1, "b": 2}),
    ],
)
def test_names_and_lines(text: str, expected: dict[str, int]) -> None:
    assert key_lines(text) == expected
