"""`wg ready`: what can be started, in the order in which the dispatcher will."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store
from wg.graph.task import Summary
from wg.records import TYPE_CHECKING
from wg.views.line import one_more
from wg.views.ready import ready_lines

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg ready`."""
    made = command(
        "ready",
        "List the tasks that can be started, in the order in which the dispatcher starts them, "
        "and then those that wait for something else than another task.",
        run,
    )
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    now = time.time()
    with open_store(arguments) as store:
        ready = store.ready(one_more(arguments.limit), now)
        delayed = store.delayed(now, one_more(arguments.limit))
        waiting = store.tasks(("waiting",), one_more(arguments.limit))
    if arguments.json:
        import json  # only where it is asked for

        shown = slice(arguments.limit if arguments.limit >= 0 else None)
        found = {
            "ready": [{"id": task.id, "title": task.title, "note": task.note} for task in ready[shown]],
            "delayed": [_delayed_object(task) for task in delayed[shown]],
            "waiting": [{"id": task.id, "title": task.title, "reason": task.reason} for task in waiting[shown]],
            "more": any(len(tasks[shown]) < len(tasks) for tasks in (ready, delayed, waiting)),
        }
        print(json.dumps(found))
    else:
        print("\n".join(ready_lines(ready, delayed, waiting, arguments.limit)))
    return 0


def _delayed_object(task: Summary) -> dict[str, object]:
    resting = task.resting_until or None
    return {"id": task.id, "title": task.title, "not_before": task.not_before, "resting_until": resting}
