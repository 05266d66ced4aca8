"""A user's machine: a project, recording agents, and the installed `wg`, which is all that a test here goes through.

The recording `codex` and `claude` stand at the model's end: they record exactly how they were called, run every
line of their prompt that begins with `RUN: `, and print the real programs' final events.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.harness import Box, Completed, wait_for

_PROGRAM = """\
#!/bin/sh
record=$RECORDS/$WG_TASK_ID.$WG_ATTEMPT.$$
cat > "$record.prompt"
env -0 > "$record.env"
pwd > "$record.cwd"
printf '%s\\0' "$0" "$@" > "$record.part" && mv "$record.part" "$record.argv"
sed -n 's/^RUN: //p' "$record.prompt" > "$record.sh"
sh "$record.sh" || exit
{events}
"""
_EVENTS = {
    "codex": """echo '{"type":"turn.started"}'; echo '{"type":"turn.completed","usage":{"input_tokens":3}}'""",
    "claude": """echo '{"type":"result","is_error":false,"result":"ok","permission_denials":[]}'""",
}


class Run(NamedTuple):
    """One start of a recording program."""

    program: str  # its path, as it was found
    argv: list[str]  # without the program
    env: dict[str, str]
    cwd: str
    prompt: str


class Machine:
    """What a test works with. The project is the box's, or another directory of the same user."""

    def __init__(self, box: Box, project: Path | None = None) -> None:
        self.box = box
        self.project = project or box.project
        self.dir = self.project / ".wg"
        self.config = box.wg_home / "config.toml"
        self.records = box.root / f"records-{self.project.name}"
        self.bin = box.root / "bin"
        self.gate = self.records / "gate"
        for directory in (self.records, self.bin):
            directory.mkdir(exist_ok=True)

    def install_recorders(self, *names: str) -> None:
        """Put recording programs first on PATH; agents of this project's dispatcher record here."""
        for name in names:
            write_recorder(self.bin / name, name)
        if str(self.bin) not in self.box.env["PATH"].split(":"):
            self.box.env["PATH"] = f"{self.bin}:{self.box.env['PATH']}"

    def wg(self, *argv: str, code: int | None = 0, env: dict[str, str] | None = None) -> Completed:
        """Run `wg` in the project."""
        return self.box.wg(*argv, code=code, env=env, cwd=self.project)

    def start(self, env: dict[str, str] | None = None) -> int:
        """Start the dispatcher; returns its pid."""
        given = {"RECORDS": str(self.records), **(env or {})}
        pid: int = self.wg("--json", "service", "start", env=given).json["pid"]
        return pid

    def add(self, task_id: str, *options: str, run: str = "echo x > $WG_TASK_ID.txt", gated: bool = False) -> str:
        """Add a task for an agent, which makes a file; if `gated` only once `open_gate` was called."""
        wait = f"RUN: while ! test -e '{self.gate}'; do sleep 0.02; done\n" if gated else ""
        self.wg("add", f"The task {task_id}", "--id", task_id, "-d", f"{wait}RUN: {run}", *options)
        return task_id

    def open_gate(self) -> None:
        self.gate.touch()

    def show(self, task_id: str) -> Any:
        return self.wg("--json", "show", task_id).json

    def attempts(self, task_id: str) -> list[Any]:
        found: list[Any] = self.show(task_id)["attempts"]
        return found

    def await_status(self, task_id: str, status: str) -> Any:
        """Await that status; returns the task as `wg show --json` prints it."""

        def reached() -> Any:
            task = self.show(task_id)
            assert task["status"] not in {"failed", "done", "waiting"} - {status}, task
            return task if task["status"] == status else None

        return wait_for(reached, f"{task_id} is {status}")

    def runs(self, task_id: str) -> list[Run]:
        """Every start of a recording program for that task."""
        return [_read(path) for path in sorted(self.records.glob(f"{task_id}.*.argv"))]

    def await_run(self, task_id: str) -> Run:
        """Await that a recording program has been started for that task."""
        found: list[Run] = wait_for(lambda: self.runs(task_id), f"an agent is started for {task_id}")
        return found[0]

    def done(self, task_id: str) -> Run:
        """Await that the task is done, by one attempt and one start of a program; returns that start."""
        task = self.await_status(task_id, "done")
        assert len(task["attempts"]) == 1, task["attempts"]
        (run,) = self.runs(task_id)
        return run

    def processes(self) -> list[tuple[psutil.Process, list[str], dict[str, str]]]:
        """Every process of this machine with its command line and environment."""
        found = []
        for process in self.box.processes():
            try:
                found.append((process, process.cmdline(), process.environ()))
            except psutil.Error:
                continue  # it has just ended
        return [one for one in found if one[1]]

    def dispatcher_log(self) -> str:
        return (self.dir / "service" / "dispatcher.log").read_text()

    def status(self) -> str:
        """All that `wg status` prints, on both streams."""
        printed = self.wg("status", code=None)
        return f"{printed.out}{printed.err}"


def started(box: Box, mode: str = "symlink", project: Path | None = None) -> Machine:
    """A git project on codex with recording agents, whose dispatcher runs."""
    box.env["WG_PROFILE_MODE"] = mode
    machine = Machine(box, project)
    machine.install_recorders("codex", "claude")
    machine.project.mkdir(exist_ok=True)
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        box.git(*command, cwd=machine.project)
    machine.wg("profile", "use", "codex")
    machine.wg("init")
    machine.start()
    return machine


def write_recorder(path: Path, name: str) -> None:
    """A recording program that ends as `name` (codex or claude) does."""
    path.write_text(_PROGRAM.format(events=_EVENTS[name]))
    path.chmod(0o755)


def digest(path: Path) -> str:
    """What WG_CONFIG_SHA256 is of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(argv: Path) -> Run:
    program, *arguments = argv.read_text().removesuffix("\0").split("\0")
    pairs = argv.with_suffix(".env").read_text().removesuffix("\0").split("\0")
    env = dict(pair.split("=", 1) for pair in pairs)
    cwd = argv.with_suffix(".cwd").read_text().rstrip("\n")
    return Run(program, arguments, env, cwd, argv.with_suffix(".prompt").read_text())
