"""Putting another file in force, in one step: a link, or a copy where links cannot be had (section 5).

A reader at any instant sees the old file or the new one, complete; killed at any instant, the result is one of them.
"""

from __future__ import annotations

import hashlib
import os

from wg.errors import UsageError, WgError
from wg.files import remove_if_there, sync_directory, temp_name, write_atomically
from wg.profiles import pointer
from wg.profiles.names import CONFIG, snapshot_path
from wg.profiles.pointer import Pointer

SYMLINK, COPY = "symlink", "copy"
_NOTHING = "-"  # in a pointer whose first switch is under way, for what was not there before


def mode(directory: str) -> str:
    """How profiles are put in force in `directory`: WG_PROFILE_MODE, else found by trying to make a link."""
    forced = os.environ.get("WG_PROFILE_MODE", "")
    if forced:
        if forced not in (SYMLINK, COPY):
            raise UsageError(f"WG_PROFILE_MODE is {forced!r}", f"it may be {SYMLINK} or {COPY}")
        return forced
    probe = temp_name(directory)
    try:
        os.symlink(CONFIG, probe)
    except (OSError, NotImplementedError):
        if not os.access(directory, os.W_OK):
            raise
        return COPY
    os.unlink(probe)
    return SYMLINK


def activate(home: str, name: str) -> None:
    """Make the snapshot `name` the one in force in `home`. The snapshot must be there."""
    if mode(home) == SYMLINK:
        link(home, f"{CONFIG}.{name}")
        remove_if_there(pointer.pointer_path(home))
    else:
        copy(home, name)


def link(directory: str, target: str) -> None:
    """Make `directory`'s config.toml a link to `target`, replacing what is there in one rename.

    `ln -sfn` unlinks first, so that readers see no file for a moment; a rename does not.
    """
    temp = temp_name(directory)
    try:
        os.symlink(target, temp)
        os.replace(temp, os.path.join(directory, CONFIG))
    except OSError as error:
        remove_if_there(temp)
        raise WgError(f"cannot link {os.path.join(directory, CONFIG)} to {target}: {error.strerror}") from None
    sync_directory(directory)


def copy(home: str, name: str) -> None:
    """Copy mode's switch: pointer with the intention, config.toml, final pointer (section 5).

    What a plain config.toml holds has been kept by the caller; its digest in the pointer tells a later run so.
    """
    data = read(snapshot_path(home, name))
    before = pointer.read(home)
    old = before or Pointer(_NOTHING)
    pointer.write(home, Pointer(old.name, old.digest or _digest_in_force(home), name, digest_of(data)))
    try:
        finish_copy(home, name, data)
    except OSError:
        _take_back(home, before, data)
        raise


def _take_back(home: str, before: Pointer | None, data: bytes) -> None:
    """A switch that failed (a full disk) must not be completed by a later run, unless config.toml is there already."""
    if _digest_in_force(home) == digest_of(data):
        return
    if before:
        pointer.write(home, before)
    else:
        remove_if_there(pointer.pointer_path(home))


def finish_copy(home: str, name: str, data: bytes) -> None:
    """The second half of `copy`: config.toml becomes `data`, and the pointer says so."""
    path = os.path.join(home, CONFIG)
    if os.path.islink(path):
        # a link left from symlink mode must neither be written through nor be missing for a moment
        temp = temp_name(home)
        write_atomically(temp, data)
        os.replace(temp, path)
        sync_directory(home)
    else:
        write_atomically(path, data)
    pointer.write(home, Pointer(name, digest_of(data)))


def _digest_in_force(home: str) -> str:
    try:
        return digest_of(read(os.path.join(home, CONFIG)))
    except OSError:
        return _NOTHING  # there is none, or it is a link that leads nowhere


def digest_of(data: bytes) -> str:
    """sha256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(path: str) -> bytes:
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()
