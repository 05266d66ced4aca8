"""What `scripts/demo` shows. Every command is printed before it runs; one that fails ends the demo with its exit code.

The agents' part uses the real codex and claude of scripts/install-clis, against the scripted model of `wg rehearse`: no
account, no network.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn

from scripts import real_model
from tests.clis import Clis, installed
from tests.harness import WG, Box, wait_for
from tests.rehearsal import Rehearsal

PATIENCE_S = 120
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


class StepFailedError(Exception):
    """A command of the demo failed."""


class Demo:
    """A user at a shell, in a box of their own."""

    def __init__(self, root: Path) -> None:
        self.box = Box(root)
        programs = root / "programs"
        programs.mkdir()
        (programs / "wg").symlink_to(WG)
        del self.box.env["WG_HOME"]  # ~/.wg, as a user has it
        self.box.env["PATH"] = f"{programs}:{self.box.env['PATH']}"

    def step(self, command: str, *, why: str = "") -> None:
        """Print a command, with a line on what it is for, and run it."""
        print()
        if why:
            print(f"# {why}")
        print(f"{BOLD}$ {command}{PLAIN}", flush=True)
        code = subprocess.run(
            ["bash", "-c", command], cwd=self.box.project, env=self.box.env, stdin=subprocess.DEVNULL
        ).returncode
        if code:
            raise StepFailedError(f"exit {code}: {command}")

    def await_done(self, task: str) -> None:
        """Let the dispatcher work until the task is over; it must be done."""

        def over() -> str:
            status: str = self.box.wg("show", task, "--json").json["status"]
            return status if status in ("done", "failed", "abandoned", "waiting") else ""

        print(f"\n# the dispatcher works … until {task} is over", flush=True)
        status = wait_for(over, f"{task} is over", PATIENCE_S)
        if status != "done":
            self.step(f"wg show {task}")
            raise StepFailedError(f"{task} is {status}, not done")


def chapter(title: str) -> None:
    print(f"\n\n{BOLD}== {title}{PLAIN}", flush=True)


def profiles(demo: Demo) -> None:
    chapter("1. Profiles: complete config files, and one link that says which is in force")
    demo.step("wg profile install", why="the starters: each one is a whole config file that works as it is")
    demo.step("wg profile use codex", why="one atomic step: the link is replaced, never absent")
    demo.step("readlink ~/.wg/config.toml", why="nothing hidden: the link is the active profile")
    demo.step("grep 'model = ' ~/.wg/config.toml", why="nothing merged: what is in that one file is what runs")
    demo.step("wg status", why="what it makes run, and where that comes from")
    demo.step("wg profile use claude", why="another agent, everywhere, at once")
    demo.step("readlink ~/.wg/config.toml && wg status")
    demo.step("wg profile use -", why="and back to the one before")
    demo.step("readlink ~/.wg/config.toml")


def graph(demo: Demo) -> None:
    chapter("2. A small graph of shell tasks")
    demo.step(
        "git init -q && echo 'A demo.' >README && git add README && git commit -qm 'Begin'",
        why="a repository to work in",
    )
    demo.step("wg init")
    demo.step("wg add 'Write the numbers' --id numbers --exec 'seq 1 10 >numbers.txt'")
    demo.step(
        "wg add 'Add them up' --id sum --after numbers --exec 'echo $(($(paste -sd+ numbers.txt))) >sum.txt'",
        why="this one and the next need the numbers, and not each other",
    )
    demo.step("wg add 'Count them' --id count --after numbers --exec 'wc -l <numbers.txt >count.txt'")
    demo.step(
        "wg add 'Report' --id report --after sum,count --check 'grep -q 55 report.txt' "
        """--exec 'echo "sum $(cat sum.txt) of $(cat count.txt)" >report.txt'""",
        why="needs both; done only if its check passes, too",
    )
    demo.step("wg list", why="[!] waits for others")
    demo.step("wg service start", why="the dispatcher starts what is ready, in the background")
    demo.await_done("report")
    demo.step("wg list")
    demo.step("wg show report")
    demo.step("cat report.txt")
    demo.step("wg service stop")


def nex(demo: Demo, rehearsal: Rehearsal) -> None:
    chapter("3. nex, the agent in the box, with a script in place of the model")
    print("\n# a model on 127.0.0.1 that says what a script says; see docs/rehearsal.md")
    print(f"{BOLD}$ wg rehearse --record {rehearsal.record} &{PLAIN}", flush=True)
    demo.step("wg profile use nex", why="any OpenAI-compatible endpoint: Ollama, llama.cpp, vLLM, OpenRouter, …")
    demo.step(f"wg endpoints add rehearsal {rehearsal.url} --default", why="here: the script")
    demo.step("wg endpoints test rehearsal", why="what it can do, and how quickly")
    tasks = {
        "data": (("write data.txt 3 1 2", "final The numbers are there."), ""),
        "sorted": (("run tr ' ' '\\n' <data.txt | sort >sorted.txt", "final Sorted."), "data"),
        "largest": (('call read_file {"path": "sorted.txt"}', "write largest.txt 3", "final It is 3."), "sorted"),
    }
    for task, (script, after) in tasks.items():
        description = "".join(f"REHEARSE: {line}\n" for line in script)
        options = f"--after {after} " if after else ""
        demo.step(f"wg add 'Make {task}.txt' --id {task} {options}-d {shlex.quote(description)}")
    demo.step("wg service start", why="each agent works in a git worktree of its own, by calls of its tools")
    demo.await_done("largest")
    demo.step("wg attach largest", why="what it did")
    demo.step("wg attempts largest && cat sorted.txt && git log --oneline --graph", why="and what came of it: merged")
    demo.step("wg service stop && wg profile use -")


def agents(demo: Demo, clis: Clis, rehearsal: Rehearsal) -> None:
    chapter("4. The real codex and claude, with the same script")
    box = demo.box
    box.env |= rehearsal.codex_env(box.home / ".codex") | rehearsal.claude_env(box.home / ".claude")
    box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
    demo.step("codex --version 2>/dev/null && claude --version")
    demo.step("rm *.txt", why="what the shell tasks made is no longer needed")
    demo.step("wg service start")
    demo.step("wg add 'Make a file' --id first", why="no --exec: an agent works on it, the one that the profile names")
    demo.step("wg explain first", why="which one, why, and by what command line")
    demo.await_done("first")
    demo.step("wg profile use claude", why="the running dispatcher follows by itself")
    demo.step("wg add 'Make another file' --id second")
    demo.await_done("second")
    demo.step("wg show second", why="what ran, on which config, is kept with the attempt")
    demo.step("git log --oneline --graph", why="each worked on a branch of its own; the results are merged")
    demo.step("wg list && wg service stop")
    asked = [(request["protocol"], request["model"]) for request in rehearsal.requests()]
    print("\n# what the rehearsal was asked for, in order")
    for protocol, model in dict.fromkeys(asked):
        print(f"  {model} ({protocol})")


def run(root: Path, *, with_model: bool) -> None:
    """The whole demo, in `root`. Ends every process it started."""
    demo = Demo(root)
    try:
        print(f"# everything happens in {root}, with a home of its own")
        profiles(demo)
        graph(demo)
        if with_model:
            chapter("2b. A real model, computed on this machine")
            real_model.show(demo)
            demo.step("wg profile use codex", why="and back")
        else:
            print(f"\n# {real_model.OFFER}")
        with Rehearsal(root / "requests.jsonl", demo.box.env) as rehearsal:
            nex(demo, rehearsal)
            clis = installed()
            if clis is None:
                print("\n# codex and claude are not here (scripts/install-clis needs node): part 4 is left out")
                return
            agents(demo, clis, rehearsal)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # impatience must not leave processes behind
            signal.signal(number, signal.SIG_IGN)
        demo.box.close()


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    """0 if every step worked; 1 if one failed; 130 if it was interrupted."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="Show wg at work, in a directory of its own.")
    parser.add_argument("--real-model", action="store_true", help=f"{real_model.OFFER.partition(' adds ')[2]}, too")
    with_model = parser.parse_args().real_model
    signal.signal(signal.SIGTERM, _terminated)
    root = Path(os.path.realpath(tempfile.mkdtemp(prefix="wg-demo-")))
    try:
        run(root, with_model=with_model)
    except (StepFailedError, AssertionError) as error:
        print(f"\ndemo: failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("\ndemo: done, and nothing is left behind")
    return 0


if __name__ == "__main__":
    sys.exit(main())
