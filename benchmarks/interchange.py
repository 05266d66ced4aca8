"""What `wg export` and `wg import` cost: the only commands that read or write the whole graph."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.startup import BARE, Command
from tests.harness import WG, Box

ROUNDS = 2


def exists(box: Box) -> bool:
    """Whether this wg has the two commands."""
    listed = box.wg("--help").out
    return all(f"\n  {name} " in listed for name in ("export", "import"))


def commands(box: Box) -> tuple[Command, ...]:
    """Export the project's graph, and import that into a project of its own each time."""
    exported = box.root / "exported.jsonl"
    with exported.open("wb") as file:
        subprocess.run([WG, "export"], cwd=box.project, env=box.env, stdout=file, check=True)
    imports = [
        (WG, "--dir", str(_project(box, number)), "import", str(exported))
        for number in range(ROUNDS + 2)  # each round's, the first one's that only fills caches, and one for its memory
    ]
    return (BARE, Command("export", ((WG, "export"),), None), Command("import", tuple(imports), None))


def _project(box: Box, number: int) -> Path:
    made = box.root / f"import-{number}"
    made.mkdir()
    box.wg("init", cwd=made)
    return made
