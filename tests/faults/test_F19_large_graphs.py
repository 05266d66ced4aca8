"""F19: commands in a large graph. What they read is counted, not timed: no busy machine changes that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.filling import fill
from tests.harness import WG, Box

LARGE = 100_000 if os.environ.get("WG_TEST_FULL") == "1" else 20_000
SMALL = 2_000
COMMANDS = ("ready", "show t7", "log t7", "log t7 hello", "done d0")


def bytes_read(box: Box, project: Path, command: str) -> int:
    """All that the command reads from files, Python and itself included."""
    done = box.run("sh", "-c", f"{WG} {command} > /dev/null && cat /proc/$$/io", cwd=project)
    return int(dict(line.split(": ") for line in done.out.splitlines())["rchar"])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what a process reads")
def test_F19_commands_read_no_more_of_a_graph_that_is_many_times_as_large(box: Box) -> None:
    projects = {}
    for count in (SMALL, LARGE):
        projects[count] = box.root / str(count)
        projects[count].mkdir()
        box.wg("init", cwd=projects[count])
        fill(str(projects[count] / ".wg" / "db" / "graph.db"), count, spare=2)
        box.wg("done", "d1", cwd=projects[count])  # folds what filling it has left
    for command in COMMANDS:
        small, large = (bytes_read(box, projects[count], command) for count in (SMALL, LARGE))
        assert large < 1.25 * small, command
