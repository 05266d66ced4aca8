"""Which script a request gets: the one in its prompt, else the one that a script file has for it.

The file is TOML, a list of tables:

    [[answer]]
    match = "^# Task: Write the parser"       # a regular expression, searched in the prompt; absent: every prompt
    directives = ["run make", "final Done."]  # the language of wg.rehearsal.script
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from wg.config.lines import key_lines
from wg.errors import WgError
from wg.records import NamedTuple
from wg.rehearsal.conversation import Request, summary
from wg.rehearsal.script import Script, ScriptError, Step, in_prompt, read

_TABLE = "answer"
_KEYS = ("match", "directives")
_HINT = "docs/rehearsal.md says what a script is"


class Entry(NamedTuple):
    """One table of a script file."""

    match: re.Pattern[str] | None  # None: it is for every prompt
    script: Script


class Chosen(NamedTuple):
    """The script for a request, and how far it is through it."""

    script: Script
    prompt: str
    done: int  # as `Script.step` takes it


def choose(entries: tuple[Entry, ...], request: Request) -> Chosen:
    """The script for this request. ScriptError: what its prompt says is wrong."""
    if request.asks_for_summary():
        return Chosen(Script((Step(summary(_done(entries, request.summarised()))),)), "(asks for a summary)", 0)
    return _of_a_prompt(entries, request)


def _of_a_prompt(entries: tuple[Entry, ...], request: Request) -> Chosen:
    """The script of the last prompt that has one of its own, in itself or by a `match`.

    So what a client says in between (that a call was malformed, that something is still to do) does not begin it anew.
    Where no prompt has one, the last prompt gets what is for every prompt.
    """
    for at in reversed(request.prompts):
        text = request.items[at].text
        own = in_prompt(text) or _matching(entries, text)
        if own:
            return Chosen(own, text, request.done_since(at))
    last = request.prompts[-1] if request.prompts else -1
    general = next((entry.script for entry in entries if entry.match is None), Script())
    return Chosen(general, request.items[last].text if last >= 0 else "", request.done_since(last))


def _done(entries: tuple[Entry, ...], request: Request) -> int:
    """How far a conversation was that is to be summarised. Its prompts may be cut, and directives in them wrong."""
    try:
        return _of_a_prompt(entries, request).done
    except ScriptError:
        return request.done_since(0)


def load(path: str) -> tuple[Entry, ...]:
    """Read a script file. WgError names the place of each mistake; OSError if it cannot be read."""
    with open(path, "rb") as file:
        raw = file.read()
    try:
        text = raw.decode()
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WgError(f"{path}:{line}: not UTF-8", _HINT) from None
    except ValueError as error:  # a TOMLDecodeError, or what Python says of a number of 5,000 digits
        raise WgError(f"{path}:{_line(str(error), text)}: {error}", _HINT) from None
    loader = _Loader(path, key_lines(text.replace("\r\n", "\n")))
    entries = loader.entries(tables)
    if loader.problems:
        raise WgError("\n".join(loader.problems), _HINT)
    return entries


class _Loader:
    def __init__(self, path: str, lines: dict[str, int]) -> None:
        self._path = path
        self._lines = lines
        self.problems: list[str] = []

    def entries(self, tables: dict[str, Any]) -> tuple[Entry, ...]:
        for name in tables:
            if name != _TABLE:
                self._wrong(name, f"unknown key {name!r}; a script is a list of [[{_TABLE}]] tables")
        listed = tables.get(_TABLE, [])
        if not isinstance(listed, list) or not all(isinstance(table, dict) for table in listed):
            self._wrong(_TABLE, f"write [[{_TABLE}]] for each answer")
            return ()
        return tuple(self._entry(f"{_TABLE}[{index}]", table) for index, table in enumerate(listed))

    def _entry(self, name: str, table: dict[str, Any]) -> Entry:
        for key in table:
            if key not in _KEYS:
                self._wrong(f"{name}.{key}", f"unknown key {key!r}; there are {' and '.join(_KEYS)}")
        directives = table.get("directives")
        if not isinstance(directives, list) or not all(isinstance(each, str) for each in directives):
            self._wrong(f"{name}.directives" if directives is not None else name, "directives is a list of texts")
            directives = []
        return Entry(self._match(f"{name}.match", table.get("match")), self._script(f"{name}.directives", directives))

    def _match(self, name: str, value: Any) -> re.Pattern[str] | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(name, "match is a text")
            return None
        try:
            return re.compile(value, re.MULTILINE)
        except re.error as error:
            self._wrong(name, f"match is no regular expression: {error}")
            return None

    def _script(self, name: str, directives: list[str]) -> Script:
        good: list[str] = []
        for index, directive in enumerate(directives):
            try:
                read([*good, directive])
            except ScriptError as error:
                self._wrong(f"{name}[{index}]", str(error))
            else:
                good.append(directive)
        return read(good)

    def _wrong(self, name: str, message: str) -> None:
        self.problems.append(f"{self._path}:{self._lines.get(name, 1)}: {message}")


def _matching(entries: tuple[Entry, ...], prompt: str) -> Script | None:
    return next((entry.script for entry in entries if entry.match and entry.match.search(prompt)), None)


def _line(message: str, text: str) -> int:
    """The line that tomllib names in words, if not the end of the document."""
    place = re.search(r"\(at line (\d+), column \d+\)$", message)
    return int(place[1]) if place else max(1, len(text.splitlines()))
