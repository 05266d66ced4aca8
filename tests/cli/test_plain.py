"""A command line that is read without argparse is read as argparse reads it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.cli.argparser import full_parser
from wg.cli.arguments import Parser
from wg.cli.main import COMMANDS, INTERNAL, load
from wg.cli.plain import parse, plain_values
from wg.errors import UsageError

WORDS = ["x", "7", "2", "a b", "", "-", "-1", "--", "-x", "--none", "high", "open"]


def declared(name: str) -> Parser:
    made: Parser = load(name).parser()
    return made


def all_kinds() -> Parser:
    """What no command of today has together."""
    made = Parser("wg all", "All that a declaration can say.")
    made.add_argument("one")
    made.add_argument("two", nargs="?", choices=("x", "7"))
    made.add_argument("-n", "--number", type=int, default="3")
    made.add_argument("--must", required=True)
    made.add_argument("--many", action="append", default=["x"])
    either = made.add_mutually_exclusive_group(required=True)
    either.add_argument("--yes", dest="answer", action="store_true")
    either.add_argument("--no", dest="answer", action="store_false")
    more = made.add_argument_group("more")
    more.add_argument("--some", nargs="+")
    more.add_argument("--seven", dest="number", action="store_const", const=7)
    made.set_defaults(run=len, answer=None)
    return made


PARSERS = {name: declared(name) for name in (*COMMANDS, *INTERNAL)} | {"(all kinds)": all_kinds()}


def vocabulary(parser: Parser) -> Iterator[str]:
    """Every option, with and without a value, every choice, every subcommand with its own."""
    for argument in parser.arguments:
        yield from (name for name in argument.names if name[0] == "-")
        yield from (f"{name}={value}" for name in argument.names if name[0] == "-" for value in ("7", "", "high"))
        yield from argument.settings.get("choices", ())
    for name, (_, aliases, subcommand) in (parser.commands.parsers if parser.commands else {}).items():
        yield from (name, *aliases, *vocabulary(subcommand))


def by_argparse(parser: Parser, argv: list[str]) -> dict[str, Any]:
    return vars(full_parser(parser).parse_args(argv))


@pytest.mark.parametrize("name", PARSERS)
def test_both_read_the_same(name: str) -> None:
    parser = PARSERS[name]
    words = st.one_of(st.sampled_from(sorted(set(vocabulary(parser)))), st.sampled_from(WORDS))

    @given(st.lists(words, max_size=7))
    def compare(argv: list[str]) -> None:
        found = plain_values(parser, argv)
        if found is not None:
            assert found == by_argparse(parser, argv)

    compare()


@pytest.mark.parametrize(
    "line",
    [
        "show a",
        "show --json a",
        "log a 'a line'",
        "log a 'a line' --json",
        "add 'A title' -d 'a text' --after a,b --after c --tag=ui --model codex:m --no-work",
        "add 'A title' -d -",
        "done",
        "fail b --reason why",
        "edit b --priority high --work",
        "ready --limit 5",
        "list --status open",
        "dep add b a",
        "profile --dir . use codex --global",
        "profile init-starters",
        "config",
    ],
)
def test_what_is_typed_all_the_time_needs_no_argparse(line: str) -> None:
    name, *argv = shlex.split(line)
    assert plain_values(declared(name), argv) == by_argparse(declared(name), argv)


@pytest.mark.parametrize(
    "line",
    ["add", "add a b", "add a --timeout", "add a --nope", "edit a --work --no-work", "dep", "dep add a", "dep no"],
)
def test_what_is_wrong_is_refused_by_argparse(line: str) -> None:
    name, *argv = line.split()
    assert plain_values(declared(name), argv) is None
    with pytest.raises(UsageError):
        parse(declared(name), argv)
