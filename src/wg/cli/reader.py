"""For commands that print until they are interrupted: whether anybody still reads."""

from __future__ import annotations

import select
import sys
import time


def is_read(seconds: float) -> bool:
    """Wait; False as soon as the reader of our output has gone, which else only the next line would tell."""
    if not hasattr(select, "poll"):  # Windows
        time.sleep(seconds)
        return True
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    found = poll.poll(seconds * 1000)
    if found and not found[0][1] & (select.POLLERR | select.POLLHUP):
        time.sleep(seconds)  # a file of a kind that cannot be polled
        return True
    return not found
