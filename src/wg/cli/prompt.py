"""`wg prompt`: what an agent would be told."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.caller import task_named
from wg.cli.inforce import file_in_force, print_json
from wg.config.load import require_valid
from wg.dispatch.decision import scope_of
from wg.dispatch.explain import preview
from wg.graph.store import Store
from wg.graph.task import CONTEXTS
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg prompt`."""
    made = command("prompt", "Print exactly what an agent would be told if it were started on the task now.", run)
    made.add_argument("task", metavar="TASK", nargs="?", help="the task; inside an agent its own, if none is named")
    made.add_argument(
        "--scope",
        choices=CONTEXTS,
        help="how much it tells of what is around the task; else what the task says, else the config",
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the prompt. The config is read only where it decides."""
    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        task = store.task(task_named(store, arguments.task))
        scope = arguments.scope or task.context
        if not scope:
            _, _, config = file_in_force(arguments)
            require_valid(config)
            scope = scope_of(config, task)
        prompt = preview(project, store, task, scope)
    if arguments.json:
        print_json({"id": task.id, "scope": scope, "prompt": prompt})
    else:
        print(prompt, end="")
    return 0
