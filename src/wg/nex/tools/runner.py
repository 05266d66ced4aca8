"""Runs a program for a tool, with limits on time, output and processes; nothing of it is left afterwards."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from uuid import uuid4

from wg import processes
from wg.nex.tools.base import ToolError
from wg.nex.tools.output import Output
from wg.records import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from psutil import Process

MOST_PROCESSES = 400  # that one command may have at a time: a fork bomb is ended before the machine is full
_MARK = "NEX_CALL"  # in the environment of everything that one call starts; no WG_ in front: wg's own commands keep it
_LOOK_SECONDS = 0.05
_COUNT_SECONDS = 0.5
_CHUNK = 64 * 1024
TIMEOUT, OUTPUT, BOMB = "timeout", "output", "bomb"


class Program(NamedTuple):
    """What is run."""

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    timeout: float  # seconds


class Ran(NamedTuple):
    """How it ended."""

    code: int
    stopped: str  # TIMEOUT, OUTPUT or BOMB where it was ended, else ""
    left: int  # processes that it left behind, and that were ended


def run(program: Program, output: Output) -> Ran:
    """Run it to its end, or to that of a limit; all that it prints goes to `output`. ToolError if it cannot be run.

    An exception (Ctrl-C) may come at any moment, also while it is being started: what there is of it is ended then.
    """
    token = uuid4().hex
    stopped = ""
    try:
        process = _start(program, token)
        stopped = _watch(process, program.timeout, output, token)
    finally:
        left = _end(token, at_once=stopped == BOMB)
    assert process.stdout is not None
    _drain(process.stdout.fileno(), output)
    process.stdout.close()
    code = process.wait()
    _reap()
    return Ran(code, stopped, 0 if stopped else left)


def _start(program: Program, token: str) -> subprocess.Popen[bytes]:
    try:
        process = subprocess.Popen(
            program.argv,
            cwd=program.cwd,
            env={**program.env, _MARK: token},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError(f"{program.argv[0]} cannot be run: {error.strerror or error}") from None
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    return process


def _watch(process: subprocess.Popen[bytes], timeout: float, output: Output, token: str) -> str:
    assert process.stdout is not None
    fd = process.stdout.fileno()
    deadline = time.monotonic() + timeout
    next_count = time.monotonic() + _COUNT_SECONDS
    while True:
        ended = process.poll() is not None
        readable, _, _ = select.select([fd], [], [], 0.0 if ended else _LOOK_SECONDS)
        data = os.read(fd, _CHUNK) if readable else b""
        output.take(data)
        if output.is_over:
            return OUTPUT
        if ended and not data:
            return ""
        if readable and not data:  # it has closed its output: mostly because it ends
            _await_end(process, _LOOK_SECONDS)
        now = time.monotonic()
        if now >= deadline:
            return TIMEOUT
        if now >= next_count:
            if len(_alive(token)) > MOST_PROCESSES:
                return BOMB
            next_count = time.monotonic() + _COUNT_SECONDS


def _await_end(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def _end(token: str, *, at_once: bool) -> int:
    """End what is left of it; returns how many processes that were."""
    if not _has_children():
        return 0
    left = _alive(token)
    if at_once:  # one signal for each whole group: one after the other, a bomb would be quicker
        for group in {group for one in left if (group := _group(one.pid))}:
            _kill_group(group)
    processes.end(lambda: _alive(token), processes.LEFTOVER_STEPS)
    return len(left)


def _reap() -> None:
    """Collect the orphans that have become ours, and have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _drain(fd: int, output: Output) -> None:
    try:
        while data := os.read(fd, _CHUNK):
            output.take(data)
    except BlockingIOError:  # somebody who could not be ended has it open
        pass


def _has_children() -> bool:
    """Whether this process has any: orphans become its own (`processes.adopt_orphans`), and tell that some are left."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
            return bool(file.read().strip())
    except OSError:  # another system, or another kernel
        return True


def _alive(token: str) -> list[Process]:
    """What runs of that call: all that is below this process, which has no other children; and what bears its mark."""
    import psutil

    found = {process.pid: process for process in processes.descendants()}
    for process in psutil.process_iter():
        try:
            is_marked = process.pid not in found and process.environ().get(_MARK) == token
            if is_marked and process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = process
        except (psutil.Error, OSError):
            continue
    return list(found.values())


def _group(pid: int) -> int:
    """Its process group; 0 where it has ended, or where the group is our own."""
    try:
        group = os.getpgid(pid)
    except ProcessLookupError:
        return 0
    return 0 if group == os.getpgid(0) else group


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
