"""`wg list`: the tasks, one a line."""

from __future__ import annotations

import argparse

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store
from wg.graph.task import STATUSES
from wg.views.line import task_line


def parser() -> Parser:
    """The command line of `wg list`."""
    made = command("list", "List tasks in order of creation. [!] is an open task that waits for others.", run)
    made.add_argument("--status", choices=STATUSES, help="only tasks of this status")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    with open_store(arguments) as store:
        found = store.tasks((arguments.status,) if arguments.status else ())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps([task._asdict() for task in found]))
    elif found:
        print("\n".join(task_line(task) for task in found))
    else:
        print(f"No tasks that are {arguments.status}" if arguments.status else "No tasks. Add one with: wg add TITLE")
    return 0
