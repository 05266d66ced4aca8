"""Processes: who one is, whether it still lives, which ones belong to an attempt, and how to end them.

Only for the dispatcher and the supervisor, but for `identity_of` and `is_alive`, which on Linux import nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from wg.graph.attempt import ProcessIdentity

if TYPE_CHECKING:
    from psutil import Process as Process

_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_POLL_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

Find = Callable[[], "list[Process]"]
# a signal, and the seconds that a process has to end on it
Step = tuple[signal.Signals, float]
# INT first: on it claude ends its own children (REAL-CLIS.md); KILL can only fail on a process stuck in the kernel
STOP_STEPS: tuple[Step, ...] = ((signal.SIGINT, 3.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))
# for what an agent that has ended by itself left behind
LEFTOVER_STEPS: tuple[Step, ...] = ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))


def identity_of(pid: int) -> ProcessIdentity | None:
    """The identity of a live process, or None if there is none of that pid."""
    started = _start_time(pid)
    return ProcessIdentity(os.uname().nodename, _boot_id(), pid, started) if started else None


def own_identity() -> ProcessIdentity:
    """The identity of this process."""
    identity = identity_of(os.getpid())
    assert identity is not None
    return identity


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether that very process lives; false only where its death is proven (faults F3 and F6).

    A reused pid has another start time. A process of another machine counts as alive: nothing here can prove its
    death. The machine is known by its boot, because host names change with the network.
    """
    if identity.boot_id != _boot_id():
        return identity.host != os.uname().nodename
    return _start_time(identity.pid) == identity.started


def send(identity: ProcessIdentity, number: signal.Signals) -> bool:
    """Signal that very process; False if it no longer lives. A stranger that has its pid is never signalled (F3)."""
    if identity.boot_id != _boot_id() or not is_alive(identity):
        return False
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return False
    return True


def command_line(pid: int) -> list[str]:
    """With what arguments it was started; nothing where it is gone, or not to be seen."""
    import psutil

    try:
        found: list[str] = psutil.Process(pid).cmdline()
    except psutil.Error:
        return []
    return found


def marked(fence: int, wg_dir: str) -> list[Process]:
    """Every live process, but this one, whose environment says that it belongs to attempt `fence` of the project.

    A process that overwrote its environment is not found; nor is one whose environment this user may not read.
    """
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            if environment.get("WG_ATTEMPT") != str(fence) or environment.get("WG_DIR") != wg_dir:
                continue
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def descendants() -> list[Process]:
    """Every live process below this one; with `adopt_orphans` also those whose parents have ended."""
    import psutil

    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def end(
    find: Find,
    steps: tuple[Step, ...] = STOP_STEPS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """End all that `find` finds, also what is forked meanwhile; True when nothing is left.

    Each step's signal goes once to every process, then they have that step's seconds.
    """
    for number, grace in steps:
        deadline = clock() + grace
        signalled: set[int] = set()
        while True:
            alive = find()
            if not alive:
                return True
            for process in alive:
                if process.pid not in signalled:
                    signalled.add(process.pid)
                    _signal(process, number)
            if clock() >= deadline:
                break
            sleep(_POLL_SECONDS)
    return not find()


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it, as far as the platform can (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """In a freshly forked child: be killed when `parent` dies, as far as the platform can (Linux)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was made
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _signal(process: Process, number: signal.Signals) -> None:
    import psutil

    try:
        process.send_signal(number)
    except (psutil.Error, OSError):
        pass  # it has ended by itself, or it is not ours: the next look tells


def _boot_id() -> str:
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        import psutil

        return str(int(psutil.boot_time()))


def _start_time(pid: int) -> str:
    """The kernel's own start time of a live process that is no zombie, else ""."""
    if sys.platform != "linux":
        return _start_time_by_psutil(pid)
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            # the second field is the program's name in brackets, which may hold anything: proc(5)
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _start_time_by_psutil(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.Error:
        return ""
