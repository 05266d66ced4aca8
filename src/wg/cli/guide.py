"""`wg guide`: how agents use wg."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.inforce import print_json
from wg.dispatch.prompt.guide import GUIDE
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg guide`."""
    return command("guide", "Print a short guide for agents: how to report, add tasks, and look around.", run)


def run(arguments: argparse.Namespace) -> int:
    """Print the guide."""
    if arguments.json:
        print_json({"guide": GUIDE})
    else:
        print(GUIDE, end="")
    return 0
