"""`wg reject`: say no to a task that waits for a person."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.graph.lifecycle import REJECTIONS
from wg.graph.store import Store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg reject`."""
    made = command(
        "reject",
        "Say no to a task that waits for a person. What its agent did goes back to an agent, with the reason; "
        f"after {REJECTIONS} times the task fails. A task that waits with wg wait --until human fails at once.",
        run,
    )
    add_task(made)
    made.add_argument("--reason", metavar="TEXT", required=True, help="what has to be done better")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Reject it."""

    def reject(store: Store, task_id: str, now: float, who: str) -> None:
        store.reject(task_id, arguments.reason, now, who)

    return change(arguments, reject)
