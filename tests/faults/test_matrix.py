"""The tests beside this one are named after rows of the matrix, and each row has some or says why it has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.faults.matrix import MATRIX

HERE = Path(__file__).parent


def names() -> list[str]:
    """Of all other tests here."""
    paths = [path for path in HERE.glob("test_*.py") if path != Path(__file__)]
    nodes = [node for path in paths for node in ast.parse(path.read_text()).body]
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def test_every_test_is_named_after_a_row() -> None:
    rows = [re.match(r"test_(F\d\d)_", name) for name in names()]
    assert [name for name, row in zip(names(), rows, strict=True) if row is None or row[1] not in MATRIX] == []


def test_every_row_has_a_test_or_says_what_is_not_built() -> None:
    tested = {name[5:8] for name in names()}
    assert [number for number, row in MATRIX.items() if number not in tested and not row.unbuilt] == []


def test_no_row_is_missing() -> None:
    assert list(MATRIX) == [f"F{number:02}" for number in range(1, 31)]
