"""`wg` commands that run at the same time on one project."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.harness import WG, Box
from wg.graph.store import Store

Figure = Callable[[str], None]


def start(box: Box, *argv: str, user: str = "ann") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [WG, *argv, "--json"],
        cwd=box.project,
        env={**box.env, "USER": user},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def open_store(box: Box) -> Store:
    return Store.open(str(box.project / ".wg" / "db" / "graph.db"))
