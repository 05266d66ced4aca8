"""`wg service`: start, stop, pause or look at the dispatcher."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from wg.cli.arguments import Parser, command, number, subcommand, subcommands
from wg.cli.caller import actor, require_person
from wg.cli.inforce import print_json, say
from wg.cli.servicelogs import LOG_LINES, logs
from wg.cli.servicestatus import status
from wg.errors import NotFoundError, UsageError, WgError
from wg.graph.store import Store
from wg.locations import Project, require_project
from wg.text import printable

if TYPE_CHECKING:
    import argparse

    from wg.dispatch.service import Started


def parser() -> Parser:
    """The command line of `wg service`."""
    made = command("service", "Start, stop, pause or look at the dispatcher, which starts agents on ready tasks.")
    group = subcommands(made)
    subcommand(group, "start", "start the dispatcher in the background", start)
    stopping = subcommand(group, "stop", "stop the dispatcher; agents that run go on", stop)
    stopping.add_argument("--kill-agents", action="store_true", help="end the agents too; their tasks are ready again")
    subcommand(group, "restart", "stop the dispatcher and start another on the file in force; agents go on", restart)
    subcommand(group, "pause", "start nothing new until wg service resume, over restarts too; what runs goes on", pause)
    subcommand(group, "resume", "start ready tasks again", resume)
    showing = subcommand(group, "status", "what the dispatcher has loaded, what runs, and what waits", status)
    showing.add_argument("--all", action="store_true", help="the dispatchers of all your projects, one a line")
    reading = subcommand(group, "logs", "the dispatcher's log", logs)
    reading.add_argument("-f", "--follow", action="store_true", help="go on with what is written, until interrupted")
    reading.add_argument(
        "-n", metavar="N", type=number, dest="last", default=LOG_LINES, help=f"the last N lines (default: {LOG_LINES})"
    )
    subcommand(group, "tick", "settle and start here and now what a dispatcher would, once, and say what", tick)
    unpausing = subcommand(group, "unpause", "use a paused route again at once", unpause)
    unpausing.add_argument("route", metavar="ROUTE", nargs="?", help="as wg status names it: codex, or codex:gpt-5.5")
    unpausing.add_argument("--all", action="store_true", help="all of them")
    return made


def start(arguments: argparse.Namespace) -> int:
    """Start it, and say what it will run."""
    _require_posix()
    from wg.dispatch import service

    project = require_project(arguments.dir)
    _prepare_home(project)
    with Store.open(project.database) as store:
        started = service.start(project, store, arguments.profile or "")
        paused = store.service_pause() is not None
    if arguments.json:
        print_json(_start_object(started))
        return 0
    word = "is already running" if started.already else "started"
    print(f"Dispatcher {word} (pid {started.pid}) in {printable(project.root)}")
    _print_started(started, paused=paused)
    return 0


def restart(arguments: argparse.Namespace) -> int:
    """Another dispatcher in its place."""
    require_person("restart the dispatcher")
    _require_posix()
    from wg.dispatch import service

    project = require_project(arguments.dir)
    _prepare_home(project)
    with Store.open(project.database) as store:
        old, started = service.restart(project, store, arguments.profile or "")
        paused = store.service_pause() is not None
    if arguments.json:
        print_json({"stopped": old or None, **_start_object(started)})
        return 0
    before = f"Dispatcher {old} stopped" if old else "No dispatcher was running"
    print(f"{before}; another started (pid {started.pid}) in {printable(project.root)}")
    _print_started(started, paused=paused)
    return 0


def _prepare_home(project: Project) -> None:
    """Bring the home up to date, and let it know of the project."""
    from wg import founding
    from wg.profiles import upkeep

    for note in upkeep.ready():
        say("note", note)
    founding.make_known(project)


def _print_started(started: Started, *, paused: bool) -> None:
    selection, route = started.selection, started.route
    print(f"  config   {printable(selection.entry.describe())}")
    print(f"  profile  {selection.name}: {printable(selection.reason)}")
    print(f"  {route.role}  {route.executor} {printable(route.spec)}, from {printable(route.source)}")
    if paused:
        print("  it is paused: nothing new is started (wg service resume)")


def stop(arguments: argparse.Namespace) -> int:
    """Stop it."""
    require_person("stop the dispatcher")
    from wg.dispatch import service

    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        pid = service.stop(project, store)
        ended = service.end_agents(project, store, actor()) if arguments.kill_agents else 0
        running = len(store.attempts(("claimed", "running")))
    if arguments.json:
        print_json({"stopped": pid or None, "agents_ended": ended, "agents_running": running})
        return 0
    print(f"Dispatcher {pid} stopped" if pid else "The dispatcher is not running")
    if arguments.kill_agents:
        print(f"Agents ended: {ended}")
    elif running:
        print(f"Agents that go on: {running} (end them with: wg service stop --kill-agents)")
    return 0


def pause(arguments: argparse.Namespace) -> int:
    """Let nothing new be started."""
    require_person("pause the dispatcher")
    with Store.open(require_project(arguments.dir).database) as store:
        changed = store.pause_service(time.time(), actor())
        paused = store.service_pause()
        running = len(store.attempts(("claimed", "running")))
    if arguments.json:
        print_json({"paused": paused._asdict() if paused else None, "changed": changed, "agents_running": running})
    else:
        print("Paused: nothing new is started until wg service resume" if changed else "It is paused already")
        if running:
            print(f"Agents that go on, and are settled and merged: {running}")
    return 0


def resume(arguments: argparse.Namespace) -> int:
    """Let ready tasks be started again."""
    require_person("resume the dispatcher")
    from wg.dispatch import state

    with Store.open(require_project(arguments.dir).database) as store:
        changed = store.resume_service(time.time(), actor())
        running = state.read(store) is not None
    if arguments.json:
        print_json({"paused": None, "changed": changed, "running": running})
    else:
        print("Resumed: ready tasks are started again" if changed else "It was not paused")
        if not running:
            print("The dispatcher is not running (start it with: wg service start)")
    return 0


def unpause(arguments: argparse.Namespace) -> int:
    """End pauses of routes."""
    require_person("use a paused route again")
    if bool(arguments.route) == arguments.all:
        raise UsageError("name a route, or say --all", "wg status lists the paused routes")
    with Store.open(require_project(arguments.dir).database) as store:
        paused = [pause.route for pause in store.route_pauses()]
        if arguments.route and arguments.route not in paused:
            raise NotFoundError(
                f"the route {arguments.route!r} is not paused",
                f"these are: {', '.join(paused)}" if paused else "no route is",
            )
        ended = paused if arguments.all else [arguments.route]
        for route in ended:
            store.unpause_route(route, time.time(), actor())
    if arguments.json:
        print_json({"unpaused": ended})
    else:
        print(f"Used again: {printable(', '.join(ended))}" if ended else "No route is paused")
    return 0


def tick(arguments: argparse.Namespace) -> int:
    """One tick in the foreground."""
    require_person("run a tick")
    _require_posix()
    from wg.dispatch import service
    from wg.dispatch.tick import tick as run_tick

    service.require_no_profile(arguments.profile or "")
    lines: list[str] = []
    run_tick(require_project(arguments.dir), lines.append if arguments.json else _print_line)
    if arguments.json:
        print_json({"decided": lines})
    return 0


def _print_line(text: str) -> None:
    print(printable(text), flush=True)


def _require_posix() -> None:
    if os.name == "nt":
        raise WgError("the dispatcher needs a POSIX system", "run wg inside WSL")


def _start_object(started: Started) -> dict[str, object]:
    selection, route = started.selection, started.route
    return {
        "pid": started.pid,
        "already_running": started.already,
        "config": {"path": selection.path, "link": selection.entry.path, "reason": selection.reason},
        "profile": selection.name,
        "routes": {route.role: {"executor": route.executor, "model": route.spec, "source": route.source}},
    }
