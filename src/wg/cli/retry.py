"""`wg retry`: open a failed task again."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_reason, add_task, change
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg retry`."""
    made = command(
        "retry",
        "Try a failed task again, in the worktree of the last attempt. Its failures in a row are counted anew.",
        run,
    )
    add_task(made)
    add_reason(made)
    made.add_argument("--fresh", action="store_true", help="start over, in a new worktree")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Open it."""
    reason, fresh = arguments.reason, arguments.fresh
    return change(arguments, lambda store, task_id, now, who: store.retry(task_id, reason, now, who, fresh=fresh))
