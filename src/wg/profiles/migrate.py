"""The home of the original made ours, once, on the first run after the upgrade (SPEC-profiles.md, section 9).

Order, under the lock: completed files, renames, link, and the old pointer last. Every step leaves a state from which
the same function goes on: killed anywhere and run again it completes; run again after that it changes nothing.
"""

from __future__ import annotations

import os

from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ROLES
from wg.files import remove_if_there, write_atomically
from wg.profiles import pointer, state, swap
from wg.profiles.completion import complete, is_toml, is_whole, provider_of
from wg.profiles.names import CONFIG, candidates, installed, normalized, snapshot_path
from wg.profiles.pointer import pointer_path
from wg.profiles.state import State


def migrate(home: str) -> list[str]:
    """Migrate the home; returns what was done, for people. Only under the lock."""
    pointed = pointer.read(home)
    old_active = pointed.name if pointed and not pointed.digest else ""
    base = _plain_config(home)
    notes: list[str] = []
    sources = pointer.old_profiles(home)
    active = _write_snapshots(home, sources, old_active, base, notes)
    if active:
        state.write_state(home, State(pending=active))
    for old in sources:
        os.unlink(_old_path(home, old))
    if os.path.isdir(pointer.old_directory(home)) and not os.listdir(pointer.old_directory(home)):
        os.rmdir(pointer.old_directory(home))
    if old_active:
        _activate(home, active, notes)
    return notes


def _write_snapshots(home: str, sources: list[str], old_active: str, base: bytes | None, notes: list[str]) -> str:
    """The first step: every file that will be, beside what is there. Returns the active profile's new name, or ""."""
    active = ""
    for old in sources:
        data = swap.read(_old_path(home, old))
        if old == old_active and base is not None and _is_newer_copy(base, data):
            active = _put(home, normalized(old), base, notes, f"{CONFIG} (the newer copy of the profile {old})")
            if base != data:
                _put(home, f"{normalized(old)}-saved", data, notes, f"profiles/{old}{pointer.OLD_SUFFIX}")
            continue
        done = complete(data, old, base) if is_toml(data) else data
        name = _put(home, normalized(old), done, notes, f"profiles/{old}{pointer.OLD_SUFFIX}")
        active = name if old == old_active else active
    active = active or _existing(home, old_active)
    if active and base is not None and not _has_content(home, base):
        _put(home, "base", base, notes, f"the old {CONFIG}")
    if not active and old_active and base is not None:
        active = _put(home, normalized(old_active), base, notes, CONFIG)
    return active


def _existing(home: str, old_active: str) -> str:
    """The active profile's new name, where a run that was killed has moved its file already; else ""."""
    for name in (state.read_state(home).pending, normalized(old_active) if old_active else ""):
        if name and os.path.isfile(snapshot_path(home, name)):
            return name
    return ""


def _is_newer_copy(base: bytes, profile: bytes) -> bool:
    """Whether the base config is the profile as it was copied over it, perhaps edited since."""
    return is_whole(base) and provider_of(base) != "" and provider_of(base) == provider_of(profile)


def _put(home: str, wanted: str, data: bytes, notes: list[str], source: str) -> str:
    """Write a snapshot under `wanted` or the next free name, unless an earlier run has done so; returns the name."""
    name = next(
        name
        for name in candidates(wanted)
        if not os.path.lexists(snapshot_path(home, name)) or _holds(home, name, data)
    )
    if not os.path.lexists(snapshot_path(home, name)):
        write_atomically(snapshot_path(home, name), data)
    notes.append(f"{source} is now {CONFIG}.{name}{routes_text(name, data)}")
    return name


def _activate(home: str, active: str, notes: list[str]) -> None:
    """The last two steps: link, then pointer (in copy mode the copy, which renews the pointer last)."""
    path = os.path.join(home, CONFIG)
    if os.path.islink(path) and not _is_linked(path, active):
        notes.append(f"{path} is a link to {os.readlink(path)} and stays one; wg profile use switches")
        remove_if_there(pointer_path(home))
    elif active:
        digest = swap.digest_of(swap.read(snapshot_path(home, active)))
        swap.activate(home, active)
        state.write_state(home, State(linked=active, digest=digest))
        notes.append(f"{active} is the active profile, as before")
    else:
        remove_if_there(pointer_path(home))


def _is_linked(path: str, active: str) -> bool:
    """Whether the link at `path` leads to the snapshot already."""
    return os.readlink(path) == f"{CONFIG}.{active}"


def _old_path(home: str, old: str) -> str:
    return os.path.join(pointer.old_directory(home), f"{old}{pointer.OLD_SUFFIX}")


def _plain_config(home: str) -> bytes | None:
    path = os.path.join(home, CONFIG)
    return swap.read(path) if os.path.isfile(path) and not os.path.islink(path) else None


def _holds(home: str, name: str, data: bytes) -> bool:
    path = snapshot_path(home, name)
    return os.path.isfile(path) and swap.read(path) == data


def _has_content(home: str, data: bytes) -> bool:
    """Whether some snapshot is byte for byte `data`."""
    return any(_holds(home, name, data) for name in installed(home))


def routes_text(name: str, data: bytes) -> str:
    """What a migrated profile makes run, as ` (role model, …)`."""
    config = Config(name, data)
    if config.errors:
        return f" (invalid: {config.errors[0].message})"
    specs: dict[str, list[str]] = {}
    for role in ROLES:
        specs.setdefault(resolve(config, role).spec, []).append(role)
    return " (" + "; ".join(f"{spec} for {', '.join(roles)}" for spec, roles in specs.items()) + ")"
