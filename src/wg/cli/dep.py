"""`wg dep`: what a task depends on."""

from __future__ import annotations

import argparse
import time

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.byhand import add_task
from wg.cli.caller import actor, open_store


def parser() -> Parser:
    """The command line of `wg dep`."""
    made = command("dep", "Let a task depend on another, or no longer.")
    group = subcommands(made)
    for name, summary, add in (
        ("add", "Let a task wait until another is done. A cycle is refused.", True),
        ("rm", "Let a task no longer wait for another.", False),
    ):
        each = subcommand(group, name, summary, _run)
        add_task(each)
        each.add_argument("dependency", metavar="DEP", help="the task that it depends on")
        each.set_defaults(add=add)
    return made


def _run(arguments: argparse.Namespace) -> int:
    with open_store(arguments) as store:
        task_id, dependency = store.resolve(arguments.id), store.resolve(arguments.dependency)
        do = store.add_dependency if arguments.add else store.remove_dependency
        do(task_id, dependency, time.time(), actor())
        found = store.dependencies(task_id)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "depends_on": [each.id for each in found]}))
    else:
        print(f"{task_id} depends on {', '.join(each.id for each in found) or 'no other task'}")
    return 0
