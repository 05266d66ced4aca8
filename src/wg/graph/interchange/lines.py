"""The lines of a file of JSON objects, and what is wrong with them (faults F21, F30)."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from wg.errors import WgError
from wg.graph import texts
from wg.records import NamedTuple

Object = dict[str, Any]
LONGEST = 64 * 1024 * 1024  # bytes of one line
DEEPEST = 100  # objects and lists within each other
_MOST_PROBLEMS = 1000
_SHOWN = 20


class Problem(NamedTuple):
    """Why a line cannot be imported."""

    line: int  # counted from 1
    reason: str


class Refused(WgError):
    """The file was not imported, and nothing has changed."""

    def __init__(self, name: str, problems: list[Problem], hint: str) -> None:
        shown = [f"{name}:{line}: {reason}" for line, reason in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            shown.append(f"… and {len(problems) - _SHOWN} more: --json lists them")
        super().__init__("nothing was imported\n" + "\n".join(shown), hint)
        self._problems = problems

    def as_object(self) -> dict[str, object]:
        """With every problem on its own."""
        return {**super().as_object(), "problems": [problem._asdict() for problem in self._problems]}


class Problems:
    """What is wrong with a file, as far as it has been read."""

    def __init__(self, name: str) -> None:
        self.name = name  # of the file, for people
        self.found: list[Problem] = []

    def add(self, line: int, reason: str) -> None:
        """Note one. So many that the file must be something else end the reading."""
        self.found.append(Problem(line, reason))
        if len(self.found) >= _MOST_PROBLEMS:
            self.refuse()

    def refuse(self, hint: str = "mend these lines, and import the file again") -> NoReturn:
        """Raises Refused with all of them, in order."""
        raise Refused(self.name, sorted(self.found), hint)


def objects(file: BinaryIO, problems: Problems, *, comments: bool) -> Iterator[tuple[int, Object]]:
    """The number and object of each line; what is none is a problem. Empty lines and, if asked, `#` are skipped.

    So is the mark that editors on Windows put at a file's beginning.
    """
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            problems.add(number, f"the line is longer than {LONGEST // (1024 * 1024)} MiB")
            problems.refuse()
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        stripped = line.strip()
        if not stripped or (comments and stripped.startswith(b"#")):
            continue
        try:
            yield number, _object(line)
        except ValueError as error:
            cut = "" if line.endswith(b"\n") else "; the file ends here: it is cut off"
            problems.add(number, f"{error}{cut}")
            continue
        if not line.endswith(b"\n") and not comments:
            problems.add(number, "the file ends without a line end: something behind it may be lost")


def extra_text(extra: Object) -> str:
    """What is kept beside the known fields, as it is stored: "" for nothing. Raises ValueError."""
    if not extra:
        return ""
    if _is_deep(extra):
        raise ValueError(f"extra is nested deeper than {DEEPEST}")
    text = json.dumps(extra, ensure_ascii=False, separators=(",", ":"))
    try:
        texts.require_text(text, "extra")
    except WgError as error:
        raise ValueError(error.message) from None
    return text


def _object(line: bytes) -> Object:
    try:
        found = _DECODER.decode(line.decode())
    except UnicodeDecodeError:
        raise ValueError("not valid UTF-8") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error.msg} (column {error.colno})") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> Object:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is out of range")
    return number


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number that can be stored")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True
