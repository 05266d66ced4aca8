"""Processes that write to a store (tests.graph.writer), for tests of many at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def writer(path: str, what: str, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that does `count` things; it prints each that is done."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.graph.writer", path, what, name, str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def acknowledged(process: subprocess.Popen[str]) -> list[str]:
    """What it printed; it must have ended well."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    return out.split()


def killed(process: subprocess.Popen[str]) -> list[str]:
    """Kill it; returns what it had printed and nobody has read (`communicate` misses what a readline has buffered)."""
    process.kill()
    with process:
        assert process.stdout is not None
        return process.stdout.read().split()
