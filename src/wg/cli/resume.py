"""`wg resume`: let a paused task run."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg resume`."""
    made = command("resume", "Let this one paused task run. wg publish does so with all drafts that depend on it.", run)
    add_task(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Do it."""
    return change(arguments, Store.resume)
