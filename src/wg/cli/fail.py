"""`wg fail`: fail a task; inside an agent, claim that it failed."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.finish import finish
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg fail`."""
    made = command("fail", "Fail a task. Inside an agent: claim that its task failed.", run)
    made.add_argument("id", metavar="ID", nargs="?", help="the task; inside an agent its own, if none is named")
    made.add_argument("--reason", metavar="TEXT", default="", help="why")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Fail it."""
    return finish(arguments, "fail", arguments.reason)
