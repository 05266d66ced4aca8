"""A rehearsal from begin to end: the server, the directory for the programs' state, and the command in between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from wg.errors import NotFoundError, WgError
from wg.rehearsal import pointing
from wg.rehearsal.answers import load
from wg.rehearsal.server import Server

# codex warns on every run when its state is below the directory for temporary files; this one it does not take for it
_SCRATCH = "/var/tmp"
_SHUTDOWN_POLL = 0.05  # seconds: at most so long does the end of the command wait for the server
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@contextmanager
def rehearsal(port: int, script: str, record: str) -> Iterator[tuple[Server, str]]:
    """A server that is not serving yet, and a directory for the programs' state that goes with it.

    `script` and `record` are paths, or "". WgError if the script is wrong or the port is taken; OSError for files.
    """
    entries = load(script) if script else ()
    place = _SCRATCH if os.access(_SCRATCH, os.W_OK) else None
    with (
        Server(port, entries, record) as server,
        # ignoring: a program left behind may still write there
        tempfile.TemporaryDirectory(prefix="wg-rehearsal-", dir=place, ignore_cleanup_errors=True) as directory,
    ):
        yield server, directory


def serve(port: int, script: str, record: str, ready: Callable[[int, dict[str, str]], None]) -> None:
    """Serve until interrupted or terminated. `ready` is told the port, and what points programs at it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with rehearsal(port, script, record) as (server, directory):
            ready(server.port, pointing.pointed({}, server.port, directory))
            server.serve_forever()
    except KeyboardInterrupt:
        return


def run(port: int, script: str, record: str, argv: list[str], ready: Callable[[int], None]) -> int:
    """Run a command that has the rehearsal for a model; returns its exit code, 128 + N if signal N ended it.

    Signals go on to it. `ready` is told the port first.
    """
    with rehearsal(port, script, record) as (server, directory):
        threading.Thread(target=server.serve_forever, args=(_SHUTDOWN_POLL,), daemon=True).start()
        try:
            ready(server.port)
            return _run(argv, pointing.pointed(os.environ, server.port, directory))
        finally:
            server.shutdown()


def _run(argv: list[str], env: dict[str, str]) -> int:
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        if not children:
            early.append(number)
        elif not (number in (signal.SIGINT, signal.SIGQUIT) and _in_foreground()):
            children[0].send_signal(number)

    before = {number: signal.signal(number, forward) for number in _FORWARDED}
    try:
        children.append(_started(argv, env))
        for number in early:
            children[0].send_signal(number)
        code = children[0].wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code


def _started(argv: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(argv, env=env)
    except (FileNotFoundError, PermissionError) as error:
        # EACCES is also what is said where a directory on PATH may not be looked into
        if isinstance(error, PermissionError) and shutil.which(argv[0], os.F_OK):
            raise WgError(f"{argv[0]}: it may not be executed") from None
        raise NotFoundError(f"there is no program {argv[0]!r}", "name one on PATH, or by its path") from None


def _in_foreground() -> bool:
    """Whether a key on the terminal signals the command itself, too: it is in our process group."""
    try:
        return os.tcgetpgrp(sys.__stderr__.fileno() if sys.__stderr__ else 2) == os.getpgrp()
    except OSError:
        return False


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
