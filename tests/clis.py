"""The real codex and claude that `scripts/install-clis` put into .clis/."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

DIRECTORY = Path(__file__).parents[1] / ".clis" / "bin"


class Clis(NamedTuple):
    """Paths of the native programs, and the directory that holds both (for PATH)."""

    directory: Path
    codex: Path
    claude: Path


def installed() -> Clis | None:
    """The two programs, or None where one is missing."""
    found = Clis(DIRECTORY, DIRECTORY / "codex", DIRECTORY / "claude")
    return found if os.access(found.codex, os.X_OK) and os.access(found.claude, os.X_OK) else None
