"""The pointer file `active-profile`, which stands in for the link in copy mode (SPEC-profiles.md, section 5).

Line 1 is the name, line 2 `sha256:` of what was copied; while a switch is under way, line 3 is
`next: <name> sha256:…`. A project's pin has line 1 only. The original's pointer in the home has line 1 only, too:
that tells an install that has still to be migrated.
"""

from __future__ import annotations

import os

from wg.files import write_atomically
from wg.records import NamedTuple

POINTER = "active-profile"
_SCHEME = "sha256:"


class Pointer(NamedTuple):
    """What the pointer file says; empty texts for what it does not."""

    name: str
    digest: str = ""
    next_name: str = ""
    next_digest: str = ""

    def as_text(self) -> str:
        lines = [self.name]
        if self.digest:
            lines.append(f"{_SCHEME}{self.digest}")
        if self.next_name:
            lines.append(f"next: {self.next_name} {_SCHEME}{self.next_digest}")
        return "\n".join(lines) + "\n"


def pointer_path(directory: str) -> str:
    """Where the pointer of a home, or of a project's `.wg`, stands."""
    return os.path.join(directory, POINTER)


def read(directory: str) -> Pointer | None:
    """The pointer in `directory`, or None if there is none or it names nothing."""
    try:
        with open(pointer_path(directory), encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    name = lines[0].strip()
    if not name:
        return None
    digest = lines[1].strip().removeprefix(_SCHEME) if len(lines) > 1 else ""
    following = lines[2].split() if len(lines) > 2 else []
    if len(following) == 3 and following[0] == "next:":
        return Pointer(name, digest, following[1], following[2].removeprefix(_SCHEME))
    return Pointer(name, digest)


def write(directory: str, pointer: Pointer) -> None:
    """Put the pointer in place in one step."""
    write_atomically(pointer_path(directory), pointer.as_text().encode())
