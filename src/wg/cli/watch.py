"""`wg watch`: what happens, as JSON lines."""

from __future__ import annotations

import gc
import json
import os
import sys

from wg.cli.arguments import Parser, command, refusal
from wg.cli.caller import open_store
from wg.cli.reader import is_read
from wg.graph.relations import Event
from wg.graph.store import Store
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_LOOK_SECONDS = 0.2
_BATCH = 500  # events read at a time: reads stay short, so that they never hold up a writer (fault F20)


def parser() -> Parser:
    """The command line of `wg watch`."""
    made = command(
        "watch",
        "Print what happens as JSON lines, one event a line, until interrupted. Each has a number, seq; to go on "
        "where an earlier watch ended, give the last one to --since.",
        run,
    )
    made.add_argument(
        "--since",
        metavar="SEQ",
        type=_seq,
        help="begin behind this event, with 0 at the very first one (default: only what happens from now on)",
    )
    made.add_argument("--task", metavar="ID", help="only events of this task")
    made.add_argument("--once", action="store_true", help="print what is there (from the first event on), and end")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print events until interrupted, until nobody reads them any more, or until the project is gone."""
    gc.enable()  # the entry point turns it off for commands that end at once
    database = require_project(arguments.dir).database
    with open_store(arguments) as store:
        task_id = "" if arguments.task is None else store.resolve(arguments.task)
        seq = arguments.since
        if seq is None:
            seq = 0 if arguments.once else store.last_event()
        version = store.data_version()
        seq = _print_after(store, seq, task_id)
        while not arguments.once and os.path.exists(database) and is_read(_LOOK_SECONDS):
            found = store.data_version()
            if found != version:
                version = found
                seq = _print_after(store, seq, task_id)
    return 0


def _print_after(store: Store, seq: int, task_id: str) -> int:
    """Print the events behind `seq`; returns the number of the last one."""
    while True:
        events = store.events_after(seq, task_id, _BATCH)
        for event in events:
            sys.stdout.write(_line(event))
        sys.stdout.flush()
        if events:
            seq = events[-1].seq
        if len(events) < _BATCH:
            return seq


def _line(event: Event) -> str:
    values = event._asdict()
    values["data"] = json.loads(event.data) if event.data else None
    return json.dumps(values) + "\n"


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise refusal(f"{text!r} is not the number of an event")
    return int(text)
