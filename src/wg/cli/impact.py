"""`wg impact`: what depends on a task."""

from __future__ import annotations

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store, task_named
from wg.records import TYPE_CHECKING
from wg.views.impact import impact_lines, impact_of

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg impact`."""
    made = command("impact", "Show all that depends on a task, directly (level 1) and by way of others.", run)
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the levels."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        impact = impact_of(task_id, store.downstream(task_id))
    if arguments.json:
        import json  # only where it is asked for

        levels = [
            [{"id": task.id, "title": task.title, "status": task.status} for task in level] for level in impact.levels
        ]
        print(json.dumps({"id": task_id, "count": impact.total, "unfinished": impact.unfinished, "levels": levels}))
    else:
        print("\n".join(impact_lines(impact, arguments.limit)))
    return 0
