"""`wg wait`: let a task wait for something else than a task that it depends on."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import actor, own_attempt, task_named
from wg.errors import WgError
from wg.graph import conditions
from wg.graph.store import Store
from wg.graph.task import Condition
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg wait`."""
    made = command(
        "wait",
        "Let an open task wait, as long as the running dispatcher does not see that what it waits for has come. "
        "Inside an agent: claim that its task has to wait; end the agent then, and a new one goes on when it is time.",
        run,
    )
    made.add_argument("id", metavar="ID", nargs="?", help="the task; inside an agent its own, if none is named")
    made.add_argument(
        "--until",
        metavar="CONDITION",
        action="append",
        required=True,
        help=f"{conditions.FORMS}; repeatable: all of them",
    )
    made.add_argument("--any", action="store_true", help="one of the conditions is enough")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Let it wait."""
    now = time.time()
    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        task_id = task_named(store, arguments.id)
        found = tuple(_resolved(store, conditions.parse(text, now, project.root)) for text in arguments.until)
        reason = conditions.describe_all(found, any_of=arguments.any)
        fence = own_attempt(store, task_id)
        if fence is None:
            store.park(task_id, found, reason, any_of=arguments.any, now=now, actor=actor())
        elif not store.claim_wait(fence, found, reason, now, any_of=arguments.any):
            raise WgError(f"attempt {fence} at {task_id} is over: it can wait for nothing", "end this agent")
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "until": [each._asdict() for each in found], "any": arguments.any}))
    elif fence is None:
        print(f"{task_id} waits {printable(reason)}")
    else:
        print(f"Recorded: {task_id} waits {printable(reason)}. End now: a new agent goes on when it is time.")
    return 0


def _resolved(store: Store, condition: Condition) -> Condition:
    """With the whole id of the task that it names."""
    return condition._replace(subject=store.resolve(condition.subject)) if condition.kind == "task" else condition
