"""`wg reset`: open a task again that is over."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task
from wg.cli.caller import actor, open_store
from wg.cli.show import status_line
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg reset`."""
    made = command(
        "reset", "Open a task again that is done, failed or abandoned. It starts over, in a new worktree.", run
    )
    add_task(made)
    made.add_argument("--downstream", action="store_true", help="with all that is done and depends on it")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Open it, and say what else is open again."""
    with open_store(arguments) as store:
        task_id = store.resolve(arguments.id)
        opened = store.reset(task_id, downstream=arguments.downstream, now=time.time(), actor=actor())
        lines = [f"{each} is {printable(status_line(store.task(each)))}" for each in opened]
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"opened": opened}))
    else:
        print("\n".join(lines))
    return 0
