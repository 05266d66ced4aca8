"""A launcher that runs `wg` commands in processes which kill themselves at their N-th change of a file.

`python -m tests.dying` reads one request a line; each command runs in a fork of it, so that a hundred kills take as
long as a few starts. An audit hook counts renames, removals, links, directories and files opened for writing (it is
called before each of them happens); a write to a file counts too, and is done by half before the process dies.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_EVENTS = ("os.rename", "os.remove", "os.symlink", "os.link", "os.rmdir", "os.mkdir", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_PRELOADED = ("cli.profile", "cli.config", "cli.status", "cli.init", "profiles.authoring", "profiles.editing")


class Ended(NamedTuple):
    """How a command ended."""

    killed: bool
    code: int
    out: str
    err: str


class Launcher:
    """The client: starts the launcher, and asks it to run commands."""

    def __init__(self, env: Mapping[str, str], root: Path) -> None:
        self.root = root
        self.env = dict(env)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.dying"],
            cwd=Path(__file__).parent.parent,
            env={**env, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Launcher:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(150)
        self.process.stdout.close()

    def wg(self, *argv: str, cwd: Path, die_at: int = 0, env: Mapping[str, str] | None = None) -> Ended:
        """Run `wg`; it dies at its `die_at`-th change of a file below the root, or not at all if that is 0."""
        request = {"argv": argv, "cwd": str(cwd), "die_at": die_at, "root": str(self.root)}
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({**request, "env": {**self.env, **(env or {})}}) + "\n")
        self.process.stdin.flush()
        ended = Ended(**json.loads(self.process.stdout.readline()))
        assert "Traceback" not in ended.err and "internal error" not in ended.err, ended.err
        return ended


def _serve() -> None:
    for name in _PRELOADED:
        importlib.import_module(f"wg.{name}")
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


def _run(request: dict[str, Any]) -> dict[str, object]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _become(request, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    code = os.waitstatus_to_exitcode(status)  # minus the signal, if one ended it
    return {"killed": code < 0, "code": code, "out": texts[0], "err": texts[1]}


def _become(request: dict[str, Any], out: int, err: int) -> None:
    """In the fork: run the command, and never return."""
    code = 70
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        if request["die_at"]:
            _die_at(request["die_at"], request["root"])
        from wg.cli.main import main

        code = main(request["argv"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_at(number: int, root: str) -> None:
    left = number

    def count() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        counts = event in _EVENTS or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING)
        paths = [path for path in arguments[:2] if isinstance(path, str)]
        if counts and any(os.path.abspath(path).startswith(root) for path in paths) and count():
            os.kill(os.getpid(), signal.SIGKILL)

    whole_write = os.write

    def write(fd: int, data: Any) -> int:
        if fd > 2 and count():
            whole_write(fd, bytes(data)[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return whole_write(fd, data)

    os.write = write
    sys.addaudithook(hook)


if __name__ == "__main__":
    _serve()
