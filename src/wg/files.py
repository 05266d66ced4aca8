"""Writing files so that a reader, or a crash, never sees half of one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import BinaryIO, cast

TEMP_PREFIX = ".wg-tmp-"
_counter = 0


def temp_name(directory: str) -> str:
    """A path in `directory` that nobody else uses; `sweep` finds it if this process dies."""
    global _counter
    _counter += 1
    return os.path.join(directory, f"{TEMP_PREFIX}{os.getpid()}-{_counter}-{os.urandom(4).hex()}")


def write_atomically(path: str, data: bytes, mode: int | None = None, durable: bool = True) -> None:
    """Replace the file that `path` leads to by `data`, as `write_parts_atomically` does."""
    write_parts_atomically(path, [data], mode, durable)


def write_parts_atomically(path: str, parts: Iterable[bytes], mode: int | None = None, durable: bool = True) -> None:
    """Replace the file that `path` leads to (links are followed and stay links) by `parts`, in one step.

    The permission bits are `mode`, else those of the old file, else 0600. The data is on the disk when this
    returns, unless `durable` is false: then power loss may take it, or leave an empty file. Raises OSError, and then
    the old file is as it was and no temp file is left.
    """
    real = os.path.realpath(path)
    if mode is None:
        mode = _mode_of(real)
    temp = temp_name(os.path.dirname(real))
    try:
        _write_new(temp, parts, mode, durable)
        os.replace(temp, real)
    except BaseException as error:
        remove_if_there(temp)
        if isinstance(error, OSError) and error.filename in (None, temp):
            error.filename = path  # a write that fails, on a full disk say, does not tell where; nobody knows `temp`
        raise
    if durable:
        sync_directory(os.path.dirname(real))


def write_through(path: str, parts: Iterable[bytes]) -> None:
    """Write `parts` to the device or pipe at `path`, which stays what it is. Raises OSError, which names `path`."""
    try:
        with open(path, "wb") as file:
            for part in parts:
                file.write(part)
    except OSError as error:
        error.filename = error.filename or path
        raise


def open_private(path: str, mode: str) -> BinaryIO:
    """`open` in binary, where a new file is for this user only (0600). Raises OSError."""
    opened = open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115  the caller closes it
    return cast("BinaryIO", opened)


def remove_if_there(path: str) -> None:
    """Unlink `path`; no error if it does not exist."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def sweep(directory: str) -> None:
    """Remove temp files and temp links that killed processes left. Call it only under the directory's lock."""
    for name in os.listdir(directory):
        if name.startswith(TEMP_PREFIX):
            remove_if_there(os.path.join(directory, name))


def sync_directory(directory: str) -> None:
    """fsync a directory, where the platform can, so that a rename in it survives power loss."""
    if sys.platform == "win32":
        return
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _mode_of(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        return 0o600


def _write_new(path: str, parts: Iterable[bytes], mode: int, durable: bool) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[os.write(fd, view) :]
        if sys.platform != "win32":
            os.fchmod(fd, mode)
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)
