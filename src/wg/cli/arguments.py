"""One way to build every command's argument parser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from wg.errors import UsageError
from wg.graph.task import NO_LIMIT
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

Run = Callable[[argparse.Namespace], int]
LISTED = 100  # how many a list shows unless told otherwise


class Formatter(argparse.HelpFormatter):
    """argparse asks for a formatter on every `add_argument`, and its own imports shutil for the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_terminal_width() - 2)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """`-d, --description TEXT`, as Python 3.13 has it; before, TEXT stood after each spelling."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong command line is a UsageError that the boundary prints like any other."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"{self.prog} --help")


def command(name: str, description: str, run: Run | None = None) -> Parser:
    """The parser of `wg NAME`, with the options that every command takes. A command with subcommands has no `run`."""
    parser = Parser(prog=f"wg {name}", description=description, allow_abbrev=False, formatter_class=Formatter)
    _add_common(parser, hidden=False)
    if run:
        parser.set_defaults(run=run)
    return parser


def subcommands(parser: Parser, required: bool = True) -> argparse._SubParsersAction[Parser]:
    """Where the subcommands of `parser` are added, by `subcommand`."""
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=required, parser_class=Parser)


def subcommand(
    group: argparse._SubParsersAction[Parser],
    name: str,
    summary: str,
    run: Run,
    aliases: tuple[str, ...] = (),
) -> Parser:
    """A subcommand that does `run`."""
    parser = group.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        allow_abbrev=False,
        aliases=list(aliases),
        formatter_class=Formatter,
    )
    _add_common(parser, hidden=True)
    parser.set_defaults(run=run)
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


def _add_common(parser: Parser, *, hidden: bool) -> None:
    """In a subcommand no defaults are set: they would overwrite what stood before its name."""
    default = argparse.SUPPRESS if hidden else None
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
        type=_not_empty,
        default=default,
        help="use this profile for this one command; else WG_PROFILE",
    )
    common.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS if hidden else False, help="print JSON"
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tasks")
    return int(text) or NO_LIMIT


def _not_empty(text: str) -> str:
    """An empty name asks for something, and must not come to mean that nothing was asked for."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _terminal_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):  # not a terminal, or no file at all
        return 80
