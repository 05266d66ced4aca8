"""`wg msg`: messages to and from whoever works on a task."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.caller import actor, attempt_fence, open_store, own_attempt, task_named
from wg.cli.streams import text_from_input
from wg.graph.messages import AGENTS
from wg.graph.store import Store
from wg.graph.task import Message
from wg.records import TYPE_CHECKING
from wg.views.line import log_line

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg msg`."""
    made = command("msg", "Write to whoever works on a task, and read what was written.")
    group = subcommands(made)
    send = subcommand(
        group,
        "send",
        "write to the agent of a task, or from inside an agent to people; it is in the next prompt, too",
        _send,
    )
    send.add_argument("id", metavar="ID", help="the task; its first letters do, if no other begins so")
    send.add_argument("message", metavar="MESSAGE", help="what to say; - reads it from stdin")
    read = subcommand(group, "read", "print the messages of a task that you have not read yet", _read)
    read.add_argument("id", metavar="ID", nargs="?", help="the task; inside an agent its own, if none is named")
    listing = subcommand(
        group, "list", "print all messages of a task; without ID, the tasks with messages that you have not read", _list
    )
    listing.add_argument("id", metavar="ID", nargs="?", help="the task")
    return made


def _send(arguments: argparse.Namespace) -> int:
    text = arguments.message
    if text == "-":
        text = text_from_input("the message").rstrip("\n")
    with open_store(arguments) as store:
        task_id = store.resolve(arguments.id)
        to_agents = own_attempt(store, task_id) is None
        seq = store.send(task_id, text, time.time(), actor(), to_agents=to_agents)
    if arguments.json:
        _print_json({"id": task_id, "seq": seq})
    else:
        print(f"Sent to {task_id}")
    return 0


def _read(arguments: argparse.Namespace) -> int:
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        reader = _reader(store, task_id)
        found = [message for message in store.messages(task_id, reader) if message.unread]
        if found:
            store.mark_read(task_id, reader)
    _print_messages(arguments, task_id, found, "no unread messages")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with open_store(arguments) as store:
        if arguments.id is not None or attempt_fence() is not None:
            task_id = task_named(store, arguments.id)
            found = store.messages(task_id, _reader(store, task_id))
            _print_messages(arguments, task_id, found, "no messages")
            return 0
        counts = store.unread(actor())
    if arguments.json:
        _print_json([{"id": task_id, "unread": count} for task_id, count in counts])
    else:
        print("\n".join(f"{task_id}: {count} unread" for task_id, count in counts) or "No unread messages")
    return 0


def _reader(store: Store, task_id: str) -> str:
    """The agents of a task read as one; everybody else under their own name."""
    return actor() if own_attempt(store, task_id) is None else AGENTS


def _print_messages(arguments: argparse.Namespace, task_id: str, found: list[Message], none: str) -> None:
    if arguments.json:
        _print_json([message._asdict() for message in found])
    elif found:
        print("\n".join(log_line(message.at, message.sender, message.body) for message in found))
    else:
        print(f"{task_id} has {none}")


def _print_json(value: object) -> None:
    import json  # only where it is asked for

    print(json.dumps(value))
