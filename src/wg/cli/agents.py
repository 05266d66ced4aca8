"""`wg agents`: who is at work, on what, and what they last said."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, add_limit, command
from wg.dispatch.agents import Glimpse, glimpse
from wg.graph.events import agent
from wg.graph.store import Store
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.views.agents import agent_lines
from wg.views.line import MORE, one_more

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg agents`."""
    made = command(
        "agents",
        "List the agents that run: task, model, time, tokens (≥: at least so many) and cost as far as they tell, and "
        "the last line that each printed.",
        run,
    )
    made.add_argument("--all", action="store_true", help="also those that have ended; the newest first")
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    project = require_project(arguments.dir)
    limit = arguments.limit
    with Store.open(project.database) as store:
        found = store.latest_attempts(one_more(limit)) if arguments.all else store.attempts(("claimed", "running"))
    is_cut = limit >= 0 and len(found) > limit
    shown = found[:limit] if is_cut else found
    glimpses = [glimpse(project, attempt, time.time()) for attempt in shown]
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps([_as_object(each) for each in glimpses]))
    elif glimpses:
        print("\n".join(agent_lines(glimpses) + [MORE] * is_cut))
    else:
        print(
            "No agent has been started yet" if arguments.all else "No agent runs (wg agents --all lists earlier ones)"
        )
    return 0


def _as_object(each: Glimpse) -> dict[str, object]:
    attempt = each.attempt
    return {
        "agent": agent(attempt.fence),
        "fence": attempt.fence,
        "task": attempt.task_id,
        "state": attempt.state,
        "route": attempt.route._asdict(),
        "kill": attempt.kill._asdict() if attempt.kill else None,
        "seconds": each.seconds,
        "usage": each.usage._asdict() if each.usage else None,
        "usage_is_final": each.usage_is_final,
        "last_line": each.last_line,
        "silent_seconds": each.silent,
    }
