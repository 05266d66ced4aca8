"""`wg abandon`: give a task up."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_reason, add_task, change
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg abandon`."""
    made = command("abandon", "Give a task up. What depends on it goes on as if it were done.", run)
    add_task(made)
    add_reason(made)
    made.add_argument("--superseded-by", metavar="ID", default="", help="the task that takes its place")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Abandon it."""

    def abandon(store: Store, task_id: str, now: float, who: str) -> None:
        successor = store.resolve(arguments.superseded_by) if arguments.superseded_by else ""
        store.abandon(task_id, arguments.reason, successor, now, who)

    return change(arguments, abandon)
