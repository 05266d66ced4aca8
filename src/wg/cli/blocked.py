"""`wg blocked`: which tasks wait for others, and for which."""

from __future__ import annotations

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store
from wg.records import TYPE_CHECKING
from wg.views.blocked import blocked_lines

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg blocked`."""
    made = command(
        "blocked",
        "List the open tasks that wait for others, and what each waits for. wg why ID goes to the cause.",
        run,
    )
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    with open_store(arguments) as store:
        blocked = store.blocked(arguments.limit)
        count = store.counts()["blocked"]
    if arguments.json:
        import json  # only where it is asked for

        found = [
            {"id": task.id, "title": task.title, "blocked_by": [each._asdict() for each in by]} for task, by in blocked
        ]
        print(json.dumps({"blocked": found, "blocked_count": count}))
    else:
        print("\n".join(blocked_lines(blocked, count)))
    return 0
