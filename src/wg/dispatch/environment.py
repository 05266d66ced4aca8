"""The environment that dispatchers and agents run in: whose it was, minus every variable of wg's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from wg.errors import WgError

# where the home is, not what runs: it must stay, or the home would be another one
_HOME = "WG_HOME"
# set inside git's hooks and aliases: an agent's git would then work on that repository, and not on its worktree
_OF_A_GIT_COMMAND = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
)


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without wg's variables, so that no shell's WG_PROFILE decides what a dispatcher or agent runs.

    The home is named absolutely: they work in other directories than the shell that named it.
    """
    kept = {name: value for name, value in environment.items() if _is_passed_on(name)}
    if kept.get(_HOME):
        kept[_HOME] = os.path.abspath(kept[_HOME])
    return kept


def _is_passed_on(name: str) -> bool:
    return name == _HOME or not (name.startswith("WG_") or name in _OF_A_GIT_COMMAND)


def own_program() -> str:
    """The absolute path of this program's `wg`: what runs now, else the one beside this Python.

    Never one found on PATH: that may be another program. WgError where there is none (a package not installed).
    """
    beside = os.path.join(os.path.dirname(sys.executable), "wg")
    for candidate in (sys.argv[0], beside):
        path = os.path.abspath(candidate)
        if os.path.basename(path) == "wg" and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise WgError("the command wg is not installed", "install it, for example with: uv tool install .")
