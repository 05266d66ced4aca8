"""`wg why`: why a task is not running, to the last cause."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store, task_named
from wg.dispatch import state
from wg.processes import is_alive
from wg.records import TYPE_CHECKING
from wg.views.causes import Situation, causes_of
from wg.views.why import why_lines

if TYPE_CHECKING:
    import argparse

    from wg.graph.attempt import Attempt


def parser() -> Parser:
    """The command line of `wg why`."""
    made = command(
        "why",
        "Show why a task is not running: the chains of dependencies (A -> B: A waits for B) to each last cause, "
        "those first that somebody has to do something about.",
        run,
    )
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the causes."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        graph = store.causes(task_id)
        attempts = {each.task_id: each for each in store.attempts(("claimed", "running", "ended"))}
        situation = Situation(
            state.read(store), attempts, time.time(), store.route_pauses(), store.service_pause(), _lost(attempts)
        )
    task = next(each for each in graph.tasks if each.id == task_id)
    causes = causes_of(task_id, graph, situation)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "status": task.status, "causes": [cause._asdict() for cause in causes]}))
    else:
        print("\n".join(why_lines(task, causes, arguments.limit)))
    return 0


def _lost(attempts: dict[str, Attempt]) -> frozenset[int]:
    supervised = ((each.fence, each.supervisor) for each in attempts.values() if each.state == "running")
    return frozenset(fence for fence, supervisor in supervised if supervisor and not is_alive(supervisor))
