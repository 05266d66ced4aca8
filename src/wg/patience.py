"""How long something is waited for, on machines that stop now and then (fault F6)."""

from __future__ import annotations

import time

_ONE_LOOK = 1.0  # seconds that the time between two looks counts for at most


class Patience:
    """Some seconds of waiting. Time in which this process did not run counts for little.

    A laptop sleeps, a virtual machine is paused for half a minute, and its clock goes on: what is waited for was
    stopped as well, and is to have its time. Seen: 30 s, in which nothing of the whole machine ran.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._last = time.monotonic()

    def is_over(self) -> bool:
        """Whether the time is up. Ask it at each look."""
        now = time.monotonic()
        self._left -= min(now - self._last, _ONE_LOOK)
        self._last = now
        return self._left <= 0
