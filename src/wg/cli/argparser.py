"""argparse's parser of a command line that `wg.cli.arguments` declares: for help, errors and all that is unusual."""

from __future__ import annotations

import argparse
import os
import sys

from wg.cli.arguments import SUPPRESS, Argument, Group, Parser
from wg.errors import UsageError
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

    from wg.cli.arguments import Settings


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


class FullParser(argparse.ArgumentParser):
    """argparse, but a wrong command line is a UsageError that the boundary prints like any other."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"{self.prog} --help{self._of_dashes(message)}")

    def _of_dashes(self, message: str) -> str:
        """How a word that begins with "-" is given and is no option, where one may have been meant."""
        words = [word.partition("=")[0] for word in sys.argv[1:] if word[:1] == "-" and word != "-"]
        if all(word in self._option_string_actions for word in words):
            return ""
        if message.endswith("expected one argument"):
            return " (a value that begins with - is given as --OPTION=VALUE)"
        if message.startswith(("the following arguments are required", "unrecognized arguments")):
            return f" (what begins with - and is no option stands behind --: {self.prog} -- -x)"
        return ""


def full_parser(declared: Parser) -> FullParser:
    """The parser of `declared` and of all its subcommands."""
    made = FullParser(
        prog=declared.prog, description=declared.description, allow_abbrev=False, formatter_class=Formatter
    )
    _fill(made, declared)
    return made


def _fill(made: FullParser, declared: Parser) -> None:
    groups: dict[int, argparse._ActionsContainer] = {id(None): made}
    for argument in declared.arguments:
        if id(argument.group) not in groups and argument.group is not None:
            groups[id(argument.group)] = _group(made, argument.group)
        groups[id(argument.group)].add_argument(*argument.names, **_settings(argument))
    made.set_defaults(**declared.defaults)
    if declared.commands is None:
        return
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", required=declared.commands.required, parser_class=FullParser
    )
    for name, (summary, aliases, subcommand) in declared.commands.parsers.items():
        _fill(
            commands.add_parser(
                name,
                help=summary,
                description=subcommand.description,
                aliases=aliases,
                allow_abbrev=False,
                formatter_class=Formatter,
            ),
            subcommand,
        )


def _settings(argument: Argument) -> Settings:
    """argparse looks for its own object."""
    if argument.settings.get("default") == SUPPRESS:
        return {**argument.settings, "default": argparse.SUPPRESS}
    return argument.settings


def _group(made: FullParser, group: Group) -> argparse._ActionsContainer:
    if group.title:
        return made.add_argument_group(group.title)
    return made.add_mutually_exclusive_group(required=group.required)


def _terminal_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):  # not a terminal, or no file at all
        return 80
