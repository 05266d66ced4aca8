"""The home of the original made ours, once, on the first run after the upgrade (SPEC-profiles.md, section 9).

Order, under the lock: completed files, renames, link, and the old pointer last. Every step leaves a state from which
the same function goes on: killed anywhere and run again it completes; run again after that it changes nothing.
"""

from __future__ import annotations

import os

from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ROLES
from wg.errors import ConfigError
from wg.files import remove_if_there, write_atomically
from wg.profiles import original, pointer, state, swap
from wg.profiles.completion import complete, is_toml, is_whole, modernized, provider_of
from wg.profiles.keeping import holder_of, holds
from wg.profiles.names import CONFIG, candidates, is_valid, normalized, snapshot_path
from wg.profiles.pointer import pointer_path
from wg.profiles.state import State

_SAVED, _BASE = "saved", "base"


def migrate(home: str) -> list[str]:
    """Migrate the home; returns what was done, for people. Only under the lock."""
    pointed = pointer.read(home)
    old_active = pointed.name if pointed and not pointed.digest else ""
    notes: list[str] = []
    sources = original.profiles(home)
    base = _plain_config(home) if old_active else None
    active = _write_snapshots(home, sources, old_active, base, notes)
    if active:
        state.write_state(home, State(pending=active, put_away=_digest(base)))
    for old in sources:
        os.unlink(original.path(home, old))
    if os.path.isdir(original.directory(home)) and not os.listdir(original.directory(home)):
        os.rmdir(original.directory(home))
    if old_active:
        _activate(home, old_active, active, notes)
    return notes


def _write_snapshots(home: str, sources: list[str], old_active: str, base: bytes | None, notes: list[str]) -> str:
    """The first step: every file that will be, beside what is there. Returns the active profile's new name, or ""."""
    under = _read(os.path.join(home, CONFIG))
    done = {old: _completed(swap.read(original.path(home, old)), old, under) for old in sources}
    newer = base is not None and old_active in done and _is_newer_copy(base, done[old_active])
    active = _put_base_as(home, old_active, base, notes) if newer and base is not None else ""
    for old in sources:
        if newer and old == old_active:
            if swap.read(original.path(home, old)) != base:
                _put(home, f"{normalized(old)}-{_SAVED}", done[old], notes, f"profiles/{old}{original.SUFFIX}")
            continue
        name = _put(home, normalized(old), done[old], notes, f"profiles/{old}{original.SUFFIX}")
        active = name if old == old_active else active
    remembered = state.read_state(home)
    if newer or (base is not None and remembered.put_away == _digest(base)):
        return active or remembered.pending  # an earlier run, which was killed, has put the base away
    if base is not None and not active and _is_free(home, normalized(old_active), _valid(base, old_active)):
        return _put_base_as(home, old_active, base, notes)
    if base is not None and not holder_of(home, base):
        _put(home, _BASE, base, notes, f"the old {CONFIG}")
    return active or _existing(home, old_active, remembered)


def _put_base_as(home: str, old_active: str, base: bytes, notes: list[str]) -> str:
    return _put(home, normalized(old_active), _valid(base, old_active), notes, f"the old {CONFIG}")


def _existing(home: str, old_active: str, remembered: State) -> str:
    """The active profile's new name, where its snapshot is there already; else ""."""
    for name in (remembered.pending, normalized(old_active) if old_active else ""):
        if old_active and is_valid(name) and os.path.isfile(snapshot_path(home, name)):
            return name
    return ""


def _is_newer_copy(base: bytes, profile: bytes) -> bool:
    """Whether the base config is the profile as it was copied over it, perhaps edited since."""
    return is_whole(base) and provider_of(base) != "" and provider_of(base) == provider_of(profile)


def _completed(data: bytes, old: str, under: bytes | None) -> bytes:
    """A profile made complete; one that cannot be edited stays as it is, and shows what is wrong with it."""
    try:
        return complete(data, old, under) if is_toml(data) else data
    except ConfigError:
        return data


def _valid(base: bytes, old_active: str) -> bytes:
    """The old config.toml as it is, but for names that have changed; completed only if nothing could run on it."""
    if not is_toml(base):
        return base
    try:
        renamed = modernized(base)
    except ConfigError:
        return base
    return _completed(base, old_active, None) if Config("", renamed).errors else renamed


def _put(home: str, wanted: str, data: bytes, notes: list[str], source: str) -> str:
    """Write a snapshot under `wanted` or the next free name, unless an earlier run has done so; returns the name."""
    name = next(name for name in candidates(wanted) if _is_free(home, name, data))
    if not os.path.lexists(snapshot_path(home, name)):
        write_atomically(snapshot_path(home, name), data)
    notes.append(f"{source} is now {CONFIG}.{name}{routes_text(name, data)}")
    return name


def _is_free(home: str, name: str, data: bytes) -> bool:
    """Whether `data` can have that name: nothing has it, or it holds just that."""
    return not os.path.lexists(snapshot_path(home, name)) or holds(home, name, data)


def _activate(home: str, old_active: str, active: str, notes: list[str]) -> None:
    """The last two steps: link, then pointer (in copy mode the copy, which renews the pointer last)."""
    path = os.path.join(home, CONFIG)
    if os.path.islink(path) and os.readlink(path) != f"{CONFIG}.{active}":
        notes.append(f"{path} is a link to {os.readlink(path)} and stays one; wg profile use switches")
        remove_if_there(pointer_path(home))
    elif active:
        digest = swap.digest_of(swap.read(snapshot_path(home, active)))
        swap.activate(home, active)
        state.write_state(home, State(linked=active, digest=digest))
        notes.append(f"{active} is the active profile, as before")
    else:
        remove_if_there(pointer_path(home))
        notes.append(f"the active profile was {old_active!r}, and there is none of that name; wg profile use switches")


def _plain_config(home: str) -> bytes | None:
    path = os.path.join(home, CONFIG)
    return swap.read(path) if os.path.isfile(path) and not os.path.islink(path) else None


def _read(path: str) -> bytes | None:
    return swap.read(path) if os.path.isfile(path) else None


def _digest(data: bytes | None) -> str:
    return swap.digest_of(data) if data is not None else ""


def routes_text(name: str, data: bytes) -> str:
    """What a migrated profile makes run, as ` (role model, …)`."""
    config = Config(name, data)
    if config.errors:
        return f" (invalid: {config.errors[0].message})"
    specs: dict[str, list[str]] = {}
    for role in ROLES:
        specs.setdefault(resolve(config, role).spec, []).append(role)
    return " (" + "; ".join(f"{spec} for {', '.join(roles)}" for spec, roles in specs.items()) + ")"
