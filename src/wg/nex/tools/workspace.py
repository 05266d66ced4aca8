"""Where the file tools may go: paths are held inside the working directory, with every link on the way resolved.

A path is opened component by component below a directory that is open already (openat(2) with O_NOFOLLOW), so that a
link which is put in the place of a directory between the look and the use leads nowhere.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from wg.nex.tools.base import ToolError

# what belongs to git and to wg: changed by their own commands alone
_OWN = (".git", ".wg")


class Workspace:
    """The directory `root`, and those outside of it that may also be read and written, or only read."""

    def __init__(self, root: str, writable: tuple[str, ...] = (), readable: tuple[str, ...] = ()) -> None:
        self.root = os.path.realpath(root)
        self._writable = (self.root, *(os.path.realpath(os.path.expanduser(path)) for path in writable))
        self._roots = (*self._writable, *(os.path.realpath(path) for path in readable))

    def locate(self, text: str, *, write: bool = False) -> Located:
        """The file that `text` names, relative to the root or absolute. ToolError where that is out of reach."""
        if not text or "\0" in text or text.startswith("~"):
            raise ToolError(f"{text!r} is not a path: give one relative to the working directory")
        real = os.path.realpath(os.path.join(self.root, text))
        for root in self._roots:
            if real == root or real.startswith(os.path.join(root, "")):
                located = Located(root, os.path.relpath(real, root), text)
                if write:
                    if text.endswith(("/", "/.")):
                        raise ToolError(f"{text} is a directory's name: name a file in it")
                    located.require_changeable(root in self._writable)
                return located
        raise ToolError(
            f"{text} is outside of the working directory, where the file tools do not reach: stay inside {self.root}"
        )

    def shown(self, path: str) -> str:
        """How the tools call a path: relative to the root, where it is inside."""
        return os.path.relpath(path, self.root) if path.startswith(os.path.join(self.root, "")) else path


class Located:
    """A file or directory inside a root; whether it exists is not known yet."""

    def __init__(self, root: str, relative: str, shown: str) -> None:
        self.shown = shown  # as it was asked for
        self.path = os.path.normpath(os.path.join(root, relative))
        self._root = root
        self._parts = [] if relative == os.curdir else relative.split(os.sep)

    def require_changeable(self, in_writable: bool) -> None:
        """ToolError for what git and wg keep, for the root itself, and for what is only there to be read."""
        if not in_writable:
            raise ToolError(f"{self.shown} can be read, and not changed")
        if not self._parts:
            raise ToolError(f"{self.shown} is a directory")
        if any(part.lower() in _OWN for part in self._parts):  # some file systems take .GIT for .git
            raise ToolError(f"{self.shown} belongs to git or wg: it is changed by their commands, not by hand")

    def open(self, flags: int, mode: int = 0o666) -> int:
        """A file descriptor of a regular file or directory, never of a device or pipe. OSError as of open(2)."""
        with self._directory(make=False) as (directory, name):
            fd = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode, dir_fd=directory)
        kind = os.fstat(fd).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            os.close(fd)
            raise ToolError(f"{self.shown} is neither a file nor a directory")
        return fd

    @contextmanager
    def place(self) -> Iterator[tuple[int, str]]:
        """Its directory, open, made if it is not there, and its name in it."""
        with self._directory(make=True) as found:
            yield found

    @contextmanager
    def _directory(self, *, make: bool) -> Iterator[tuple[int, str]]:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        fd = os.open(self._root, flags)
        try:
            for part in self._parts[:-1]:
                if make:
                    _make(part, fd)
                below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=fd)
                os.close(fd)
                fd = below
            yield fd, self._parts[-1] if self._parts else os.curdir
        finally:
            os.close(fd)


def _make(name: str, directory: int) -> None:
    try:
        os.mkdir(name, dir_fd=directory)
    except FileExistsError:
        pass


def explained(error: OSError, shown: str) -> ToolError:
    """What open(2) and its like say, for a model."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ToolError(f"{shown} does not exist")
    if error.errno == errno.EISDIR:
        return ToolError(f"{shown} is a directory")
    if error.errno == errno.ELOOP:
        return ToolError(f"{shown} is a symbolic link that leads nowhere, or was just put there")
    return ToolError(f"{shown}: {error.strerror or error}")
