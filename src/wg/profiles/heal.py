"""Copy mode, on any later run: bring config.toml, its snapshot and the pointer together again, by digest.

Nothing is lost: what was edited is carried to the other side, and where both sides were edited both are kept
(SPEC-profiles.md, section 5).
"""

from __future__ import annotations

import os

from wg.files import remove_if_there, write_atomically
from wg.profiles import pointer, swap
from wg.profiles.keeping import keep
from wg.profiles.names import CONFIG, snapshot_path
from wg.profiles.pointer import Pointer, pointer_path


def is_needed(home: str) -> bool:
    """Whether `heal` would do something. Reads only."""
    pointed = pointer.read(home)
    if pointed is None or not pointed.digest:
        return False
    config, snapshot = _contents(home, pointed.name)
    if os.path.islink(os.path.join(home, CONFIG)) or pointed.next_name or config is None or snapshot is None:
        return True
    settled = swap.digest_of(config) == pointed.digest == swap.digest_of(snapshot)
    # finding the mode out needs a link to be made, and where nothing can be written nothing is mended
    return not settled or (os.access(home, os.W_OK) and swap.mode(home) == swap.SYMLINK)


def heal(home: str) -> list[str]:
    """Mend whatever stands apart; returns what was done, for people. Only under the lock of the home."""
    pointed = pointer.read(home)
    if pointed is None or not pointed.digest:
        return []
    if os.path.islink(os.path.join(home, CONFIG)):
        remove_if_there(pointer_path(home))  # somebody linked by hand: the link says more than the pointer
        return []
    notes = _finish_switch(home, pointed) if pointed.next_name else _reconcile(home, pointed)
    healed = pointer.read(home)
    if healed and healed.digest and swap.mode(home) == swap.SYMLINK:
        swap.activate(home, healed.name)
    return notes


def _finish_switch(home: str, pointed: Pointer) -> list[str]:
    """A switch that was killed half way is completed; an edit made to config.toml since then is kept."""
    config, target = _contents(home, pointed.next_name)
    notes = []
    settled = (pointed.digest, pointed.next_digest)
    if config is not None and swap.digest_of(config) not in settled and config != target:
        kept = keep(home, config, f"{pointed.next_name}-edited")
        notes.append(f"what {CONFIG} held is kept in {CONFIG}.{kept}")
    if target is None:
        return [*notes, *_without_target(home, pointed, config)]
    swap.finish_copy(home, pointed.next_name, target)
    return [*notes, f"finished the switch to {pointed.next_name} that was interrupted"]


def _without_target(home: str, pointed: Pointer, config: bytes | None) -> list[str]:
    """The interrupted switch was to a snapshot that is gone: it is made again from its copy, or not switched to."""
    if config is not None and swap.digest_of(config) == pointed.next_digest:
        write_atomically(snapshot_path(home, pointed.next_name), config)
        swap.finish_copy(home, pointed.next_name, config)
        return [f"{CONFIG}.{pointed.next_name} was gone; made again from {CONFIG}"]
    if os.path.isfile(snapshot_path(home, pointed.name)):
        pointer.write(home, Pointer(pointed.name, pointed.digest))
        return [f"the switch to {pointed.next_name} was interrupted, and that profile is gone", *heal(home)]
    remove_if_there(pointer_path(home))
    return [f"the switch to {pointed.next_name} was interrupted, and that profile is gone"]


def _reconcile(home: str, pointed: Pointer) -> list[str]:
    name = pointed.name
    config, snapshot = _contents(home, name)
    if config is None and snapshot is None:
        return []  # nothing to go by: the entry shows as dangling
    if config is None and snapshot is not None:
        swap.finish_copy(home, name, snapshot)
        return [f"{CONFIG} was gone; copied again from {CONFIG}.{name}"]
    assert config is not None
    copied = swap.digest_of(config) == pointed.digest
    if snapshot is None:
        write_atomically(snapshot_path(home, name), config)
        swap.finish_copy(home, name, config)
        return [f"{CONFIG}.{name} was gone; made again from {CONFIG}"]
    return _reconcile_both(home, name, config, snapshot, copied, swap.digest_of(snapshot) == pointed.digest)


def _reconcile_both(
    home: str, name: str, config: bytes, snapshot: bytes, config_as_copied: bool, snapshot_as_copied: bool
) -> list[str]:
    if config == snapshot:
        if not config_as_copied:
            pointer.write(home, Pointer(name, swap.digest_of(config)))
        return []
    if snapshot_as_copied:
        write_atomically(snapshot_path(home, name), config)
        swap.finish_copy(home, name, config)
        return [f"{CONFIG} was edited; the edit is now in {CONFIG}.{name}, too"]
    if config_as_copied:
        swap.finish_copy(home, name, snapshot)
        return [f"{CONFIG}.{name} was edited; the edit is now in {CONFIG}, too"]
    kept = keep(home, config, f"{name}-edited")
    swap.finish_copy(home, kept, config)
    return [
        f"{CONFIG} and {CONFIG}.{name} were both edited: what {CONFIG} held is kept in {CONFIG}.{kept}, "
        f"which stays in force; wg profile use {name} takes the other"
    ]


def _contents(home: str, name: str) -> tuple[bytes | None, bytes | None]:
    """(config.toml, the snapshot), each None where it is not there."""
    return _read(os.path.join(home, CONFIG)), _read(snapshot_path(home, name))


def _read(path: str) -> bytes | None:
    try:
        return swap.read(path)
    except FileNotFoundError:
        return None
