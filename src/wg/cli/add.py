"""`wg add`: store a task."""

from __future__ import annotations

import argparse
import sys
import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import actor, open_store
from wg.errors import UsageError, WgError
from wg.graph.task import NewTask
from wg.text import parse_duration, printable


def parser() -> Parser:
    """The command line of `wg add`."""
    made = command("add", "Add a task. It runs once all that it depends on is done.", run)
    made.add_argument("title", metavar="TITLE", help="what is to be done, in one line")
    made.add_argument(
        "-d", "--description", metavar="TEXT", default="", help="all that the agent must know; - reads it from stdin"
    )
    made.add_argument(
        "--after", metavar="ID[,ID]", action="append", default=[], help="a task that must be done before; repeatable"
    )
    made.add_argument("--id", metavar="ID", default="", help="the task's id; else it is made from the title")
    made.add_argument(
        "--model", metavar="PROVIDER:MODEL", default="", help="run it on this model, whatever the config says"
    )
    made.add_argument("--tier", metavar="NAME", default="", help="run it on the model of this tier of the config")
    made.add_argument("--exec", metavar="COMMAND", default="", help="the task is this shell command; no agent is asked")
    made.add_argument(
        "--check", metavar="COMMAND", default="", help="a shell command that must succeed before the task is done"
    )
    made.add_argument("--no-work", action="store_true", help="the task is done without a commit as evidence")
    made.add_argument("--timeout", metavar="TIME", default="", help="the time limit of one attempt, as in 30m")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Store the task and print its id."""
    new = NewTask(
        title=arguments.title,
        id=arguments.id,
        description=_standard_input() if arguments.description == "-" else arguments.description,
        after=tuple(each for text in arguments.after for each in _ids(text)),
        model=_model(arguments.model),
        tier=arguments.tier,
        exec=arguments.exec,
        check=arguments.check,
        needs_work=not arguments.no_work,
        timeout=_timeout(arguments.timeout),
    )
    with open_store(arguments) as store:
        task = store.add(new, time.time(), actor())
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps(task._asdict()))
    else:
        print(f"Added task: {printable(task.title)} ({task.id})")
    return 0


def _ids(text: str) -> list[str]:
    """An empty variable must not make a task that waits for nothing."""
    ids = [each.strip() for each in text.split(",")]
    if not all(ids):
        raise UsageError(f"--after {text!r} lacks an id", "for example: --after one,two")
    return ids


def _model(text: str) -> str:
    """Only the form is checked: the config is not read here."""
    provider, _, model = text.partition(":")
    if text and not (provider and model):
        raise UsageError(f"--model {text!r} is not of the form provider:model", "for example: --model codex:gpt-5.5")
    return text


def _timeout(text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_duration(text)
    except ValueError:
        raise UsageError(
            f"--timeout {text!r} is not a time span", "write a number and s, m, h or d: --timeout 30m"
        ) from None


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise WgError("the description on stdin is not valid UTF-8", "convert it to UTF-8") from None
