"""A box for one test: its own home, WG_HOME, git config and project directory, and the installed `wg`.

Nothing of the caller's environment reaches the program but PATH and the language; no process may outlive the
test (`Box.close` ends and reports what does).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from wg.patience import Patience

WG = str(Path(sys.executable).with_name("wg"))
MARKER = "BOX_OF_WG_TESTS"  # no WG_ in front: agents do not inherit those


class Completed(NamedTuple):
    """What a finished command printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Box:
    """One user's machine, in a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.wg_home = self.home / ".wg"
        self.project = root / "project"
        for directory in (self.home, self.project):
            directory.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(
            "[user]\n\tname = Test\n\temail = test@example.invalid\n[init]\n\tdefaultBranch = main\n"
        )
        self.env: dict[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "WG_HOME": str(self.wg_home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            MARKER: str(root),
        }

    def run(
        self,
        *argv: str,
        code: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout: float = 150,
    ) -> Completed:
        """Run a program to its end. `code` is the exit code that must come back; None allows any."""
        done = subprocess.run(
            argv,
            cwd=cwd or self.project,
            env={**self.env, **(env or {})},
            input=stdin.encode(),
            capture_output=True,
            timeout=timeout,
        )
        result = Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
        assert "Traceback" not in result.err, result.err
        if code is not None:
            assert result.code == code, f"{argv} exited {result.code}\n{result.out}\n{result.err}"
        return result

    def wg(
        self,
        *argv: str,
        code: int | None = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> Completed:
        """Run the installed `wg`."""
        return self.run(WG, *argv, code=code, cwd=cwd, env=env, stdin=stdin)

    def git(self, *argv: str, cwd: Path | None = None, code: int | None = 0) -> str:
        """Run git; returns what it printed, without the last newline."""
        return self.run("git", *argv, cwd=cwd, code=code).out.rstrip("\n")

    def repository(self) -> Path:
        """Make the project a git repository with one commit."""
        self.git("init", "-q")
        (self.project / "README").write_text("hello\n")
        self.git("add", "README")
        self.git("commit", "-qm", "first")
        return self.project

    def processes(self) -> list[psutil.Process]:
        """Every live process that was started from this box."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARKER) == str(self.root) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def command_lines(self) -> list[str]:
        """Of all these processes."""
        found = []
        for process in self.processes():
            try:
                found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def close(self) -> list[str]:
        """Stop the dispatcher; end what still runs then, and does not end by itself either.

        Returns the command lines of what should not have been there.
        """
        if (self.project / ".wg" / "db" / "graph.db").exists():
            self.wg("service", "stop", code=None)
        left = self._lasting()
        names = []
        for process in left:
            try:
                names.append(" ".join(process.cmdline()) + _log_of(process))
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(left, timeout=10)
        return names

    def _lasting(self) -> list[psutil.Process]:
        """What does not end by itself: a supervisor lives for a moment after it has recorded its attempt's end."""
        patience = Patience(15)
        left = self.processes()
        while left and not patience.is_over():
            time.sleep(0.05)
            left = self.processes()
        return left


def _log_of(process: psutil.Process) -> str:
    """What a dispatcher said last: if it hangs, where in the code it does."""
    argv = process.cmdline()
    if argv[-1:] != ["dispatcher"]:
        return ""
    process.send_signal(signal.SIGUSR1)
    log = Path(argv[-2]) / ".wg" / "service" / "dispatcher.log"
    return "\n" + "\n".join(log.read_text(errors="replace").splitlines()[-60:]) + "\n"


def obeying() -> list[str]:
    """A prefix under which permission bits hold: root ignores them by a capability that can be dropped."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root, and no setpriv to give up its override of permissions")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


def wait_for(condition: Callable[[], Any], what: str, timeout: float = 90) -> Any:
    """Await a condition: its first true value, or a failure that says what was awaited.

    The time is for disks that stop for 30 s, as the one of this project's CI does now and then.
    """
    patience = Patience(timeout)
    while not patience.is_over():
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout:g} s: {what}")
