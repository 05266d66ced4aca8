"""`wg service status`: what the dispatcher has loaded, what runs, and what waits; with --all those of all projects."""

from __future__ import annotations

import time

from wg.cli.inforce import print_json
from wg.dispatch.report import Report, report
from wg.dispatch.standing import standing
from wg.dispatch.state import DispatcherState
from wg.graph.attempt import Attempt, Pause
from wg.graph.store import Store
from wg.locations import find_project, home, require_project
from wg.records import TYPE_CHECKING
from wg.text import duration, printable
from wg.views.pauses import pause_lines, pause_object
from wg.views.table import table

if TYPE_CHECKING:
    import argparse

    from wg.dispatch.service import Elsewhere


def status(arguments: argparse.Namespace) -> int:
    """Describe it, or all of this user's."""
    if arguments.all:
        return _print_all(arguments)
    with Store.open(require_project(arguments.dir).database) as store:
        found = report(store, time.time())
    if arguments.json:
        print_json(_status_object(found))
    else:
        print("\n".join(_status_lines(found)))
    return 0


def _status_object(found: Report) -> dict[str, object]:
    return {
        "running": found.dispatcher is not None,
        "dispatcher": dispatcher_object(found.dispatcher) if found.dispatcher else None,
        "paused": found.paused._asdict() if found.paused else None,
        "attempts": [attempt_object(attempt) for attempt in found.running],
        "paused_routes": [pause_object(pause, time.time()) for pause in found.pauses],
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
        "kill": attempt.kill._asdict() if attempt.kill else None,
    }


def pause_text(pause: Pause) -> str:
    """Who has paused it, since when, and the way out."""
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(pause.at))
    return printable(f"paused by {pause.by} since {since}: nothing new is started (wg service resume)")


def _status_lines(found: Report) -> list[str]:
    now = time.time()
    lines = _dispatcher_lines(found, now)
    if found.paused:
        lines.append(f"  {pause_text(found.paused)}")
    lines.append(f"Running: {len(found.running)}" if found.running else "Nothing is running")
    for attempt in found.running:
        model = attempt.route.model or attempt.route.executor
        how, since = printable(standing(attempt)), duration(max(0.0, now - attempt.claimed_at))
        lines.append(f"  {attempt.task_id}  agent-{attempt.fence}  {printable(model)}  {how}  {since}")
    lines += pause_lines(found.pauses, [], now)
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


def _print_all(arguments: argparse.Namespace) -> int:
    from wg.dispatch.service import elsewhere

    found = elsewhere(home(), find_project(arguments.dir))
    if arguments.json:
        print_json([_elsewhere_object(each) for each in found])
    elif found:
        rows = [_elsewhere_row(each) for each in found]
        print("\n".join(table(("PROJECT", "DISPATCHER", "UP", "PROFILE", "AGENTS", "REMARK"), rows)))
    else:
        print("No project is known here yet")
    return 0


def _elsewhere_row(each: Elsewhere) -> tuple[str, ...]:
    one = each.dispatcher
    if each.trouble:
        return each.project.root, "cannot be read", "", "", "", each.trouble
    agents, remark = str(each.agents), f"paused by {each.paused.by}" if each.paused else ""
    if one is None:
        return each.project.root, "not running", "", "", agents, remark
    up = duration(max(0.0, time.time() - one.started_at))
    return each.project.root, f"pid {one.identity.pid}", up, one.profile, agents, one.problem or remark


def _elsewhere_object(each: Elsewhere) -> dict[str, object]:
    return {
        "project": each.project.root,
        "running": each.dispatcher is not None,
        "dispatcher": dispatcher_object(each.dispatcher) if each.dispatcher else None,
        "agents": each.agents,
        "paused": each.paused._asdict() if each.paused else None,
        "trouble": each.trouble or None,
    }
