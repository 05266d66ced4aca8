"""The most memory that a program holds."""

from __future__ import annotations

import sys

from tests.harness import Box

# The kernel counts a new process's memory from that of the one that made it, so a small one makes it (9 MB).
_LAUNCHER = """
import os, sys
silence = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in range(3)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silence)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def peak(argv: tuple[str, ...], box: Box) -> float:
    """What one run of `argv` held at most, in MB (its resident set)."""
    done = box.run(sys.executable, "-I", "-S", "-c", _LAUNCHER, *argv, timeout=600)
    return int(done.out) * _UNIT / 1e6
