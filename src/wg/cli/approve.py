"""`wg approve`: say yes to a task that waits for a person."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg approve`."""
    made = command(
        "approve",
        "Say yes to a task that waits for a person: what its agent did is merged (wg add --approval), or it goes on "
        "(wg wait --until human).",
        run,
    )
    add_task(made)
    made.add_argument("-m", "--message", metavar="TEXT", default="", help="a message to whoever works on it next")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Approve it."""

    def approve(store: Store, task_id: str, now: float, who: str) -> None:
        store.approve(task_id, arguments.message, now, who)

    return change(arguments, approve)
