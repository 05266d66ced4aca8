"""The graph for other programs."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.views.graphs import graph
from wg.graph.relations import Graph
from wg.text import printable
from wg.views.formats import dot_lines, mermaid_lines

_DOT = re.compile(r'  "a" \[label="((?:[^"\\]|\\["\\])*)"\];')
_MERMAID = re.compile(r'  n0\["([^"\[\]{}<>`|;]*(?:#\d+;[^"\[\]{}<>`|;]*)*)"\]')


def titled(title: str) -> Graph:
    found = graph({"a": "", "end": "a"})
    return Graph([found.tasks[0]._replace(title=title), found.tasks[1]], found.edges)


def test_dot() -> None:
    assert dot_lines(titled('say "hi\\')) == [
        "digraph tasks {",
        "  rankdir=LR;",
        "  node [shape=box];",
        '  "a" [label="[ ] a: say \\"hi\\\\"];',
        '  "end" [label="[!] end: Do end"];',
        '  "a" -> "end";',
        "}",
    ]


def test_mermaid() -> None:
    assert mermaid_lines(titled('say "hi"')) == [
        "flowchart LR",
        '  n0["#91; #93; a: say #34;hi#34;"]',
        '  n1["#91;!#93; end: Do end"]',
        "  n0 --> n1",
    ]


@given(st.text())
def test_any_title_stays_inside_its_label(title: str) -> None:
    label = f"[ ] a: {printable(title)}"
    dot = _DOT.fullmatch(dot_lines(titled(title))[3])
    assert dot and re.sub(r"\\(.)", r"\1", dot[1]) == label
    mermaid = _MERMAID.fullmatch(mermaid_lines(titled(title))[1])
    assert mermaid and re.sub(r"#(\d+);", lambda code: chr(int(code[1])), mermaid[1]) == label
