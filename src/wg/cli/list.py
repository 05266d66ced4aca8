"""`wg list`: the tasks, one a line."""

from __future__ import annotations

from wg.cli.arguments import Parser, add_limit, command, number
from wg.cli.caller import open_store
from wg.cli.fields import priority
from wg.graph.task import NO_LIMIT, SORTS, STATUSES, Filter, Order
from wg.records import TYPE_CHECKING
from wg.views.line import task_line

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg list`."""
    made = command("list", "List tasks in order of creation. [!] is an open task that waits for others.", run)
    only = made.add_argument_group("which")
    only.add_argument(
        "--status", choices=STATUSES, action="append", default=[], help="only tasks of this status, or of these"
    )
    for kind, short in (("tag", ("-t",)), ("skill", ())):
        only.add_argument(
            *short, f"--{kind}", metavar="TEXT", action="append", default=[], help=f"only with this {kind}; repeatable"
        )
    only.add_argument("-p", "--priority", metavar="PRIORITY", help="only tasks of this priority, a name or a number")
    only.add_argument("--claimed-by", metavar="PERSON", default="", help="only what this person has claimed")
    only.add_argument(
        "--search", metavar="TEXT", default="", help="only tasks with this in their title, in either case"
    )
    order = made.add_argument_group("order")
    order.add_argument(
        "--sort",
        choices=SORTS,
        default=SORTS[0],
        help="the first created, highest priority, first started first, and so on; what has no time yet comes last",
    )
    order.add_argument("--reverse", action="store_true", help="the other way round")
    order.add_argument("--offset", metavar="N", type=number, default=0, help="leave out the first N")
    add_limit(made, NO_LIMIT)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    only = Filter(
        tuple(arguments.status),
        tuple(arguments.tag),
        None if arguments.priority is None else priority(arguments.priority),
        tuple(arguments.skill),
        arguments.claimed_by,
        arguments.search,
    )
    with open_store(arguments) as store:
        found = store.matching(only, arguments.limit, Order(arguments.sort, arguments.reverse, arguments.offset))
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps([task._asdict() for task in found]))
    elif found:
        print("\n".join(task_line(task) for task in found))
    else:
        print(_nothing(only, arguments.offset))
    return 0


def _nothing(only: Filter, offset: int) -> str:
    if only == Filter() and not offset:
        return "No tasks. Add one with: wg add TITLE"
    if only == Filter(only.statuses) and not offset:
        return f"No tasks that are {' or '.join(only.statuses)}"
    return "No such tasks"
