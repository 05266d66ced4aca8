"""`wg tree`: the dependency graph as a drawing, or for Graphviz and Mermaid."""

from __future__ import annotations

import argparse

from wg.cli.arguments import Parser, add_limit, command
from wg.cli.caller import open_store
from wg.graph.relations import Graph
from wg.graph.task import STATUSES
from wg.views import excerpt
from wg.views.formats import dot_lines, mermaid_lines
from wg.views.tree import tree_lines


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
        root = store.resolve(arguments.id) if arguments.id else ""
        graph = store.downstream(root) if root else store.graph()
    part = _part(graph, arguments, root)
    if arguments.json:
        import json  # only where it is asked for

        tasks, edges = ([each._asdict() for each in records] for records in part)
        print(json.dumps({"tasks": tasks, "edges": edges}))
    elif arguments.dot:
        print("\n".join(dot_lines(part)))
    elif arguments.mermaid:
        print("\n".join(mermaid_lines(part)))
    else:
        _draw(part, root, arguments.limit, hidden=len(graph.tasks) - len(part.tasks))
    return 0


def _part(graph: Graph, arguments: argparse.Namespace, root: str) -> Graph:
    if arguments.status:
        return excerpt.of_status(graph, arguments.status)
    return graph if arguments.all else excerpt.unfinished(graph, root)


def _draw(part: Graph, root: str, limit: int, *, hidden: int) -> None:
    drawn = 0
    for line in tree_lines(part, root):
        if drawn == limit:
            print("… and more: --limit 0 draws all; wg tree ID draws what depends on one task")
            break
        print(line)
        drawn += 1
    if not drawn:
        print("No tasks to draw")
    if hidden:
        print(f"({hidden} {'task is' if hidden == 1 else 'tasks are'} left out: --all draws all)")
