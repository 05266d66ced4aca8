"""The dispatcher's log: one line an event, one old file kept."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable

from wg.errors import WgError
from wg.text import printable

_REPEAT_SECONDS = 3600.0


class Log:
    """Lines with their time. Whatever else the process prints goes to the same file."""

    def __init__(self, path: str, threshold: int) -> None:
        self.path = path
        self.threshold = threshold  # bytes
        self._told: dict[str, tuple[str, float]] = {}
        self._open()

    def write(self, text: str) -> None:
        """Write one line. A full disk loses it, and nothing else."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        try:
            if os.fstat(1).st_size >= self.threshold:
                os.replace(self.path, f"{self.path}.1")
                self._open()
            os.write(1, f"{stamp} {printable(text)}\n".encode("utf-8", "replace"))
        except OSError:
            pass

    def error(self, what: str, error: Exception) -> None:
        """Write what went wrong, and where in the code, if it is our fault.

        The same trouble with the same thing is told again only after an hour, whatever else goes wrong meanwhile.
        """
        text = f"{what}: {error.message if isinstance(error, WgError) else f'{type(error).__name__}: {error}'}"
        told, at = self._told.get(what, ("", 0.0))
        now = time.monotonic()
        if text == told and now - at < _REPEAT_SECONDS:
            return
        self._told[what] = (text, now)
        self.write(text)
        if not isinstance(error, (WgError, OSError)):
            for line in "".join(traceback.format_exception(error)).splitlines():
                self.write(f"  {line}")

    def _open(self) -> None:
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.close(fd)


class Told(Log):
    """A log whose lines go to `tell`, for a tick in the foreground; this process's output is left alone."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.threshold = 0  # nothing is rotated
        self._told = {}
        self._tell = tell

    def write(self, text: str) -> None:
        """Pass the line on."""
        self._tell(text)
