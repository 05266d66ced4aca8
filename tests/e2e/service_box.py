"""A project with a config and scripted agents, for tests of the dispatcher on real processes.

The scripted `codex` and `claude` stand at the model's end: they record how they were called, run every line of
their task's description that begins with `RUN: `, and print the real programs' final events.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import psutil

from tests.harness import Box, wait_for
from wg.config.starters import starter_text
from wg.graph.attempt import Attempt
from wg.graph.store import Store
from wg.graph.task import NewTask, Task

_AGENT = """\
#!/bin/sh
record=$RECORDS/{name}-$WG_ATTEMPT
sed -n 's/^RUN: //p' > "$record.sh"
env > "$record.env"
printf '%s\\n' "$@" > "$record.argv"
sh "$record.sh" || exit
{events}
"""
_CODEX = """echo '{"type":"turn.started"}'; echo '{"type":"turn.completed","usage":{"input_tokens":3}}'"""
_CLAUDE = """echo '{"type":"result","is_error":false,"result":"ok","permission_denials":[],"total_cost_usd":0.5}'"""


class ServiceBox:
    """What a test of the dispatcher works with."""

    def __init__(self, box: Box, *, git: bool = True) -> None:
        self.box = box
        self.records = box.root / "records"
        self.bin = box.root / "bin"
        for directory in (self.records, self.bin, box.wg_home):
            directory.mkdir()
        box.env["PATH"] = f"{self.bin}:{box.env['PATH']}"
        box.env["RECORDS"] = str(self.records)
        for name in ("codex", "claude"):
            (box.wg_home / f"config.toml.{name}").write_text(starter_text(name))
            self.limit(name, max_attempts=1)  # a failure is looked at, and not repeated
        self.use("codex")
        if git:
            box.repository()
            (box.project / ".gitignore").write_text(".wg\n")
            box.git("add", ".gitignore")
            box.git("commit", "-qm", "ignore")
        self.dir = box.project / ".wg"
        Store.create(str(self.dir / "db" / "graph.db")).close()
        (self.dir / "project.toml").write_text('base_branch = "main"\n')

    def use(self, profile: str) -> None:
        """Switch the link as `ln -sfn` would, but atomically."""
        link = self.box.wg_home / "link"
        link.symlink_to(f"config.toml.{profile}")
        link.rename(self.box.wg_home / "config.toml")

    def set(self, old: str, new: str) -> None:
        """Edit the codex snapshot."""
        path = self.box.wg_home / "config.toml.codex"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def limit(self, profile: str, **keys: int | str) -> None:
        """Give keys another value in that snapshot, in every section that has them."""
        path = self.box.wg_home / f"config.toml.{profile}"
        text = path.read_text()
        for key, value in keys.items():
            text, count = re.subn(rf"^{key} = .*$", f"{key} = {json.dumps(value)}", text, flags=re.MULTILINE)
            assert count, key
        path.write_text(text)

    def agent(self, name: str) -> None:
        """Install a scripted agent."""
        path = self.bin / name
        path.write_text(_AGENT.format(name=name, events={"codex": _CODEX, "claude": _CLAUDE}[name]))
        path.chmod(0o755)

    def add(self, new: NewTask) -> None:
        with self.store() as store:
            store.add(new, 0.0, "test")

    def store(self) -> Store:
        return Store.open(str(self.dir / "db" / "graph.db"))

    def task(self, task_id: str) -> Task:
        with self.store() as store:
            return store.task(task_id)

    def attempts(self, task_id: str) -> list[Attempt]:
        with self.store() as store:
            return store.attempts_of(task_id)

    def start(self) -> int:
        """Start the dispatcher; returns its pid."""
        pid: int = self.box.wg("--json", "service", "start").json["pid"]
        return pid

    def await_status(self, task_id: str, status: str) -> Task:
        """Await that status; returns the task."""

        def reached() -> Task | None:
            task = self.task(task_id)
            return task if task.status == status else None

        found: Task = wait_for(reached, f"{task_id} is {status}")
        return found

    def await_running(self, task_id: str) -> Attempt:
        """Await that an attempt of the task runs; returns it."""

        def running() -> Attempt | None:
            return next((one for one in self.attempts(task_id) if one.state == "running"), None)

        found: Attempt = wait_for(running, f"{task_id} runs")
        return found

    def await_file(self, path: Path) -> str:
        """Await that a file has text in it; returns that."""
        text: str = wait_for(lambda: path.exists() and path.read_text().strip(), f"{path} is written")
        return text

    def person_git(self, *argv: str) -> None:
        """git in the project, again for as long as the dispatcher, which tries to merge there, has its lock."""

        def done() -> bool:
            result = self.box.run("git", *argv, code=None)
            assert result.code == 0 or "index.lock" in result.err, result.err
            return result.code == 0

        wait_for(done, f"git {argv[0]} gets the lock")

    def environment(self, record: str) -> dict[str, str]:
        """The environment that a scripted agent got; `record` is `codex-1`."""
        lines = (self.records / f"{record}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def argv(self, record: str) -> list[str]:
        """The arguments that a scripted agent got."""
        return (self.records / f"{record}.argv").read_text().splitlines()

    def pids_of(self, command: str) -> list[int]:
        """Processes of this box whose command line ends with `command`."""
        found = []
        for process in self.box.processes():
            try:
                if process.cmdline()[-1:] == [command]:
                    found.append(process.pid)
            except psutil.Error:
                continue  # it has just ended
        return found

    def dispatcher_log(self) -> str:
        return (self.dir / "service" / "dispatcher.log").read_text()


def is_gone(pid: int) -> bool:
    """Whether no process of that pid runs any more (a zombie does not run)."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
