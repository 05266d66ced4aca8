"""What the original program left in the home: its profiles, which were no complete files, and its pointer.

Every command that needs a config looks for it, so this loads nothing that only the migration needs.
"""

from __future__ import annotations

import os

from wg.profiles import pointer
from wg.profiles.names import is_valid

SUFFIX = ".toml"


def is_there(home: str) -> bool:
    """Whether there is something to migrate: the original's pointer, which has one line, or its profiles."""
    pointed = pointer.read(home)
    return (pointed is not None and not pointed.digest) or bool(profiles(home))


def profiles(home: str) -> list[str]:
    """The names of the original's profiles; first those that can stay as they are, so that they do."""
    try:
        found = os.listdir(directory(home))
    except (FileNotFoundError, NotADirectoryError):
        return []
    names = [name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX) and name != SUFFIX]
    names = [name for name in names if os.path.isfile(path(home, name))]
    return sorted(names, key=lambda name: (not is_valid(name), name))


def directory(home: str) -> str:
    """Where they are."""
    return os.path.join(home, "profiles")


def path(home: str, name: str) -> str:
    """The file of one of them."""
    return os.path.join(directory(home), f"{name}{SUFFIX}")
