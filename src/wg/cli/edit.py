"""`wg edit`: change a task."""

from __future__ import annotations

from wg.cli import fields, looping
from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task, change
from wg.errors import UsageError, WgError
from wg.graph.store import Store
from wg.graph.task import LABELS, Edit, Loop
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg edit`."""
    made = command(
        "edit",
        'Change a task. "" takes a value away, as in --model "". '
        "An attempt that is under way goes on as it was started; its work is judged by the --check, --approval and "
        "--no-work that hold then. What the task depends on is changed by wg dep.",
        run,
    )
    add_task(made)
    made.add_argument("--title", metavar="TEXT", help="what is to be done, in one line")
    fields.add_options(made, edited=True)
    looping.add_options(made)
    made.add_argument("--no-loop", action="store_true", help="no loop ends with this task any more")
    for kind in LABELS:
        for verb in ("add", "remove"):
            made.add_argument(
                f"--{verb}-{kind}",
                metavar="TEXT",
                action="append",
                default=[],
                help=f"{verb} {fields.ARTICLES[kind]}; repeatable",
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
        if not {"exec", "executor", "model"}.isdisjoint(changed):
            after = store.task(task_id)._replace(**changed)
            fields.require_runnable(after.exec, after.executor, after.model)
        loop_changed = _edit_loop(arguments, store, task_id, now, who)
        if any(changes):
            store.edit(task_id, changes, now, who)
        elif not loop_changed:
            raise UsageError("nothing to change", "wg edit --help lists what can be changed")

    return change(arguments, edit)


def _edit_loop(arguments: argparse.Namespace, store: Store, task_id: str, now: float, who: str) -> bool:
    """Change or remove the loop that ends with the task; whether that was asked for."""
    present = next((each for each in store.loops_around(task_id) if each.tail == task_id), None)
    if arguments.no_loop:
        if present is None:
            raise WgError(f"no loop ends with {task_id}", "wg show says which loops a task is part of")
        store.remove_loop(task_id, now, who)
        return True
    changed = looping.loop(arguments, present or Loop(task_id, task_id, None))
    if changed is not None:
        store.declare_loop(looping.resolved(store, changed) if arguments.guard else changed, now, who)
    return changed is not None
