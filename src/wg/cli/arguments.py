"""One way to declare every command's arguments.

A declaration looks like argparse's. `wg.cli.plain` reads a command line by it, and `wg.cli.argparser` makes argparse's
own parser of it: argparse costs 0.8 of a bare Python start, too much for every command.
"""

from __future__ import annotations

from collections.abc import Callable

from wg.graph.task import NO_LIMIT
from wg.records import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    Run = Callable[[Namespace], int]
    Settings = dict[str, Any]

LISTED = 100  # how many a list shows unless told otherwise
SUPPRESS = "==SUPPRESS=="  # as a default, what argparse.SUPPRESS is there: no value at all


class Group:
    """Options that belong together: under a title in the help, or, without one, of which at most one is given."""

    def __init__(self, parser: Parser, title: str = "", *, required: bool = False) -> None:
        self.title = title
        self.required = required
        self._parser = parser

    def add_argument(self, *names: str, **settings: Any) -> None:
        """As `Parser.add_argument`."""
        self._parser.arguments.append(Argument(names, settings, self))


class Argument(NamedTuple):
    """One call of `add_argument`."""

    names: tuple[str, ...]
    settings: Settings
    group: Group | None


class Commands:
    """The subcommands of a parser, by name: what the help says of each, its aliases, its parser."""

    def __init__(self, required: bool) -> None:
        self.required = required
        self.parsers: dict[str, tuple[str, tuple[str, ...], Parser]] = {}


class Parser:
    """The arguments of one command. The methods take what those of argparse take."""

    def __init__(self, prog: str, description: str) -> None:
        self.prog = prog
        self.description = description
        self.arguments: list[Argument] = []
        self.defaults: Settings = {}
        self.commands: Commands | None = None

    def add_argument(self, *names: str, **settings: Any) -> None:
        """Declare an option, or an argument that stands for itself."""
        self.arguments.append(Argument(names, settings, None))

    def add_argument_group(self, title: str) -> Group:
        """A group of arguments under a title in the help."""
        return Group(self, title)

    def add_mutually_exclusive_group(self, *, required: bool = False) -> Group:
        """A group of options that exclude each other."""
        return Group(self, required=required)

    def set_defaults(self, **values: Any) -> None:
        """Values that no argument gives."""
        self.defaults.update(values)


def command(name: str, description: str, run: Run | None = None) -> Parser:
    """The parser of `wg NAME`, with the options that every command takes. A command with subcommands has no `run`."""
    parser = Parser(f"wg {name}", description)
    _add_common(parser, hidden=False)
    if run:
        parser.set_defaults(run=run)
    return parser


def subcommands(parser: Parser, required: bool = True) -> Commands:
    """Where the subcommands of `parser` are added, by `subcommand`."""
    parser.commands = Commands(required)
    return parser.commands


def subcommand(group: Commands, name: str, summary: str, run: Run, aliases: tuple[str, ...] = ()) -> Parser:
    """A subcommand that does `run`."""
    parser = Parser(name, f"{summary[0].upper()}{summary[1:]}.")
    _add_common(parser, hidden=True)
    parser.set_defaults(run=run)
    group.parsers[name] = (summary, aliases, parser)
    return parser


def add_limit(parser: Parser, default: int = LISTED) -> None:
    """`--limit N` of a list that may be long; 0 becomes NO_LIMIT."""
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        default=default,
        help=f"how many to show; 0 for all (default: {'all' if default == NO_LIMIT else default})",
    )


def refusal(message: str) -> Exception:
    """What the `type` of an argument raises, so that `message` is shown as it is."""
    import argparse  # only on the way to an error

    return argparse.ArgumentTypeError(message)


def _add_common(parser: Parser, *, hidden: bool) -> None:
    """In a subcommand no defaults are set: they would overwrite what stood before its name."""
    default = SUPPRESS if hidden else None
    common = parser.add_argument_group("common options")
    common.add_argument(
        "--dir",
        metavar="DIR",
        default=default,
        help="the project (its root or its .wg); else WG_DIR, else found from here",
    )
    common.add_argument(
        "--profile",
        metavar="NAME",
        type=not_empty,
        default=default,
        help="use this profile for this one command; else WG_PROFILE",
    )
    common.add_argument("--json", action="store_true", default=SUPPRESS if hidden else False, help="print JSON")


def number(text: str) -> int:
    """The type of an option that takes a whole number, 0 included."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refusal(f"{text!r} is not a whole number")
    return int(text)


def seconds(text: str) -> float:
    """The type of an option that takes a time span such as 45s or 30m."""
    from wg.text import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise refusal(str(error)) from None


def _limit(text: str) -> int:
    return number(text) or NO_LIMIT


def not_empty(text: str) -> str:
    """The type of an option whose empty value, an unset variable's say, must not come to mean that none was given."""
    if not text:
        raise refusal("the name is empty")
    return text
