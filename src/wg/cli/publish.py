"""`wg publish`: let drafts run."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command
from wg.cli.byhand import add_task
from wg.cli.caller import actor, open_store
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg publish`."""
    made = command(
        "publish",
        "Let a draft run, and with it every draft that depends on it, directly or through others. "
        "Nothing is published while one of them depends on an abandoned task, or on itself.",
        run,
    )
    add_task(made)
    made.add_argument("--only", action="store_true", help="just this one")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Publish, and say what."""
    with open_store(arguments) as store:
        task_id = store.resolve(arguments.id)
        published = store.publish(task_id, only=arguments.only, now=time.time(), actor=actor())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"published": published}))
    else:
        print("\n".join(f"{each} is published" for each in published))
    return 0
