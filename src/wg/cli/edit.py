"""`wg edit`: change a task."""

from __future__ import annotations

import argparse

from wg.cli import fields
from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.errors import UsageError
from wg.graph.store import Store
from wg.graph.task import LABELS, Edit


def parser() -> Parser:
    """The command line of `wg edit`."""
    made = command(
        "edit",
        'Change a task. "" takes a value away, as in --model "". '
        "An attempt that is under way goes on as it was started. What it depends on is changed by wg dep.",
        run,
    )
    add_task(made)
    made.add_argument("--title", metavar="TEXT", help="what is to be done, in one line")
    fields.add_options(made)
    for kind in LABELS:
        for verb in ("add", "remove"):
            made.add_argument(
                f"--{verb}-{kind}", metavar="TEXT", action="append", default=[], help=f"{verb} a {kind}; repeatable"
            )
    work = made.add_mutually_exclusive_group()
    work.add_argument("--work", dest="needs_work", action="store_true", default=None, help="done needs a commit")
    work.add_argument("--no-work", dest="needs_work", action="store_false", help="done needs no commit as evidence")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Change it."""

    def edit(store: Store, task_id: str, now: float, who: str) -> None:
        changed = fields.values(arguments, now)
        for name in ("title", "needs_work"):
            if getattr(arguments, name) is not None:
                changed[name] = getattr(arguments, name)
        changes = Edit(changed, fields.labels(arguments, "add_"), fields.labels(arguments, "remove_"))
        if not any(changes):
            raise UsageError("nothing to change", "wg edit --help lists what can be changed")
        store.edit(task_id, changes, now, who)

    return change(arguments, edit)
