"""On which line each key of a TOML file stands; `tomllib` does not say.

The text must be valid TOML already (tomllib has read it), so this only has to find its way, not to judge.
"""

from __future__ import annotations

_SPACE = " \t\r\n"


def key_lines(text: str) -> dict[str, int]:
    """Line (from 1) of every key and table header. Names are dotted; elements of arrays are `a.b[0]`."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self._line = 1
        self._counted = 0

    def document(self) -> None:
        prefix = ""
        while self._skip_blank():
            if self._take("[["):
                prefix = self._array_element(self._header())
                self._take("]]")
            elif self._take("["):
                prefix = self._header()
                self._take("]")
            else:
                self._pair(prefix)

    def _pair(self, prefix: str) -> None:
        """`key = value`; the key may be dotted."""
        names = self._key()
        for end in range(1, len(names) + 1):
            self._note(_joined(prefix, names[:end]))
        self._skip_space()
        self._take("=")
        self._skip_space()
        self._value(_joined(prefix, names))

    def _value(self, name: str) -> None:
        character = self.text[self.at]
        if character in "\"'":
            self._string()
        elif character == "[":
            self._array(name)
        elif character == "{":
            self._inline_table(name)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _array(self, name: str) -> None:
        self._take("[")
        index = 0
        while self._skip_blank(",") and not self._take("]"):
            element = f"{name}[{index}]"
            self._note(element)
            self._value(element)
            index += 1

    def _inline_table(self, name: str) -> None:
        self._take("{")
        while self._skip_blank(",") and not self._take("}"):
            self._pair(name)

    def _header(self) -> str:
        """A header's name; a part before the last that is an array of tables means its last element."""
        *outer, last = self._key()
        name = ""
        for part in outer:
            name = dotted(name, part)
            self._note(name)
            if name in self.counts:
                name = f"{name}[{self.counts[name] - 1}]"
        name = dotted(name, last)
        self._note(name)
        return name

    def _array_element(self, name: str) -> str:
        index = self.counts.get(name, 0)
        self.counts[name] = index + 1
        element = f"{name}[{index}]"
        self._note(element)
        return element

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip_space()
            names.append(self._key_part())
            self._skip_space()
            if not self._take("."):
                return names

    def _key_part(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self._string()
            import tomllib  # quoted keys are rare

            return next(iter(tomllib.loads(f"{self.text[start : self.at]} = 0")))
        while self.text[self.at] not in " \t.=]":
            self.at += 1
        return self.text[start : self.at]

    def _string(self) -> None:
        quote = self.text[self.at]
        triple = quote * 3
        closing = triple if self.text.startswith(triple, self.at) else quote
        self.at += len(closing)
        while not self.text.startswith(closing, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(closing)
        # up to two quotes may stand directly before the closing three
        while closing == triple and self.text.startswith(quote, self.at):
            self.at += 1

    def _skip_blank(self, also: str = "") -> bool:
        """Skip white space, comments and `also`; False at the end of the text."""
        while self.at < len(self.text):
            if self.text[self.at] in _SPACE or self.text[self.at] in also:
                self.at += 1
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return True
        return False

    def _skip_space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def _take(self, expected: str) -> bool:
        if not self.text.startswith(expected, self.at):
            return False
        self.at += len(expected)
        return True

    def _note(self, name: str) -> None:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        self.lines.setdefault(name, self._line)


def dotted(prefix: str, name: str) -> str:
    """The name of the key `name` in the table `prefix`; a key that has a dot in itself is quoted."""
    part = f'"{name}"' if "." in name or "[" in name or not name else name
    return f"{prefix}.{part}" if prefix else part


def _joined(prefix: str, names: list[str]) -> str:
    for name in names:
        prefix = dotted(prefix, name)
    return prefix
