"""`wg done`: finish a task; inside an agent, claim that it is finished."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.finish import finish
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg done`."""
    made = command("done", "Finish a task. Inside an agent: claim that its task is finished.", run)
    made.add_argument("id", metavar="ID", nargs="?", help="the task; inside an agent its own, if none is named")
    made.add_argument("--converged", action="store_true", help="the loop around it need not run again")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Finish it."""
    return finish(arguments, "done", "", converged=arguments.converged)
