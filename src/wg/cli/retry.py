"""`wg retry`: open a failed task again."""

from __future__ import annotations

import argparse

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_reason, add_task, change


def parser() -> Parser:
    """The command line of `wg retry`."""
    made = command("retry", "Try a failed task again. Its failures in a row are counted anew.", run)
    add_task(made)
    add_reason(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Open it."""
    return change(arguments, lambda store, task_id, now, who: store.retry(task_id, arguments.reason, now, who))
