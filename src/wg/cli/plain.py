"""Reads plain command lines, without argparse: `--option VALUE`, `--option=VALUE`, `--flag`, and words in one row.

What it reads it reads as argparse does (a test compares the two). All else is left to argparse: --help, what is
wrong, values that begin with "-", joined short options, words between options.
"""

from __future__ import annotations

from wg.cli.arguments import SUPPRESS, Argument, Parser
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any
else:

    class Namespace:
        """The values as attributes."""


_FLAGS = {"store_true": True, "store_false": False}  # and store_const, which says what it stores


class _NotPlain(Exception):
    """This is argparse's to read, or to refuse."""


def parse(parser: Parser, argv: list[str]) -> Namespace:
    """Read a command line. UsageError if it is wrong; SystemExit after --help."""
    values = plain_values(parser, argv)
    if values is None:
        from wg.cli.argparser import full_parser  # it imports argparse

        return full_parser(parser).parse_args(argv)
    found = Namespace()
    vars(found).update(values)
    return found


def plain_values(parser: Parser, argv: list[str]) -> dict[str, Any] | None:
    """The values of all arguments, or None if argparse must read this command line."""
    try:
        return _values(parser, argv)
    except _NotPlain:
        return None


def _values(parser: Parser, argv: list[str]) -> dict[str, Any]:
    reading = _Reading(parser)
    position = 0
    while position < len(argv):
        word = argv[position]
        if _is_value(word):
            if parser.commands:
                return reading.result() | _values(_subcommand(parser, word), argv[position + 1 :])
            reading.take_word(word, position)
            position += 1
        else:
            position += reading.take_option(word, argv[position + 1 : position + 2])
    if parser.commands and parser.commands.required:
        raise _NotPlain
    return reading.result()


class _Reading:
    """What has been read so far of one parser's own arguments."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._options = {name: each for each in parser.arguments for name in each.names if name[0] == "-"}
        self._given: dict[str, Any] = {}
        self._seen: list[Argument] = []
        self._words: list[str] = []
        self._first = 0  # the position of the first word

    def take_word(self, word: str, position: int) -> None:
        """A word that is no option."""
        if not self._words:
            self._first = position
        elif position != self._first + len(self._words):
            raise _NotPlain  # words on both sides of an option
        self._words.append(word)

    def take_option(self, word: str, following: list[str]) -> int:
        """An option; returns how many words it takes up."""
        name, equals, value = word.partition("=")
        option = self._options.get(name)
        if option is None or (equals and name[:2] != "--"):
            raise _NotPlain
        self._see(option)
        action = option.settings.get("action", "store")
        dest = _dest(option)
        if action in (*_FLAGS, "store_const") and not equals:
            self._given[dest] = _FLAGS.get(action, option.settings.get("const"))
            return 1
        if not equals:
            if not (following and _is_value(following[0])):
                raise _NotPlain
            value = following[0]
        if action == "append":
            before = self._given.get(dest, option.settings.get("default")) or []
            self._given[dest] = [*before, _converted(option, value)]
        elif action == "store" and "nargs" not in option.settings:
            self._given[dest] = _converted(option, value)
        else:
            raise _NotPlain
        return 1 if equals else 2

    def result(self) -> dict[str, Any]:
        """All values, those of the arguments that were not given, too."""
        self._take_positionals()
        found = dict(self._parser.defaults)
        for argument in self._parser.arguments:
            dest = _dest(argument)
            if dest not in self._given:
                found = _default(argument, dest) | found  # of two with one name the first one decides
        groups = {argument.group for argument in self._seen}
        for argument in self._parser.arguments:
            missing = argument.settings.get("required") and argument not in self._seen
            if missing or (argument.group and argument.group.required and argument.group not in groups):
                raise _NotPlain
        return found | self._given

    def _see(self, option: Argument) -> None:
        group = option.group
        if group and not group.title and any(each.group is group and each is not option for each in self._seen):
            raise _NotPlain  # they exclude each other
        self._seen.append(option)

    def _take_positionals(self) -> None:
        words = iter(self._words)
        optional = False
        for argument in self._parser.arguments:
            if argument.names[0][0] == "-":
                continue
            nargs = argument.settings.get("nargs")
            if nargs not in (None, "?") or (optional and nargs is None):
                raise _NotPlain
            optional = nargs == "?"
            word = next(words, None)
            if word is not None:
                self._given[argument.names[0]] = _converted(argument, word)
            elif not optional:
                raise _NotPlain
        if next(words, None) is not None:
            raise _NotPlain


def _is_value(word: str) -> bool:
    return word[:1] != "-" or word == "-"


def _subcommand(parser: Parser, word: str) -> Parser:
    assert parser.commands
    for name, (_, aliases, subcommand) in parser.commands.parsers.items():
        if word == name or word in aliases:
            return subcommand
    raise _NotPlain


def _dest(argument: Argument) -> str:
    """The name of its value."""
    dest: str = argument.settings.get("dest", "")
    long = [name for name in argument.names if name[:2] == "--"]
    return dest or (long or argument.names)[0].lstrip("-").replace("-", "_")


def _default(argument: Argument, dest: str) -> dict[str, Any]:
    settings = argument.settings
    action = settings.get("action", "store")
    value = settings.get("default", not _FLAGS[action] if action in _FLAGS else None)
    if value == SUPPRESS:
        return {}
    if isinstance(value, str) and "type" in settings:
        value = _converted(argument, value)
    return {dest: value}


def _converted(argument: Argument, word: str) -> Any:
    settings = argument.settings
    value: Any = word
    if "type" in settings:
        try:
            value = settings["type"](word)
        except Exception as error:  # whatever it raises, argparse meets it again and says what is wrong
            raise _NotPlain from error
    if "choices" in settings and value not in settings["choices"]:
        raise _NotPlain
    return value
