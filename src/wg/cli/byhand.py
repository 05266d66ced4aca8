"""What the commands share that change one task by hand: find it, change it, say how it stands now."""

from __future__ import annotations

import time
from collections.abc import Callable

from wg.cli.arguments import Parser
from wg.cli.caller import actor, open_store
from wg.cli.show import status_line
from wg.graph.store import Store
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

Change = Callable[[Store, str, float, str], object]  # store, task's id, now, actor


def add_task(parser: Parser) -> None:
    """The argument that names the task."""
    parser.add_argument("id", metavar="ID", help="the task; its first letters do, if no other begins so")


def add_reason(parser: Parser) -> None:
    """The option that says why."""
    parser.add_argument("--reason", metavar="TEXT", default="", help="why")


def change(arguments: argparse.Namespace, do: Change) -> int:
    """Let `do` change the task."""
    with open_store(arguments) as store:
        task_id = store.resolve(arguments.id)
        do(store, task_id, time.time(), actor())
        task = store.task(task_id)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "status": task.status, "paused": task.paused, "claimed_by": task.claimed_by}))
    else:
        print(f"{task_id} is {printable(status_line(task))}")
    return 0
