"""TOML documents as hypothesis makes them, with the line of every key as it was written."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wg.config.lines import dotted

Draw = Any

NAMES = st.one_of(
    st.sampled_from(["a", "b", "agent", "model", "x-1", "12", "true"]),
    st.text("ab.[]#=\"'\\ é\t{},", max_size=4),
)
SCALARS = st.sampled_from(
    [
        *("1", "-0.5", "true", "inf", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", '""', "''", '"a # b"', "'] ='"),
        r'"\" [x] \\"',
        r'"\\"',
        r"'\'",
        "'''a'b''c'''",
        '"""a""b"""',
        '"""""""',  # an empty one between three and three would be six: this one holds a quote
        "'''x'''''",
        '"""\nk = 1\n[no]\n# no\n"""',
        "'''\n\"\"\"\n[[no]]\n\\'''",
        '"""\\\n   \\"""\n"""',
    ]
)
GAPS = st.sampled_from(["", " ", "\n", ' # [c] = "\n', "\n\n\t"])
COMMENTS = st.sampled_from(["", ' # a = 1 [b] "', "\t"])


class Document:
    """TOML text as it is written, with the line of every key."""

    def __init__(self, draw: Draw, newline: str) -> None:
        self.draw = draw
        self.newline = newline
        self.text = ""
        self.lines: dict[str, int] = {}

    def write(self, text: str) -> None:
        self.text += text

    def note(self, name: str) -> None:
        self.lines.setdefault(name, self.text.count("\n") + 1)

    def end_line(self) -> None:
        self.write(self.draw(COMMENTS) + self.newline)
        if self.draw(st.booleans()):
            self.write("# k = 1 '''" + self.newline)

    def key(self, name: str) -> None:
        """A key's spelling: bare where it may be, else quoted one way or the other."""
        bare = name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name)
        spellings = [_basic(name)] + ([name] if bare else []) + ([f"'{name}'"] if "'" not in name else [])
        self.write(self.draw(st.sampled_from(spellings)))

    def table(self, prefix: str, depth: int) -> None:
        for name in self.draw(st.lists(NAMES, unique=True, max_size=3)):
            self.pair(prefix, name, depth)
            self.end_line()

    def pair(self, prefix: str, name: str, depth: int) -> None:
        full = dotted(prefix, name)
        self.note(full)
        self.key(name)
        if self.draw(st.booleans()):
            self.write(self.draw(st.sampled_from([".", " . "])))
            inner = self.draw(NAMES)
            full = dotted(full, inner)
            self.note(full)
            self.key(inner)
        self.write(self.draw(st.sampled_from(["=", " = ", "\t=\t"])))
        self.value(full, depth)

    def value(self, name: str, depth: int) -> None:
        kind = self.draw(st.sampled_from(["scalar", "array", "inline"])) if depth else "scalar"
        if kind == "scalar":
            self.write(self.draw(SCALARS))
        elif kind == "inline":
            self.inline_table(name, depth - 1)
        else:
            self.array(name, depth - 1)

    def array(self, name: str, depth: int) -> None:
        self.write("[")
        for index in range(self.draw(st.integers(0, 3))):
            self.write(("," if index else "") + self.draw(GAPS))
            self.note(f"{name}[{index}]")
            self.value(f"{name}[{index}]", depth)
            self.write(self.draw(GAPS))
        self.write("]")

    def inline_table(self, name: str, depth: int) -> None:
        self.write("{ ")
        for index, inner in enumerate(self.draw(st.lists(NAMES, unique=True, max_size=2))):
            self.write(" , " if index else "")
            self.pair(name, inner, depth)
        self.write(" }")

    def header(self, name: str) -> None:
        """`[top.name]`, or `[[name]]` several times, each perhaps with a table inside."""
        if self.draw(st.booleans()):
            self.note("top")
            full = dotted("top", name)
            self.note(full)
            self.write("[ top .")
            self.key(name)
            self.write("]")
            self.end_line()
            self.table(full, 2)
            return
        full = dotted("", f"{name}!")
        for index in range(self.draw(st.integers(1, 2))):
            element = f"{full}[{index}]"
            self.note(full)
            self.note(element)
            self.write(f"[[{_basic(name + '!')}]]")
            self.end_line()
            self.table(element, 1)
            self.note(dotted(element, "inner!"))
            self.write(f"[{_basic(name + '!')}.'inner!']")
            self.end_line()
            self.table(dotted(element, "inner!"), 1)


def _basic(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


@st.composite
def documents(draw: Draw) -> Document:
    document = Document(draw, draw(st.sampled_from(["\n", "\r\n"])))
    document.table("", 2)
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        document.header(name)
    return document
