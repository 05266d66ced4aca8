"""A lock on a file, shared by processes, that names its holder.

`filelock` would do the same, but it imports asyncio, and this is on the way of every command that writes.
"""

from __future__ import annotations

import os
import sys
import time

from wg.errors import BusyError
from wg.patience import Patience

WAIT_SECONDS = 30.0
# a look costs some 10 µs; at 5 ms the lock lay idle between two holders, and the longest waits were three times as long
_POLL_SECONDS = 0.001

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> bool:
        os.lseek(fd, 1 << 30, os.SEEK_SET)  # beyond the pid, which others must be able to read
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class FileLock:
    """An exclusive lock on `path`, held between `__enter__` and `__exit__`, or until the process dies.

    The file is created with mode 0600 and never removed (removing it would let two processes hold "the" lock).
    Not reentrant. Do not fork while holding it: the child would hold it too.

    Raises BusyError, naming the holder's pid, when one holder has kept it for `wait` seconds. While it goes from hand
    to hand, waiting goes on: among hundreds of writers on a slow disk one's turn may take longer than that.
    """

    def __init__(self, path: str, wait: float = WAIT_SECONDS) -> None:
        self.path = path
        self.wait = wait
        self._fd = -1

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock, waiting up to `wait` seconds for each holder."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        taken = 0
        patience = Patience(self.wait)
        while not _try_lock(fd):
            last_taken = os.fstat(fd).st_mtime_ns  # each holder writes its pid
            if last_taken != taken:
                taken = last_taken
                patience = Patience(self.wait)
            elif patience.is_over():
                holder = _read_pid(fd)
                os.close(fd)
                raise BusyError(
                    f"{self.path} is locked by process {holder}",
                    "wait for that process to finish, or end it if it hangs",
                )
            time.sleep(_POLL_SECONDS)
        self._fd = fd
        _write_pid(fd)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._fd)
        self._fd = -1


def _read_pid(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    text = os.read(fd, 40).decode("ascii", "replace").strip()
    return text or "unknown"


def _write_pid(fd: int) -> None:
    """Inside an agent's sandbox a pid means nothing outside of it, so there the attempt is named as well."""
    attempt = os.environ.get("WG_ATTEMPT", "")
    holder = f"{os.getpid()} of agent-{attempt}" if attempt else str(os.getpid())
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, f"{holder[:40]:<40}\n".encode())
    except OSError:
        pass  # a full disk: the pid is for a message only, the lock holds all the same
