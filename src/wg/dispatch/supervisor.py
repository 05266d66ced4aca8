"""The process that owns one agent: starts it, limits its time, ends all it started, records how it ended.

It outlives the dispatcher (fault F2), and must stay small: there is one beside every agent.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from wg import processes
from wg.dispatch.attempt_files import AttemptFiles, Launch
from wg.errors import WgError
from wg.executors.registry import EXECUTORS
from wg.files import open_private
from wg.graph.attempt import Outcome, Usage
from wg.graph.store import Store
from wg.locations import Project
from wg.text import duration

if TYPE_CHECKING:
    from psutil import Process

_RETRY_SECONDS = 5.0
# an agent may print more than a small process should hold: its identity comes first, its verdict last
_HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 1024 * 1024


def supervise(project: Project, fence: int) -> int:
    """Run attempt `fence` to its end. Returns 1, having run nothing, if the attempt may not start any more (F1)."""
    files = AttemptFiles(project, fence)
    launch = files.read_launch()
    signals = _Signals()
    processes.adopt_orphans()
    store = Store.open(project.database)
    if not store.start(fence, processes.own_identity(), time.time()):
        return 1
    store.close()  # not held while the agent runs: the store may be moved, mended or migrated
    _record(project, files, fence, _run(project, files, fence, launch, signals))
    return 0


class _Signals:
    """SIGCHLD and requests to stop, as something that can be waited for."""

    def __init__(self) -> None:
        self.stop = False
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)

    def wait(self, seconds: float) -> None:
        """Return when a signal arrives, after `seconds` at the latest."""
        ready, _, _ = select.select([self._read], [], [], max(0.0, seconds))
        if ready:
            os.read(self._read, 4096)

    def _request_stop(self, *_: object) -> None:
        self.stop = True


class _Agent:
    """The agent's process, and everything below it."""

    def __init__(self, project: Project, fence: int, pid: int) -> None:
        self._project = project
        self._fence = fence
        self._pid = pid
        self.exit_code: int | None = None

    def reap(self) -> None:
        """Collect every child that has ended: the agent, and the orphans that this process adopted."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self.exit_code = os.waitstatus_to_exitcode(status)

    def end(self, steps: tuple[processes.Step, ...]) -> None:
        """End the whole tree. While anything of it will not die, the attempt is not over (fault F4)."""
        while not processes.end(self._members, steps):
            _say("something of this attempt does not end; trying again")

    def _members(self) -> list[Process]:
        self.reap()
        found = processes.descendants()
        if sys.platform != "linux":  # orphans are not adopted there
            found += [one for one in processes.marked(self._fence, self._project.dir) if one not in found]
        return found


def _run(project: Project, files: AttemptFiles, fence: int, launch: Launch, signals: _Signals) -> Outcome:
    try:
        process = _start(files, launch)
    except OSError as error:
        return _no_start(f"{error.filename or launch.argv[0]}: {error.strerror or error}")
    except (ValueError, subprocess.SubprocessError) as error:
        return _no_start(f"{launch.argv[0]}: {error}")
    agent = _Agent(project, fence, process.pid)
    cut_short = _wait(agent, launch.timeout, signals)
    agent.end(processes.STOP_STEPS if cut_short else processes.LEFTOVER_STEPS)
    process.returncode = agent.exit_code  # it is reaped already
    return _outcome(files, launch, agent.exit_code, cut_short)


def _start(files: AttemptFiles, launch: Launch) -> subprocess.Popen[bytes]:
    """A file as stdin cannot block, as a pipe can: the whole prompt is there, and then its end."""
    supervisor = os.getpid()
    with (
        open(files.prompt, "rb") as stdin,
        open_private(files.stdout, "ab") as out,
        open_private(files.stderr, "ab") as err,
    ):
        return subprocess.Popen(
            launch.argv,
            cwd=launch.cwd,
            stdin=stdin,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=lambda: processes.die_with(supervisor),
        )


def _wait(agent: _Agent, timeout: float, signals: _Signals) -> str:
    """Await the agent's end. "" if it came by itself, else the failure class for which it has to be ended.

    The clock stands still while the machine sleeps, so sleep uses up no time limit (fault F6).
    """
    deadline = time.monotonic() + timeout
    while True:
        agent.reap()
        if agent.exit_code is not None:
            return ""
        if signals.stop:
            return "killed"
        if time.monotonic() >= deadline:
            return "timeout"
        signals.wait(deadline - time.monotonic())


def _outcome(files: AttemptFiles, launch: Launch, exit_code: int | None, cut_short: str) -> Outcome:
    report = EXECUTORS[launch.executor].read(_read(files.stdout), _read(files.stderr))
    succeeded = not cut_short and exit_code == 0 and report.finished
    if cut_short:
        failure = cut_short
        message = _why_cut_short(cut_short, launch.timeout)
    elif succeeded:
        failure, message = "", report.message
    else:
        failure = "exit" if report.finished else "error"
        message = ": ".join(text for text in (_exit_text(exit_code), report.error) if text)
    usage = Usage(report.input_tokens, report.cached_tokens, report.output_tokens, report.cost)
    return Outcome(exit_code, succeeded, failure, message, report.session_id, usage, time.time())


def _no_start(message: str) -> Outcome:
    return Outcome(None, False, "not-started", message, "", Usage(), time.time())


def _why_cut_short(failure: str, timeout: float) -> str:
    return f"the time limit of {duration(timeout)} was reached" if failure == "timeout" else "ended on request"


def _exit_text(exit_code: int | None) -> str:
    if not exit_code:
        return ""
    return f"exit code {exit_code}" if exit_code > 0 else f"killed by signal {-exit_code}"


def _read(path: str) -> str:
    """What an agent printed; of very much, its beginning and its end. Nothing, where somebody has removed it."""
    if not os.path.isfile(path):
        return ""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= _HEAD_BYTES + _TAIL_BYTES:
            data = file.read()
        else:
            head = file.read(_HEAD_BYTES)
            file.seek(size - _TAIL_BYTES)
            data = head + b"\n" + file.read()
    return data.decode("utf-8", "replace")


def _record(project: Project, files: AttemptFiles, fence: int, outcome: Outcome) -> None:
    """Into the file, then into the store. Either is enough: a dispatcher reads the file if the store is not told."""
    while True:
        written = _write(files, outcome)
        if _tell(project, fence, outcome) or written or not os.path.isdir(files.directory):
            return
        time.sleep(_RETRY_SECONDS)


def _write(files: AttemptFiles, outcome: Outcome) -> bool:
    try:
        files.write_outcome(outcome)
    except OSError as error:
        _say(f"{files.outcome}: {error}")
        return False
    return True


def _tell(project: Project, fence: int, outcome: Outcome) -> bool:
    try:
        store = Store.open(project.database)
        store.end(fence, outcome, outcome.ended_at)
    except WgError as error:
        _say(error.message)
        return False
    return True


def _say(message: str) -> None:
    try:
        print(message, file=sys.stderr, flush=True)
    except OSError:
        pass  # its log is on the disk that may be full
