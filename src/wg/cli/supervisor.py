"""`wg supervisor`: the process that owns one agent, as the dispatcher starts it."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg supervisor`."""
    made = command("supervisor", "The process that owns one agent. Only the dispatcher starts it.", run)
    made.add_argument("fence", metavar="ATTEMPT", type=int, help="the attempt's number")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Run the attempt to its end."""
    from wg.dispatch.supervisor import supervise

    return supervise(require_project(arguments.dir), arguments.fence)
