"""`wg add`: store a task."""

from __future__ import annotations

import argparse
import time

from wg.cli import fields
from wg.cli.arguments import Parser, command
from wg.cli.caller import actor, open_store
from wg.errors import UsageError
from wg.graph.task import LABELS, NewTask
from wg.text import printable


def parser() -> Parser:
    """The command line of `wg add`."""
    made = command("add", "Add a task. It runs once all that it depends on is done.", run)
    made.add_argument("title", metavar="TITLE", help="what is to be done, in one line")
    made.add_argument(
        "--after", metavar="ID[,ID]", action="append", default=[], help="a task that must be done before; repeatable"
    )
    made.add_argument("--id", metavar="ID", default="", help="the task's id; else it is made from the title")
    fields.add_options(made)
    for kind in LABELS:
        short = ["-t"] if kind == "tag" else []
        made.add_argument(
            *short, f"--{kind}", metavar="TEXT", action="append", default=[], help=f"a {kind} of the task; repeatable"
        )
    made.add_argument("--no-work", action="store_true", help="the task is done without a commit as evidence")
    made.add_argument("--paused", action="store_true", help="a draft: it waits until it is published")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Store the task and print its id."""
    now = time.time()
    new = NewTask(
        title=arguments.title,
        id=arguments.id,
        after=tuple(each for text in arguments.after for each in _ids(text)),
        needs_work=not arguments.no_work,
        paused=arguments.paused,
        labels=fields.labels(arguments),
    )._replace(**fields.values(arguments, now))
    with open_store(arguments) as store:
        task = store.add(new, now, actor())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps(task._asdict()))
    elif task.paused:
        print(f"Added task (draft): {printable(task.title)} ({task.id})\nwg publish {task.id} lets it run")
    else:
        print(f"Added task: {printable(task.title)} ({task.id})")
    return 0


def _ids(text: str) -> list[str]:
    """An empty variable must not make a task that waits for nothing."""
    ids = [each.strip() for each in text.split(",")]
    if not all(ids):
        raise UsageError(f"--after {text!r} lacks an id", "for example: --after one,two")
    return ids
