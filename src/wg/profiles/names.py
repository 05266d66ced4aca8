"""Profile names, and the snapshots that carry them: `config.toml.<name>` beside `config.toml`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from wg.errors import NotFoundError, UsageError

CONFIG = "config.toml"
MAX_LENGTH = 64
RESERVED = ("bak", "orig", "tmp", "swp", "lock", "old", "new", "none", "default", "active")
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz")
_REST = _FIRST | frozenset("0123456789_-")


def is_valid(name: str) -> bool:
    """Whether `name` may be a profile's: `^[a-z][a-z0-9_-]{0,63}$`, not reserved, and no `bak…` of the original."""
    fits = 0 < len(name) <= MAX_LENGTH and name[0] in _FIRST and _REST.issuperset(name)
    return fits and name not in RESERVED and not name.startswith("bak")


def check(name: str, origin: str = "") -> str:
    """`name` itself. Raises UsageError saying what a name must be; `origin` says who gave it, as in WG_PROFILE."""
    if is_valid(name):
        return name
    given = f"{origin}: " if origin else ""
    if name in RESERVED or name.startswith("bak"):
        hint = f"reserved: {', '.join(RESERVED)}, and all that begin with bak"
        raise UsageError(f"{given}the profile name {name!r} is reserved", hint)
    shown = name if len(name) <= MAX_LENGTH else f"{name[:20]}… ({len(name)} characters)"
    hint = f"a letter first, then letters, digits, _ or -, all lower case, at most {MAX_LENGTH} in all"
    raise UsageError(f"{given}{shown!r} cannot be a profile's name", hint)


def snapshot_path(directory: str, name: str) -> str:
    """Where the snapshot of that name stands in a home or a project's `.wg`."""
    return os.path.join(directory, f"{CONFIG}.{name}")


def name_of(path: str) -> str:
    """The profile name that a path's last part carries, or "" if it carries none."""
    file_name = os.path.basename(path)
    name = file_name.removeprefix(f"{CONFIG}.")
    return name if name != file_name and is_valid(name) else ""


def installed(directory: str) -> list[str]:
    """Names of the snapshots in `directory`, sorted. Versions (`codex.2026-05-11`), backups and temp files are none."""
    try:
        found = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(
        name_of(entry) for entry in found if name_of(entry) and os.path.isfile(os.path.join(directory, entry))
    )


def missing(name: str, known: list[str], hint: str = "", origin: str = "") -> NotFoundError:
    """The error for a profile that is not there, with the closest one that is; `origin` as in `check`."""
    from wg.text import closest

    near = closest(name, known)
    suggestion = f"did you mean {near}?" if near else "wg profile list shows what there is"
    asked = f", which {origin} asks for" if origin else ""
    return NotFoundError(f"there is no profile {name!r}{asked}", hint or suggestion)


def candidates(wanted: str) -> Iterator[str]:
    """`wanted`, `wanted-2`, `wanted-3`, …: those that are valid names."""
    base = f"p-{wanted}" if wanted.startswith("bak") else wanted
    if is_valid(base):
        yield base
    number = 2
    while True:
        yield f"{base[: MAX_LENGTH - 6]}-{number}"
        number += 1


def free_name(directory: str, wanted: str) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no snapshot in `directory` has."""
    return next(name for name in candidates(wanted) if not os.path.lexists(snapshot_path(directory, name)))


def normalized(old: str) -> str:
    """An old name made valid: lower case, other characters become `-`. It may still be taken or reserved."""
    name = "".join(c if c in _REST else "-" for c in old.lower())[:MAX_LENGTH]
    return name if name[:1] in _FIRST else f"p{name}"[:MAX_LENGTH]
