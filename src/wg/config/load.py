"""Reading one config file: its values, where each stands, and everything that is wrong with it.

No cache, no merging, no overlay: one file, read whole, is what runs (SPEC-profiles.md, section 2).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import Any, cast

from wg.config.lines import key_lines
from wg.config.schema import ENDPOINTS, KEYS
from wg.errors import ConfigError
from wg.records import NamedTuple
from wg.text import parse_duration

ERROR, WARNING, NOTE = "error", "warning", "note"


class Problem(NamedTuple):
    """Something to say about a file. Only an ERROR keeps it from being run on."""

    severity: str
    line: int  # from 1; 0 where it is about the file as a whole
    message: str

    def at(self, path: str) -> str:
        """As people and editors read it: `path:line: message`."""
        place = f"{path}:{self.line}" if self.line else path
        return f"{place}: {self.message}"


class Config:
    """What one file says. `path` is the file with links resolved, `digest` the sha256 of its bytes.

    `is_toml` is false for a file of which nothing can be read; it has no values then, and one error.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.digest = hashlib.sha256(data).hexdigest()
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.is_toml = False
        try:
            self.text = data.decode("utf-8")
            self.values = tomllib.loads(self.text)
            self.lines = key_lines(self.text)
        except UnicodeDecodeError as error:
            self.text = ""
            line = data.count(b"\n", 0, error.start) + 1
            self.problems.append(Problem(ERROR, line, "this is not UTF-8 text"))
        except RecursionError:
            self.problems.append(Problem(ERROR, 0, "not valid TOML: nested too deeply"))
        except ValueError as error:  # a TOMLDecodeError, or what Python says of a number of 5,000 digits
            self.problems.append(_syntax_problem(str(error), self.text))
        else:
            from wg.config.check import check

            self.is_toml = True
            self.problems += check(self)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == ERROR]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == WARNING]

    def raw(self, key: str) -> Any:
        """The value as written, or None where the key is absent."""
        value: Any = self.values
        for part in key.split(".") if key else []:
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        return value

    def line(self, key: str) -> int:
        """The line that `key` stands on; 0 if it is absent."""
        return self.lines.get(key, 0)

    def text_of(self, key: str) -> str:
        """A string key; its documented default, else "", where it is absent."""
        return cast(str, self._value(key) or "")

    def number(self, key: str) -> int:
        """An integer key, in the unit that the schema names."""
        return cast(int, self._value(key))

    def flag(self, key: str) -> bool:
        """A boolean key."""
        return cast(bool, self._value(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list-of-strings key."""
        return tuple(cast("list[str]", self._value(key)))

    def seconds(self, key: str) -> float:
        """A duration key, in seconds."""
        return parse_duration(self.text_of(key))

    def endpoints(self) -> list[dict[str, Any]]:
        """The blocks of [[llm_endpoints.endpoints]], as written."""
        listed = self.raw(ENDPOINTS)
        return [block for block in listed if isinstance(block, dict)] if isinstance(listed, list) else []

    def _value(self, key: str) -> Any:
        value = self.raw(key)
        return KEYS[key].default if value is None else value


def load(path: str) -> Config:
    """Read `path`. Never fails over what is in the file (see `Config.problems`); OSError if it cannot be read."""
    import os

    real = os.path.realpath(path)
    with open(real, "rb") as file:
        return Config(real, file.read())


def load_valid(path: str) -> Config:
    """Read `path`, which must be fit to run on. Raises ConfigError with every problem, each with file and line."""
    return require_valid(load(path))


def require_valid(config: Config) -> Config:
    """`config` itself. Raises ConfigError with every problem, each with file and line, if it is invalid."""
    if config.errors:
        raise ConfigError(f"the config is invalid, and nothing runs on it:\n{_listed(config)}", f"mend {config.path}")
    return config


def require_valid_result(config: Config) -> Config:
    """`config` itself, which is to be written. Raises ConfigError if it is invalid: the file stays as it is then."""
    if config.errors:
        raise ConfigError(
            f"the result would be invalid, so it was not written:\n{_listed(config)}",
            "wg config lint says what is wrong with the file as it is",
        )
    return config


def _listed(config: Config) -> str:
    return "\n".join(f"  {problem.at(config.path)}" for problem in config.errors)


_POSITION = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def _syntax_problem(message: str, text: str) -> Problem:
    """tomllib gives the position only in its message (a line and column, or "end of document")."""
    match = _POSITION.search(message)
    if not match:
        return Problem(ERROR, 0, f"not valid TOML: {message}")
    line = int(match[1]) if match[1] else text.count("\n") + (0 if text.endswith("\n") else 1)
    return Problem(ERROR, line, f"not valid TOML: {message[: match.start()]}")
