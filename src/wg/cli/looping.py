"""The options of `wg add`, `wg edit` and `wg dep add` that declare a loop."""

from __future__ import annotations

from wg.cli import fields
from wg.cli.arguments import Parser
from wg.errors import UsageError
from wg.graph.conditions import parse_status
from wg.graph.store import Store
from wg.graph.task import Loop
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_LOOP = {
    "--max-iterations": ("N", "a loop: so often all from its first task to this one is done in all"),
    "--guard": ("ID=STATUS", "the loop only runs again while that task has that status"),
    "--loop-delay": ("TIME", "the time between two runs of the loop, as in 5m"),
}


def add_options(parser: Parser) -> None:
    """The options of a loop; one that is not given is None."""
    for option, (metavar, text) in _LOOP.items():
        parser.add_argument(option, metavar=metavar, help=text)


def loop(arguments: argparse.Namespace, present: Loop) -> Loop | None:
    """`present` with what the options change; None if they name nothing. UsageError where it would have no end."""
    given = {name: getattr(arguments, name) for name in ("max_iterations", "guard", "loop_delay")}
    if all(value is None for value in given.values()):
        return None
    if given["max_iterations"] is not None:
        present = present._replace(max_iterations=fields.count("--max-iterations", given["max_iterations"]))
    if given["guard"] is not None:
        present = present._replace(guard="=".join(parse_status(given["guard"])) if given["guard"] else "")
    if given["loop_delay"] is not None:
        present = present._replace(delay=fields.seconds("--loop-delay", given["loop_delay"]) or 0.0)
    if present.max_iterations is None:
        raise UsageError("a loop needs an end", "say how often it runs: --max-iterations N")
    return present


def resolved(store: Store, loop: Loop, new: str = "") -> Loop:
    """The loop with the whole ids of its first task and its guard's. `new`: the id of a task that is to be added."""
    head, guard = loop.head, loop.guard
    if head not in ("", new):
        head = store.resolve(head)
    if guard:
        task_id, status = parse_status(guard)
        guard = f"{task_id if task_id == new else store.resolve(task_id)}={status}"
    return loop._replace(head=head, guard=guard)
