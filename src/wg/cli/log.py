"""`wg log`: read a task's log, or write a line into it."""

from __future__ import annotations

import os
import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import actor, open_store, task_named
from wg.graph.store import Store
from wg.records import TYPE_CHECKING
from wg.views.line import log_line

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg log`."""
    made = command(
        "log",
        "Read a task's log, or write a line into it. Inside an agent the ID may be left out: "
        "one argument with a space in it is then a line for the agent's own task.",
        run,
    )
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    made.add_argument("message", metavar="MESSAGE", nargs="?", help="the line to write; without it the log is printed")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Write the line, or print the log."""
    named, message = arguments.id, arguments.message
    if message is None and named and " " in named and os.environ.get("WG_TASK_ID"):
        named, message = None, named
    with open_store(arguments) as store:
        task_id = task_named(store, named)
        if message is None:
            return _read(store, task_id, as_json=arguments.json)
        store.log(task_id, message, time.time(), actor())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "message": message}))
    else:
        print(f"Logged on {task_id}")
    return 0


def _read(store: Store, task_id: str, *, as_json: bool) -> int:
    entries = store.log_entries(task_id)
    if as_json:
        import json  # only where it is asked for

        print(json.dumps([entry._asdict() for entry in entries]))
    elif entries:
        print("\n".join(log_line(*entry) for entry in entries))
    else:
        print(f"{task_id} has no log yet")
    return 0
