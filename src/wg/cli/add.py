"""`wg add`: store a task."""

from __future__ import annotations

import time

from wg.cli import fields, looping
from wg.cli.arguments import Parser, command, not_empty
from wg.cli.caller import actor, open_store
from wg.errors import UsageError
from wg.graph.store import Store
from wg.graph.task import LABELS, Loop, NewTask, Task
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg add`."""
    made = command("add", "Add a task. It runs once all that it depends on is done.", run)
    made.add_argument("title", metavar="TITLE", help="what is to be done, in one line; behind -- if it begins with -")
    made.add_argument(
        "--after",
        metavar="ID[,ID]",
        action="append",
        default=[],
        help="a task that must be done before, or its first letters; repeatable",
    )
    made.add_argument("--id", metavar="NEW-ID", type=not_empty, help="the task's id; else it is made from the title")
    fields.add_options(made)
    looping.add_options(made)
    made.add_argument(
        "--loop-to", metavar="ID", help="the first task of the loop; else the one of --after, or this task itself"
    )
    for kind in LABELS:
        short = ["-t"] if kind == "tag" else []
        made.add_argument(
            *short,
            f"--{kind}",
            metavar="TEXT",
            action="append",
            default=[],
            help=f"{fields.ARTICLES[kind]} of the task; repeatable",
        )
    made.add_argument("--no-work", action="store_true", help="the task is done without a commit as evidence")
    made.add_argument("--paused", action="store_true", help="a draft: it waits until it is published")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Store the task and print its id."""
    now = time.time()
    after = tuple(each for text in arguments.after for each in _ids(text))
    new = NewTask(
        title=arguments.title,
        id=arguments.id or "",
        loop=_loop(arguments, after),
        needs_work=not arguments.no_work,
        paused=arguments.paused,
        labels=fields.labels(arguments),
    )._replace(**fields.values(arguments, now))
    fields.require_runnable(new.exec, new.executor, new.model)
    with open_store(arguments) as store:
        new = _resolved(store, new, after)
        task = store.add(new, now, actor())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps(task._asdict()))
    elif new.loop:
        print(f"Added task: {printable(task.title)} ({task.id}), the last one of a loop back to {_head(new, task)}")
    elif task.paused:
        print(f"Added task (draft): {printable(task.title)} ({task.id})\nwg publish {task.id} lets it run")
    else:
        print(f"Added task: {printable(task.title)} ({task.id})")
    return 0


def _loop(arguments: argparse.Namespace, after: tuple[str, ...]) -> Loop | None:
    """The loop that ends with the new task."""
    found = looping.loop(arguments, Loop("", arguments.loop_to or "", None))
    if found is None and arguments.loop_to is not None:
        raise UsageError("a loop needs an end", "say how often it runs: --max-iterations N")
    if found is None or found.head or not after:
        return found
    if len(set(after)) > 1:
        raise UsageError(f"which of {', '.join(after)} is the first task of the loop?", "name it: --loop-to ID")
    return found._replace(head=after[0])


def _resolved(store: Store, new: NewTask, after: tuple[str, ...]) -> NewTask:
    """The new task with the whole ids of the tasks that it names."""
    loop = new.loop and looping.resolved(store, new.loop, new.id)
    return new._replace(after=tuple(store.resolve(each) for each in after), loop=loop)


def _head(new: NewTask, task: Task) -> str:
    return (new.loop and new.loop.head) or task.id


def _ids(text: str) -> list[str]:
    """An empty variable must not make a task that waits for nothing."""
    ids = [each.strip() for each in text.split(",")]
    if not all(ids):
        raise UsageError(f"--after {text!r} lacks an id", "for example: --after one,two")
    return ids
