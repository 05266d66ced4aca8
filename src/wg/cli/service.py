"""`wg service`: start, stop or look at the dispatcher."""

from __future__ import annotations

import argparse
import os
import time
from typing import TYPE_CHECKING

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.inforce import say
from wg.errors import WgError
from wg.graph.store import Store
from wg.locations import require_project
from wg.text import duration, printable

if TYPE_CHECKING:
    from wg.dispatch.report import Report
    from wg.dispatch.service import Started
    from wg.dispatch.state import DispatcherState
    from wg.graph.attempt import Attempt


def parser() -> Parser:
    """The command line of `wg service`."""
    made = command("service", "Start, stop or look at the dispatcher, which starts agents on ready tasks.")
    group = subcommands(made)
    subcommand(group, "start", "start the dispatcher in the background", start)
    stopping = subcommand(group, "stop", "stop the dispatcher; agents that run go on", stop)
    stopping.add_argument("--kill-agents", action="store_true", help="end the agents too; their tasks are ready again")
    subcommand(group, "status", "what the dispatcher has loaded, what runs, and what waits", status)
    return made


def start(arguments: argparse.Namespace) -> int:
    """Start it, and say what it will run."""
    if os.name == "nt":
        raise WgError("the dispatcher needs a POSIX system", "run wg inside WSL")
    from wg.dispatch import service
    from wg.profiles import upkeep

    project = require_project(arguments.dir)
    for note in upkeep.ready():
        say("note", note)
    with Store.open(project.database) as store:
        started = service.start(project, store, arguments.profile or "")
    if arguments.json:
        _print_json(_start_object(started))
        return 0
    word = "is already running" if started.already else "started"
    print(f"Dispatcher {word} (pid {started.pid}) in {printable(project.root)}")
    selection, route = started.selection, started.route
    print(f"  config   {printable(selection.entry.describe())}")
    print(f"  profile  {selection.name}: {printable(selection.reason)}")
    print(f"  {route.role}  {route.executor} {printable(route.spec)}, from {printable(route.source)}")
    return 0


def stop(arguments: argparse.Namespace) -> int:
    """Stop it."""
    from wg.dispatch import service

    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        pid = service.stop(store)
        ended = service.end_agents(project, store) if arguments.kill_agents else 0
        running = len(store.attempts(("claimed", "running")))
    if arguments.json:
        _print_json({"stopped": pid or None, "agents_ended": ended, "agents_running": running})
        return 0
    print(f"Dispatcher {pid} stopped" if pid else "The dispatcher is not running")
    if arguments.kill_agents:
        print(f"Agents ended: {ended}")
    elif running:
        print(f"Agents that go on: {running} (end them with: wg service stop --kill-agents)")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Describe it."""
    from wg.dispatch.report import report

    with Store.open(require_project(arguments.dir).database) as store:
        found = report(store, time.time())
    if arguments.json:
        _print_json(_status_object(found))
    else:
        print("\n".join(_status_lines(found)))
    return 0


def _start_object(started: Started) -> dict[str, object]:
    selection, route = started.selection, started.route
    return {
        "pid": started.pid,
        "already_running": started.already,
        "config": {"path": selection.path, "link": selection.entry.path, "reason": selection.reason},
        "profile": selection.name,
        "routes": {route.role: {"executor": route.executor, "model": route.spec, "source": route.source}},
    }


def _status_object(found: Report) -> dict[str, object]:
    return {
        "running": found.dispatcher is not None,
        "dispatcher": dispatcher_object(found.dispatcher) if found.dispatcher else None,
        "attempts": [attempt_object(attempt) for attempt in found.running],
        "waiting": [{"task": task, "reason": reason} for task, reason in found.waiting],
    }


def dispatcher_object(one: DispatcherState) -> dict[str, object]:
    """What a dispatcher says of itself, as --json prints it."""
    return {
        **one._asdict(),
        "identity": one.identity._asdict(),
        "routes": {role: note._asdict() for role, note in one.routes.items()},
    }


def attempt_object(attempt: Attempt) -> dict[str, object]:
    """A running attempt as --json prints it."""
    return {
        "fence": attempt.fence,
        "task": attempt.task_id,
        "state": attempt.state,
        "route": attempt.route._asdict(),
        "pid": attempt.supervisor.pid if attempt.supervisor else None,
        "directory": attempt.workplace.directory if attempt.workplace else None,
        "claimed_at": attempt.claimed_at,
        "timeout": attempt.timeout,
    }


def _status_lines(found: Report) -> list[str]:
    now = time.time()
    lines = _dispatcher_lines(found, now)
    lines.append(f"Running: {len(found.running)}" if found.running else "Nothing is running")
    for attempt in found.running:
        model = attempt.route.model or attempt.route.executor
        since = duration(max(0.0, now - attempt.claimed_at))
        lines.append(f"  {attempt.task_id}  agent-{attempt.fence}  {printable(model)}  {attempt.state}  {since}")
    if found.waiting:
        lines.append("Waiting:")
        lines += [f"  {task}  {printable(reason)}" for task, reason in found.waiting]
    return lines


def _dispatcher_lines(found: Report, now: float) -> list[str]:
    one = found.dispatcher
    if one is None:
        return ["The dispatcher is not running (start it with: wg service start)"]
    lines = [f"Dispatcher: pid {one.identity.pid}, up {duration(max(0.0, now - one.started_at))}"]
    if one.config_path:
        lines.append(f"  config   {printable(one.config_path)} sha256:{one.config_digest[:12]}, profile {one.profile}")
    lines += [
        f"  {role}  {note.executor} {printable(note.model)}, from {printable(note.source)}"
        for role, note in one.routes.items()
    ]
    if one.problem:
        lines.append(f"  PROBLEM: nothing new is started: {printable(one.problem, multiline=True)}")
    if one.serial_reason:
        lines.append(f"  agents run one at a time in the project directory: {printable(one.serial_reason)}")
    return lines


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value, indent=2))
