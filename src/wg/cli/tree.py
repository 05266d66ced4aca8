"""`wg tree`: the dependency graph as a drawing, or for Graphviz and Mermaid."""

from __future__ import annotations

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store
from wg.graph.outline import ALL, UNFINISHED
from wg.graph.relations import Graph
from wg.graph.store import Store
from wg.graph.task import STATUSES
from wg.records import TYPE_CHECKING
from wg.views import excerpt
from wg.views.formats import dot_lines, mermaid_lines
from wg.views.tree import tree_lines

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg tree`."""
    made = command(
        "tree",
        "Draw the dependency graph: what depends on a task stands below it. Without --all or --status, what is done "
        "or abandoned is drawn only where something unfinished depends on it.",
        run,
    )
    made.add_argument("id", metavar="ID", nargs="?", help="only this task and what depends on it")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--status", choices=STATUSES, help="only tasks of this status")
    which.add_argument("--all", action="store_true", help="finished tasks, too")
    form = made.add_mutually_exclusive_group()
    form.add_argument("--dot", action="store_true", help="for Graphviz, never cut off")
    form.add_argument("--mermaid", action="store_true", help="as a Mermaid flowchart, never cut off")
    add_limit(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the drawing."""
    with open_store(arguments) as store:
        root = "" if arguments.id is None else store.resolve(arguments.id)
        as_text = not (arguments.json or arguments.dot or arguments.mermaid)
        if as_text and not root and arguments.limit > 0:
            _draw_beginning(store, arguments)
            return 0
        graph = store.downstream(root) if root else store.graph()
    part = _part(graph, arguments, root)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({name: [each._asdict() for each in part] for name, part in part._asdict().items()}))
    elif arguments.dot:
        print("\n".join(dot_lines(part)))
    elif arguments.mermaid:
        print("\n".join(mermaid_lines(part)))
    else:
        _draw(part, root, arguments.limit)
        _tell_of_hidden(len(graph.tasks) - len(part.tasks))
    return 0


def _draw_beginning(store: Store, arguments: argparse.Namespace) -> None:
    """Of a large graph only what is drawn is read, and what is left out is counted only if nothing is cut off."""
    part = store.outline(arguments.status or (ALL if arguments.all else UNFINISHED), arguments.limit)
    if _draw(part, "", arguments.limit):
        counts = store.counts()
        _tell_of_hidden(sum(counts[status] for status in STATUSES) - len(part.tasks))


def _part(graph: Graph, arguments: argparse.Namespace, root: str) -> Graph:
    if arguments.status:
        return excerpt.of_status(graph, arguments.status)
    return graph if arguments.all else excerpt.unfinished(graph, root)


def _draw(part: Graph, root: str, limit: int) -> bool:
    """Draw at most `limit` lines; whether that was all."""
    drawn = 0
    for line in tree_lines(part, root):
        if drawn == limit:
            print("… and more: --limit 0 draws all; wg tree ID draws what depends on one task")
            return False
        print(line)
        drawn += 1
    if not drawn:
        print("No tasks to draw")
    return True


def _tell_of_hidden(count: int) -> None:
    if count:
        print(f"({count} {'task is' if count == 1 else 'tasks are'} left out: --all draws all)")
