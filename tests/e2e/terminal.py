"""A shell at a terminal, to type at."""

from __future__ import annotations

import os
import pty
import select
import signal
import time

from tests.harness import Box

_READ = 65536


class Terminal:
    """An interactive program of the box behind a pseudo-terminal; `with` ends it."""

    def __init__(self, box: Box, *argv: str) -> None:
        self.seen = ""
        self._pid, self._fd = pty.fork()
        if not self._pid:  # the child: nothing but exec, whatever happens
            try:
                os.chdir(box.project)
                os.execvpe(argv[0], argv, {**box.env, "TERM": "vt100"})
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    def type(self, text: str) -> None:
        """Send keys."""
        os.write(self._fd, text.encode())

    def await_text(self, text: str, timeout: float = 90) -> str:
        """Read until `text` has come since the last call; returns all up to its end."""
        deadline = time.monotonic() + timeout
        while text not in self.seen:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self._fd], [], [], max(left, 0))
            assert ready, f"not within {timeout:g} s: {text!r}; there is {self.seen!r}"
            self.seen += os.read(self._fd, _READ).decode(errors="replace")
        end = self.seen.index(text) + len(text)
        before, self.seen = self.seen[:end], self.seen[end:]
        return before

    def await_end(self, timeout: float = 90) -> None:
        """Read until the program has ended."""
        deadline = time.monotonic() + timeout
        while True:
            ready, _, _ = select.select([self._fd], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"not within {timeout:g} s: the end; there is {self.seen!r}"
            try:
                self.seen += os.read(self._fd, _READ).decode(errors="replace")
            except OSError:  # EIO: nobody is at the other end any more
                return
