"""Starting, stopping and describing the dispatcher, from outside of it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

from wg import processes
from wg.config.load import load_valid
from wg.config.resolver import resolve
from wg.config.route import Route
from wg.dispatch import killing, state
from wg.dispatch.daemon import STOP, TELL, log_path, service_directory
from wg.dispatch.decision import ROLE
from wg.dispatch.environment import own_program, scrubbed
from wg.dispatch.state import DispatcherState
from wg.errors import BusyError, WgError
from wg.executors.events import last_line
from wg.files import open_private
from wg.graph.attempt import REQUEUE, Kill, Pause
from wg.graph.store import Store
from wg.locations import Project
from wg.patience import Patience
from wg.profiles.selection import Selection, asked_profile, select
from wg.profiles.state import known_projects
from wg.records import NamedTuple

_T = TypeVar("_T")

_WAIT_SECONDS = 90.0  # a second is enough, unless a disk is waited for, which may take 30 s (see graph.database)
_POLL_SECONDS = 0.02
_ERROR = "wg: error: "  # as a command prints it


class Started(NamedTuple):
    """What `wg service start` tells."""

    pid: int
    already: bool
    selection: Selection
    route: Route  # of task_agent


class Elsewhere(NamedTuple):
    """What `wg service status --all` tells of one project."""

    project: Project
    dispatcher: DispatcherState | None  # None: it is not running
    agents: int  # how many run
    paused: Pause | None
    trouble: str  # why nothing of this can be told, or ""


def start(project: Project, store: Store, profile: str) -> Started:
    """Start the project's dispatcher, if it has none, and wait until it is up.

    Raises WgError if `profile` or WG_PROFILE is set, because a dispatcher follows the file in force and nothing
    else; ConfigError for a config that cannot be run on.
    """
    require_no_profile(profile)
    selection = select(project)
    route = resolve(load_valid(selection.path), ROLE)
    running = state.read(store)
    if running is not None:
        return Started(running.identity.pid, True, selection, route)
    process = _spawn(project)
    found = _await(lambda: _up(project, store, process), _WAIT_SECONDS)
    if found is None:
        raise _no_start(project)
    return Started(found.identity.pid, found.identity.pid != process.pid, selection, route)


def restart(project: Project, store: Store, profile: str) -> tuple[int, Started]:
    """Stop the dispatcher, if there is one, and start another; agents go on. Returns the old one's pid, or 0.

    What would keep the new one from starting is found before the old one is stopped; it raises what `start` does.
    """
    require_no_profile(profile)
    load_valid(select(project).path)
    return stop(project, store), start(project, store, profile)


def stop(project: Project, store: Store) -> int:
    """Stop the dispatcher; agents that run go on. Returns its pid, 0 if there was none.

    Raises BusyError if it does not end; what it hangs in is then in its log.
    """
    running = state.read(store)
    if running is None:
        return 0
    store.request(STOP, time.time())
    processes.send(running.identity, signal.SIGTERM)
    if not _await(lambda: not processes.is_alive(running.identity), _WAIT_SECONDS):
        processes.send(running.identity, TELL)
        raise BusyError(
            f"dispatcher {running.identity.pid} has not ended within {_WAIT_SECONDS:g} s",
            f"end it with: kill -9 {running.identity.pid}; agents go on, and nothing is lost;"
            f" what it was at is now in {log_path(project)}",
        )
    return running.identity.pid


def elsewhere(home: str, here: Project | None) -> list[Elsewhere]:
    """The dispatchers of all projects that this home knows of, and of this one."""
    known = known_projects(home)
    if here is not None and here.dir not in known:
        known = [*known, here.dir]
    return [_look_at(directory) for directory in known]


def _look_at(directory: str) -> Elsewhere:
    project = Project(os.path.dirname(directory), directory)
    try:
        with Store.open(project.database) as store:
            agents = len(store.attempts(("claimed", "running")))
            return Elsewhere(project, state.read(store), agents, store.service_pause(), "")
    except (WgError, ValueError, TypeError, KeyError) as error:  # a store, or what another version wrote into it
        return Elsewhere(project, None, 0, None, error.message if isinstance(error, WgError) else repr(error))


def end_agents(project: Project, store: Store, by: str) -> int:
    """Ask every supervisor to end its agent, and wait until they have. Returns how many there were.

    Their tasks are ready again. Call it when the dispatcher has ended. A supervisor that it started last may not have
    said yet that it runs.
    """
    _await(lambda: not _is_any_starting(project, store), _WAIT_SECONDS)
    wish = Kill(REQUEUE, by, "wg service stop --kill-agents")
    asked = [one for one in store.attempts(("running",)) if one.supervisor is not None]
    for one in asked:
        killing.require_own(project, one)
    asked = [one for one in asked if store.kill(one.fence, wish, time.time())]
    alive = [one.supervisor for one in asked if one.supervisor and processes.send(one.supervisor, signal.SIGTERM)]
    if not _await(lambda: not any(processes.is_alive(identity) for identity in alive), _WAIT_SECONDS):
        pids = ", ".join(str(identity.pid) for identity in alive if processes.is_alive(identity))
        raise BusyError(f"agents have not ended; their supervisors: {pids}", "look at them with ps, and try again")
    for one in asked:
        killing.settle(project, store, store.attempt(one.fence), wish)
    return len(alive)


def _is_any_starting(project: Project, store: Store) -> bool:
    return any(processes.marked(attempt.fence, project.dir) for attempt in store.attempts(("claimed",)))


def require_no_profile(profile: str) -> None:
    """Raises WgError if `profile`, WG_PROFILE or the caller, an agent, would decide what the dispatcher runs."""
    if "WG_ATTEMPT" in os.environ:
        raise WgError("an agent cannot start a dispatcher: it would end with the agent")
    name, asked = asked_profile(profile)
    if name:
        raise WgError(
            f"{asked} holds for one command, and a dispatcher follows the file in force",
            f"make it this project's with: wg profile use {name} --project",
        )


def _spawn(project: Project) -> subprocess.Popen[bytes]:
    os.makedirs(service_directory(project), mode=0o700, exist_ok=True)
    with open_private(log_path(project), "ab") as log:
        return subprocess.Popen(
            (own_program(), "--dir", project.root, "dispatcher"),
            cwd=project.root,
            env=scrubbed(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _up(project: Project, store: Store, process: subprocess.Popen[bytes]) -> DispatcherState | None:
    """The dispatcher that is up and has read the config: ours, or one that was quicker to take the lock."""
    found = state.read(store)
    if found is not None and not (found.config_digest or found.problem):
        return None
    if found is None and process.poll() not in (None, BusyError.exit_code):
        raise _no_start(project)
    return found


def _await(condition: Callable[[], _T], seconds: float) -> _T:
    """The condition's first true value, or its last one when time is up."""
    patience = Patience(seconds)
    while True:
        value = condition()
        if value or patience.is_over():
            return value
        time.sleep(_POLL_SECONDS)


def _no_start(project: Project) -> WgError:
    with open(log_path(project), encoding="utf-8", errors="replace") as file:
        text = file.read()
    errors = [line.removeprefix(_ERROR) for line in text.splitlines() if line.startswith(_ERROR)]
    said = errors[-1] if errors else last_line(text)
    return WgError(f"the dispatcher did not come up: {said}", f"look into {log_path(project)}")
