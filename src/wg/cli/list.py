"""`wg list`: the tasks, one a line."""

from __future__ import annotations

import argparse

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store
from wg.cli.fields import priority
from wg.graph.task import NO_LIMIT, STATUSES, Filter
from wg.views.line import task_line


def parser() -> Parser:
    """The command line of `wg list`."""
    made = command("list", "List tasks in order of creation. [!] is an open task that waits for others.", run)
    made.add_argument("--status", choices=STATUSES, help="only tasks of this status")
    made.add_argument("-t", "--tag", metavar="TAG", action="append", default=[], help="only tasks with it; repeatable")
    made.add_argument("-p", "--priority", metavar="PRIORITY", help="only tasks of this priority, a name or a number")
    add_limit(made, NO_LIMIT)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    only = Filter(
        (arguments.status,) if arguments.status else (),
        tuple(arguments.tag),
        None if arguments.priority is None else priority(arguments.priority),
    )
    with open_store(arguments) as store:
        found = store.matching(only, arguments.limit)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps([task._asdict() for task in found]))
    elif found:
        print("\n".join(task_line(task) for task in found))
    elif only != Filter():
        print(f"No tasks that are {arguments.status}" if only == Filter(only.statuses) else "No such tasks")
    else:
        print("No tasks. Add one with: wg add TITLE")
    return 0
