"""A working directory for the tools, as a run of nex has it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wg.nex.tools.base import Result

# in a process of its own: the tools take everything that is below them for their own, and end it
_HOST = """\
import json, sys
from wg.nex.tools.standard import ToolSettings, standard_toolbox
settings = json.loads(sys.argv[1])
toolbox = standard_toolbox(ToolSettings(**{k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}))
print(json.dumps([spec["function"]["name"] for spec in toolbox.specs()]), flush=True)
for line in sys.stdin:
    result = toolbox.call(*json.loads(line))
    print(json.dumps([result.text, result.failed, result.malformed]), flush=True)
"""


class Host:
    """Tools in a process, called one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        self.names: list[str] = json.loads(self._out.readline())

    def raw(self, name: str, arguments: str) -> Result:
        """A call with exactly these arguments."""
        print(json.dumps([name, arguments]), file=self._in, flush=True)
        return Result(*json.loads(self._out.readline()))

    def __call__(self, name: str, **arguments: Any) -> Result:
        return self.raw(name, json.dumps(arguments))

    def ok(self, name: str, **arguments: Any) -> str:
        """What a call that must succeed says."""
        result = self(name, **arguments)
        assert not result.failed, result.text
        return result.text

    def refused(self, name: str, **arguments: Any) -> str:
        """What a call that must fail says."""
        result = self(name, **arguments)
        assert result.failed, result.text
        return result.text


Start = Callable[..., Host]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Iterator[Start]:
    """Start tools in `root`, with other settings and variables where they are given."""
    running: list[subprocess.Popen[str]] = []

    def made(env: dict[str, str] | None = None, **settings: Any) -> Host:
        given = json.dumps({"root": str(root), "spill": str(tmp_path / "spill"), "graph": False, **settings})
        process = subprocess.Popen(
            [sys.executable, "-c", _HOST, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), **(env or {})},
        )
        running.append(process)
        return Host(process)

    yield made
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def tools(start: Start) -> Host:
    return start()
