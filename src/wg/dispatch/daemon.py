"""The dispatcher's process: one for each project, held so by a lock, and its main loop."""

from __future__ import annotations

import faulthandler
import os
import signal
import time

from wg import processes
from wg.config.resolver import resolve
from wg.config.schema import KEYS
from wg.dispatch import state
from wg.dispatch.context import REST_SECONDS, context_of
from wg.dispatch.decision import ROLE
from wg.dispatch.follow import STILL_SECONDS
from wg.dispatch.launcher import Launcher
from wg.dispatch.log import Log
from wg.dispatch.orphans import await_git
from wg.dispatch.pauses import Pauses
from wg.dispatch.slots import own_limits
from wg.dispatch.state import DispatcherState, RouteNote
from wg.dispatch.watcher import Watcher
from wg.graph.store import Store
from wg.locations import Project
from wg.locking import FileLock

STOP = "stop"  # the request that `wg service stop` writes
TELL = signal.SIGUSR1  # on it a dispatcher writes into its log where in the code each of its threads is

_LOOK_SECONDS = 0.2
CLOSE_SECONDS = 10.0


def service_directory(project: Project) -> str:
    """Where the dispatcher's lock and log are."""
    return os.path.join(project.dir, "service")


def log_path(project: Project) -> str:
    """The dispatcher's log."""
    return os.path.join(service_directory(project), "dispatcher.log")


def run(project: Project) -> int:
    """Dispatch until told to stop. Raises BusyError if the project has a dispatcher already."""
    with dispatchers_lock(project):
        await_git(project)
        log = Log(log_path(project), _default_threshold())
        faulthandler.register(TELL, file=2)  # the log; it works also where nothing else does any more
        with Store.open(project.database) as store:
            Dispatcher(project, store, log).run()
    return 0


def dispatchers_lock(project: Project) -> FileLock:
    """What makes a process the project's dispatcher; taking it raises BusyError, with the pid of who has it."""
    os.makedirs(service_directory(project), mode=0o700, exist_ok=True)
    return FileLock(os.path.join(service_directory(project), "lock"), wait=0.0)


def _default_threshold() -> int:
    default = KEYS["log.rotation_threshold"].default
    assert isinstance(default, int)
    return default


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Dispatcher:
    """The loop: look a few times a second whether anything has changed; if so, or now and then, do a tick."""

    def __init__(self, project: Project, store: Store, log: Log) -> None:
        self._context = context_of(project, store, log)
        pauses = Pauses(self._context)
        self._launcher = Launcher(self._context, pauses)
        self._watcher = Watcher(self._context, self._launcher, pauses)
        self._started_at = time.time()
        self._said: DispatcherState | None = None
        self._stopping = False
        self._next_tick = 0.0
        self._version = -1
        self._file = _file_at(project.database)

    def run(self) -> None:
        """Until SIGTERM, SIGINT or a request to stop; or until the project or its database is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        context = self._context
        context.log.write(f"dispatcher {os.getpid()} starts in {context.project.root}")
        context.store.take_requests()  # they were for a dispatcher that is no more
        self._launcher.look_at_repository()
        time.sleep(STILL_SECONDS)
        context.jobs.finish(CLOSE_SECONDS)
        context.follower.current()
        self._say()  # from here on `wg service start` takes it to be up
        self._watcher.remove_finished_worktrees()
        while not self._stopping and self._has_its_database():
            self._turn()
        self._close()

    def _turn(self) -> None:
        try:
            if self._has_changed():
                self._tick()
        except Exception as error:  # the store may be locked or full, and one bad task must not stop all others
            self._context.log.error("tick", error)

    def _has_changed(self) -> bool:
        """Whether there is anything to do; waits a little where there is nothing."""
        context = self._context
        changed = context.jobs.finish(_LOOK_SECONDS)
        changed |= self._launcher.reap()
        changed |= context.follower.look()
        changed |= context.jobs.due()
        version = context.store.data_version()
        changed |= version != self._version
        self._version = version
        return changed or context.clock() >= self._next_tick

    def _tick(self) -> None:
        context = self._context
        if STOP in context.store.take_requests():
            self._stopping = True
            return
        if context.clock() >= self._next_tick:
            self._launcher.look_again()
        self._next_tick = context.clock() + self._interval()
        self._watcher.run()
        self._launcher.start_ready()
        self._say()

    def _interval(self) -> float:
        """Seconds; also while the file in force cannot be read."""
        in_force = self._context.follower.in_force
        return float(in_force.config.number("dispatcher.poll_interval")) if in_force else REST_SECONDS

    def _say(self) -> None:
        """Store what this dispatcher is and has loaded, if that has changed."""
        context = self._context
        follower = context.follower
        routes: dict[str, RouteNote] = {}
        path = link = digest = ""
        profile = "-"
        max_agents = 0
        limits: dict[str, int] = {}
        if follower.in_force is not None:
            selection, config = follower.in_force
            path, link, profile, digest = selection.path, selection.entry.path, selection.name, config.digest
            max_agents, limits = config.number("dispatcher.max_agents"), own_limits(config)
            context.log.threshold = config.number("log.rotation_threshold")
            route = resolve(config, ROLE)
            routes = {ROLE: RouteNote(route.executor, route.spec, route.source)}
        said = DispatcherState(
            identity=processes.own_identity(),
            started_at=self._started_at,
            config_path=path,
            config_link=link,
            config_digest=digest,
            profile=profile,
            problem=follower.problem,
            routes=routes,
            serial_reason=self._launcher.serial_reason,
            max_agents=max_agents,
            own_limits=limits,
        )
        if said != self._said:
            state.write(context.store, said)
            self._said = said

    def _has_its_database(self) -> bool:
        """Whether the file that is open is still the project's: a new one in its place has a dispatcher of its own."""
        return self._file is not None and _file_at(self._context.project.database) == self._file

    def _request_stop(self, *_: object) -> None:
        self._stopping = True

    def _close(self) -> None:
        context = self._context
        context.jobs.close(CLOSE_SECONDS)
        context.log.write(f"dispatcher {os.getpid()} stops; agents that run go on")
        if self._has_its_database():
            context.store.set_dispatcher("")
