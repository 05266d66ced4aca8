"""`wg kill`: end an agent and all that it has started."""

from __future__ import annotations

from wg.cli.arguments import Parser, command, seconds
from wg.cli.caller import actor, require_person
from wg.graph.attempt import FAIL, REQUEUE, Kill
from wg.graph.events import agent
from wg.graph.store import Store
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

_WAIT = 30.0  # seconds


def parser() -> Parser:
    """The command line of `wg kill`."""
    made = command(
        "kill",
        "End an agent and every process that it has started. Its task is failed then, or open again with --requeue; "
        "nothing of what it did is merged. Works with and without a dispatcher.",
        run,
    )
    made.add_argument("agent", metavar="AGENT|TASK", help="agent-N, or the task that it works on")
    made.add_argument("--requeue", action="store_true", help="the task is open again, and this attempt does not count")
    made.add_argument("--reason", metavar="TEXT", default="", help="why")
    made.add_argument(
        "--wait", metavar="TIME", type=seconds, default=_WAIT, help="how long to wait for its end (default: 30s)"
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """End it, and say how its task stands."""
    require_person("end an agent")
    from wg.dispatch.agents import attempt_named
    from wg.dispatch.killing import kill  # POSIX only

    project = require_project(arguments.dir)
    wish = Kill(REQUEUE if arguments.requeue else FAIL, actor(), arguments.reason)
    with Store.open(project.database) as store:
        fence = attempt_named(store, arguments.agent).fence
        ended = kill(project, store, fence, wish, arguments.wait)
        task = store.task(ended.task_id)
    if arguments.json:
        import json  # only where it is asked for

        found = {
            "agent": agent(fence),
            "fence": fence,
            "task": task.id,
            "status": task.status,
            "verdict": ended.verdict,
        }
        print(json.dumps(found))
    else:
        print(printable(f"{agent(fence)} has ended; {task.id} is {task.status} ({ended.verdict})"))
    return 0
