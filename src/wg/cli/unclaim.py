"""`wg unclaim`: give a claimed task back."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg unclaim`."""
    made = command("unclaim", "Give a task back that was claimed by a person; it is open again.", run)
    add_task(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    return change(arguments, Store.unclaim)
