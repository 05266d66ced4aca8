"""Keeping what would otherwise be overwritten, as a snapshot of its own, once."""

from __future__ import annotations

import os

from wg.files import write_atomically
from wg.profiles import swap
from wg.profiles.names import free_name, installed, snapshot_path


def keep(directory: str, data: bytes, wanted: str, besides: str = "") -> str:
    """Save `data` as a snapshot, under `wanted` or the next free name; returns that name. Only under the lock.

    If a snapshot holds it already, that one's name is returned: a command that was killed and is run again must not
    pile up copies. `besides` is one that does not count, because it is about to be overwritten.
    """
    held = holder_of(directory, data, besides)
    if held:
        return held
    name = free_name(directory, wanted)
    write_atomically(snapshot_path(directory, name), data)
    return name


def holder_of(directory: str, data: bytes, besides: str = "") -> str:
    """The snapshot in `directory` that is byte for byte `data`, or ""."""
    others = (name for name in installed(directory) if name != besides)
    return next((name for name in others if holds(directory, name, data)), "")


def holds(directory: str, name: str, data: bytes) -> bool:
    """Whether the snapshot of that name is there and is byte for byte `data`."""
    path = snapshot_path(directory, name)
    return os.path.isfile(path) and swap.read(path) == data
