"""Runs the commands of a document's ```console blocks and compares what they print with what the document says.

    .venv/bin/python -m scripts.check_readme [FILE]      (README.md if none is named)

The rules:
- A line `$ COMMAND` is a command; where it ends with a backslash, the next line goes on with it. The lines up to the
  next command are what it prints, stdout and stderr together. Blank lines at the end do not count.
- A line `...` stands for any number of lines, none included.
- All blocks run in order, as one session: in a fresh home, which the document calls /home/you, beginning in
  /home/you/project, a git repository with one commit. `cd` holds for the commands that follow, variables do not. PATH
  has this checkout's `wg` and the system's programs; neither codex nor claude.
- A command must exit 0, unless the document shows that it prints a line beginning with `wg: error:`.
- What differs from run to run is made equal on both sides: dates and times, process ids, `1.2 s`, and hexadecimal
  digits, eight or more of them.
- Commands that only look (LOOKS) are repeated for up to 30 s until they print what the document says: the dispatcher
  works in the background, and a reader looks again, too.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.harness import WG, Box

LOOKS = ("wg list", "wg show", "wg status", "wg log", "wg service status", "git log")
PATIENCE_S, PATIENCE_AFTER_FAULT_S = 30, 5
TIMEOUT_S = 120
HOME = "/home/you"
VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "<time>"),
    (re.compile(r"\b(pid|[Dd]ispatcher) \d+"), r"\1 <n>"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "<n> s"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b"), "<hex>"),
)


class Step(NamedTuple):
    """One command of the document, the line it stands on, and what it is said to print."""

    line: int
    command: str
    expected: list[str]


def steps_of(text: str) -> list[Step]:
    """The commands of all console blocks, in order."""
    steps: list[Step] = []
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and steps and steps[-1].command.endswith("\\"):
            steps[-1] = steps[-1]._replace(command=f"{steps[-1].command}\n{line.removeprefix('> ')}")
        elif inside and line.startswith("$ "):
            steps.append(Step(number, line[2:], []))
        elif inside and steps:
            steps[-1].expected.append(line)
    return steps


def normal(text: str, home: str) -> list[str]:
    """The lines of `text` without what differs from run to run."""
    text = text.replace(home, HOME)
    for pattern, replacement in VARYING:
        text = pattern.sub(replacement, text)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether the lines are the expected ones, where `...` stands for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line.strip() == "..." else f"{re.escape(line)}\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


class Session:
    """The reader's shell, in a box."""

    def __init__(self, root: Path) -> None:
        self.box = Box(root)
        self.box.project = self.box.home / "project"
        self.box.project.mkdir()
        self.box.repository()
        self.cwd = str(self.box.project)
        programs = root / "programs"
        programs.mkdir()
        (programs / "wg").symlink_to(WG)
        del self.box.env["WG_HOME"]
        self.box.env["PATH"] = f"{programs}:/usr/local/bin:/usr/bin:/bin"
        self.box.env["COLUMNS"] = "100"

    def run(self, command: str) -> tuple[int, list[str]]:
        """Run one command; its exit code and the lines it printed."""
        left_in = self.box.root / "cwd"
        script = f"trap 'pwd -P >{left_in}' EXIT\n{command}\n"
        with tempfile.TemporaryFile() as output:  # not a pipe: the dispatcher that a command starts may hold it open
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.cwd,
                env=self.box.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
            )
            output.seek(0)
            printed = output.read().decode(errors="replace")
        self.cwd = left_in.read_text().rstrip("\n")
        return done.returncode, normal(printed, str(self.box.home))

    def fault(self, step: Step, patience: float) -> str:
        """What is not as the document says, or "". `patience`: for how long to look again, in seconds."""
        expected = normal("\n".join(step.expected), HOME)
        may_fail = any(line.startswith("wg: error:") for line in expected)
        deadline = time.monotonic() + (patience if step.command.startswith(LOOKS) else 0)
        while True:
            code, printed = self.run(step.command)
            if matches(expected, printed) and (code == 0 or may_fail):
                return ""
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
        difference = difflib.unified_diff(expected, printed, "document", f"printed (exit {code})", lineterm="")
        return "\n".join(difference) or f"exit {code}"


def check(document: Path) -> int:
    """Run the document's commands; the number of those that did something else than it says."""
    steps = steps_of(document.read_text())
    if not steps:
        print(f"{document}: there is no command in a ```console block")
        return 1
    faults = 0
    with tempfile.TemporaryDirectory() as scratch:
        session = Session(Path(os.path.realpath(scratch)))
        try:
            for step in steps:
                fault = session.fault(step, PATIENCE_AFTER_FAULT_S if faults else PATIENCE_S)
                if fault:
                    faults += 1
                    print(f"{document}:{step.line}: $ {step.command}\n{fault}\n")
        finally:
            session.box.close()
    print(f"{document}: {len(steps)} commands, {faults} not as it says")
    return faults


if __name__ == "__main__":
    sys.exit(1 if check(Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")) else 0)
