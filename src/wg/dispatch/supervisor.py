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
from wg.executors import failures
from wg.executors.registry import EXECUTORS
from wg.files import open_private
from wg.graph.attempt import Outcome, Usage
from wg.graph.store import Store
from wg.locations import Project
from wg.records import NamedTuple
from wg.text import duration

if TYPE_CHECKING:
    from psutil import Process

_RETRY_SECONDS = 5.0
_LOOK_SECONDS = 0.2  # at least, between two looks at what an agent has printed
_LONGEST_WAIT_SECONDS = 2.0  # what a standstill of the machine uses up of a limit at most
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
        return _no_start(f"{error.filename or launch.argv[0]}: {error.strerror or error}", _why_no_start(error, launch))
    except (ValueError, subprocess.SubprocessError) as error:
        return _no_start(f"{launch.argv[0]}: {error}")
    agent = _Agent(project, fence, process.pid)
    cut_short = _wait(agent, files, launch, signals)
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


class _Cut(NamedTuple):
    """Why an agent has to be ended."""

    failure: str  # its class
    why: str


def _wait(agent: _Agent, files: AttemptFiles, launch: Launch, signals: _Signals) -> _Cut | None:
    """Await the agent's end. None if it came by itself.

    Time in which the machine slept or stood still uses up next to nothing of a limit (fault F6): the clock may go on
    then, and what is seen of it is that this process wakes too late.
    """
    deadline = time.monotonic() + launch.timeout
    heard, printed = time.monotonic(), 0
    while True:
        agent.reap()
        if agent.exit_code is not None:
            return None
        if signals.stop:
            return _Cut(failures.KILLED, "ended on request")
        now = time.monotonic()
        if now >= deadline:
            return _Cut(failures.TIMEOUT, f"the time limit of {duration(launch.timeout)} was reached")
        patience = min(deadline - now, _LONGEST_WAIT_SECONDS)
        if launch.silence:
            size = _printed(files)
            if size != printed:
                heard, printed = now, size
            if now - heard >= launch.silence:
                return _Cut(failures.TIMEOUT, f"it printed nothing for {duration(launch.silence)}")
            patience = min(patience, max(_LOOK_SECONDS, heard + launch.silence - now))
        signals.wait(patience)
        late = max(0.0, time.monotonic() - now - patience)
        deadline, heard = deadline + late, heard + late


def _printed(files: AttemptFiles) -> int:
    """How many bytes of output there are."""
    return sum(os.path.getsize(path) for path in (files.stdout, files.stderr) if os.path.exists(path))


def _outcome(files: AttemptFiles, launch: Launch, exit_code: int | None, cut_short: _Cut | None) -> Outcome:
    now = time.time()
    report = EXECUTORS[launch.executor].read(_read(files.stdout), _read(files.stderr), now)
    succeeded = not cut_short and exit_code == 0 and report.finished
    if cut_short:
        failure, message = cut_short
    elif succeeded:
        failure, message = "", report.message
    else:
        by_signal = exit_code is not None and exit_code < 0
        failure = report.failure or (failures.CRASH if by_signal else failures.EXIT)
        message = ": ".join(text for text in (_exit_text(exit_code), report.error) if text)
    usage = Usage(report.input_tokens, report.cached_tokens, report.output_tokens, report.cost)
    resets_at = None if cut_short else report.resets_at
    return Outcome(exit_code, succeeded, failure, message, report.session_id, usage, now, resets_at)


def _no_start(message: str, failure: str = failures.NOT_STARTED) -> Outcome:
    return Outcome(None, False, failure, message, "", Usage(), time.time())


def _why_no_start(error: OSError, launch: Launch) -> str:
    """The program, or the interpreter that its first line names, may have gone since it was looked for."""
    is_program = isinstance(error, (FileNotFoundError, PermissionError)) and error.filename == launch.argv[0]
    return failures.PROGRAM_MISSING if is_program else failures.NOT_STARTED


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
