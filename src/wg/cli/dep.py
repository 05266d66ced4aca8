"""`wg dep`: what a task depends on."""

from __future__ import annotations

import time

from wg.cli import looping
from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.byhand import add_task
from wg.cli.caller import actor, open_store
from wg.graph.store import Store
from wg.graph.task import Loop
from wg.records import TYPE_CHECKING
from wg.views.line import loop_line

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg dep`."""
    made = command("dep", "Let a task depend on another, or no longer.")
    group = subcommands(made)
    for name, summary, add in (
        (
            "add",
            "let a task wait until another is done; a cycle is refused, unless --max-iterations makes it a loop",
            True,
        ),
        ("rm", "let a task no longer wait for another", False),
    ):
        each = subcommand(group, name, summary, _run)
        add_task(each)
        each.add_argument("dependency", metavar="DEP", help="the task that it depends on")
        each.set_defaults(add=add)
        if add:
            looping.add_options(each)
    return made


def _run(arguments: argparse.Namespace) -> int:
    with open_store(arguments) as store:
        task_id, dependency = store.resolve(arguments.id), store.resolve(arguments.dependency)
        if arguments.add:
            _add(arguments, store, task_id, dependency)
        else:
            _remove(store, task_id, dependency)
        found = [each for each in store.dependencies(task_id) if not each.implied]
        loops = [each for each in store.loops_around(task_id) if each.head == task_id]
    if arguments.json:
        import json  # only where it is asked for

        print(
            json.dumps(
                {
                    "id": task_id,
                    "depends_on": [each.id for each in found],
                    "loops": [each._asdict() for each in loops],
                }
            )
        )
    else:
        print(f"{task_id} depends on {', '.join(each.id for each in found) or 'no other task'}")
        for loop in loops:
            print(f"loop from {loop_line(loop)}")
    return 0


def _add(arguments: argparse.Namespace, store: Store, task_id: str, dependency: str) -> None:
    """With the options of a loop it is the edge from the loop's last task back to its first one."""
    loop = looping.loop(arguments, Loop(dependency, task_id, None))
    if loop is None:
        store.add_dependency(task_id, dependency, time.time(), actor())
    else:
        store.declare_loop(looping.resolved(store, loop), time.time(), actor())


def _remove(store: Store, task_id: str, dependency: str) -> None:
    if any((loop.head, loop.tail) == (task_id, dependency) for loop in store.loops_around(dependency)):
        store.remove_loop(dependency, time.time(), actor())
    else:
        store.remove_dependency(task_id, dependency, time.time(), actor())
