"""`wg claim`: work on a task yourself."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg claim`."""
    made = command(
        "claim",
        "Work on an open task yourself: "
        "no agent is started on it, and nobody takes it away. Finish with wg done or wg fail.",
        run,
    )
    add_task(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    return change(arguments, Store.person_claim)
