"""`wg attempts`: how often a task was tried, by whom, and what came of it."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store, task_named
from wg.cli.show import whole_attempt
from wg.records import TYPE_CHECKING
from wg.views.agents import attempt_lines

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg attempts`."""
    made = command("attempts", "List the attempts at a task: agent, state, route, time, tokens, cost, outcome.", run)
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        attempts = store.attempts_of(task_id)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps([whole_attempt(each) for each in attempts]))
    elif attempts:
        print("\n".join(attempt_lines(attempts, time.time())))
    else:
        print(f"No agent has been started on {task_id} (wg why {task_id} says why)")
    return 0
