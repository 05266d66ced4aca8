"""`wg profile use`: another profile in force, in one atomic step and with nothing lost (sections 4 and 5)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from wg import locations
from wg.config.load import Config, require_valid
from wg.config.starters import STARTERS, starter_text
from wg.errors import NotFoundError, UsageError, WgError
from wg.files import write_atomically
from wg.locations import Project
from wg.profiles import entry, heal, keeping, names, selection, state, swap
from wg.profiles import pin as pins
from wg.profiles.entry import Entry
from wg.profiles.names import CONFIG, snapshot_path
from wg.profiles.state import State
from wg.records import NamedTuple

AUTO, GLOBAL, PROJECT = "auto", "global", "project"


class Switched(NamedTuple):
    """What `use` did."""

    name: str  # the profile now in force there, "" for a foreign link brought back
    config: str  # the config.toml that was switched
    target: str  # what it leads to
    was: str  # what it led to before, for people
    warnings: list[str]  # about the file now in force, each with file and line
    notes: list[str]  # what else was done, and how to undo it


class Detached(NamedTuple):
    """What a config.toml that has become a plain file holds, and the snapshot that takes it."""

    data: bytes
    name: str


def use(project: Project | None, name: str, scope: str = AUTO) -> Switched:
    """Put the profile `name` in force; `-` is the one before.

    `scope`: GLOBAL swaps the home's link, PROJECT pins the project, AUTO swaps the link and then lifts the project's
    pin. A starter that is not installed is installed first. Raises ConfigError for an invalid snapshot,
    NotFoundError for a missing one, WgError if something is in the way; nothing has changed then.
    """
    if name != "-":
        names.check(name)
    if scope == PROJECT:
        return _use_in_project(project, name)
    pin = selection.pin_of(project) if scope == AUTO else None
    if pin is not None and project is not None:
        pins.require_liftable(project, pin)
    switched = _use_globally(name)
    if pin is not None and project is not None:
        switched.notes.append(pins.lift(project, pin))
    return switched


def _use_in_project(project: Project | None, name: str) -> Switched:
    if project is None:
        raise NotFoundError("--project needs a project, and there is none here", "make one with: wg init")
    if name == "-":
        raise UsageError("a project's pin has no previous one", "name the profile")
    home = locations.home()
    with state.locked(home):
        before = entry.look(project.dir, home)
        own = snapshot_path(project.dir, name)
        path = own if os.path.isfile(own) else _require_snapshot(home, name)
        warnings = _validate(path, swap.read(path))
        kept = pins.pin(project, path, name)
        state.remember_project(home, project.dir)
    after = entry.look(project.dir, home)
    was = "not pinned" if before.kind == entry.ABSENT else _was(before)
    return Switched(name, after.path, after.target, was, warnings, [kept] if kept else [])


def _use_globally(name: str) -> Switched:
    home = locations.home()
    if name != "-":
        _require_known(home, name)
    with state.locked(home):
        notes = heal.heal(home)
        before = entry.look(home, home)
        if before.kind == entry.NOT_A_FILE:
            raise WgError(f"{before.path} is not a file", "move it away, then run this again")
        remembered = state.read_state(home)
        if name == "-" and remembered.previous_target:
            warnings = _back_to_foreign(home, before, remembered, notes)
        else:
            name = _previous(remembered) if name == "-" else name
            warnings = _switch(home, name, before, remembered, notes)
        after = entry.look(home, home)
    if before.kind == entry.FOREIGN:
        notes.append(f"the link led to {before.target}; bring it back with: wg profile use -")
    target = after.target or f"{CONFIG}.{after.name}"
    return Switched(after.name, after.path, target, _was(before), warnings, notes)


def _switch(home: str, name: str, before: Entry, remembered: State, notes: list[str]) -> list[str]:
    """The switch itself, under the lock; returns warnings about the file."""
    path = _require_snapshot(home, name)
    detached = _detached(home, before, remembered)
    content = detached.data if detached and detached.name == name else swap.read(path)
    warnings = _validate(path, content)
    _keep(home, detached, notes)
    previous = _as_previous(before, detached, remembered, name)
    with _under_way(home, remembered, previous._replace(pending=name)):
        swap.activate(home, name)
    state.write_state(home, previous._replace(linked=name, digest=swap.digest_of(content)))
    return warnings


def _back_to_foreign(home: str, before: Entry, remembered: State, notes: list[str]) -> list[str]:
    target = remembered.previous_target
    path = os.path.join(home, target)
    if not os.path.isfile(path):
        raise NotFoundError(f"the previous config was {target}, which is not there any more", "wg profile list")
    if swap.mode(home) != swap.SYMLINK:
        raise WgError(f"the previous config was a link to {target}, and links cannot be made here")
    warnings = _validate(path, swap.read(path))
    detached = _detached(home, before, remembered)
    _keep(home, detached, notes)
    previous = _as_previous(before, detached, remembered, "")
    with _under_way(home, remembered, previous._replace(pending=target)):
        swap.link(home, target)
    state.write_state(home, previous)
    return warnings


@contextlib.contextmanager
def _under_way(home: str, remembered: State, during: State) -> Iterator[None]:
    """The state says that a switch is under way; if that fails, it is again as it was."""
    state.write_state(home, during)
    try:
        yield
    except (OSError, WgError):
        state.write_state(home, remembered)
        raise


def _previous(remembered: State) -> str:
    if not remembered.previous:
        raise NotFoundError("there is no previous profile", "wg profile list shows what there is")
    return remembered.previous


def _as_previous(before: Entry, detached: Detached | None, remembered: State, name: str) -> State:
    """The state in which what was in force is the one to go back to; using the same one again changes nothing."""
    if before.kind == entry.FOREIGN:
        return State(previous_target=before.target)
    was = detached.name if detached else before.name
    if was and was != name:
        return State(previous=was)
    return State(previous=remembered.previous, previous_target=remembered.previous_target)


def _require_known(home: str, name: str) -> None:
    """Raises NotFoundError, before a home is made for the lock, if there is no such profile and no such starter."""
    if name not in STARTERS and not os.path.lexists(snapshot_path(home, name)):
        raise names.missing(name, [*names.installed(home), *STARTERS])


def _require_snapshot(home: str, name: str) -> str:
    """The path of a global snapshot; a starter that is missing is installed."""
    path = snapshot_path(home, name)
    if os.path.isfile(path):
        return path
    if os.path.lexists(path) or name not in STARTERS:
        raise names.missing(name, [*names.installed(home), *STARTERS])
    write_atomically(path, starter_text(name).encode())
    return path


def _detached(home: str, before: Entry, remembered: State) -> Detached | None:
    if before.kind != entry.DETACHED:
        return None
    data = swap.read(before.path)
    return Detached(data, _where_to_keep(home, data, remembered))


def _keep(home: str, detached: Detached | None, notes: list[str]) -> None:
    if detached and not keeping.holds(home, detached.name, detached.data):
        write_atomically(snapshot_path(home, detached.name), detached.data)
        notes.append(f"{CONFIG} had become a plain file; what it held is kept in {CONFIG}.{detached.name}")


def keep_aside(home: str) -> list[str]:
    """Keep what a detached config.toml holds as a snapshot of its own, for a profile that is to be written anew.

    Returns what was done, for people. Only under the lock.
    """
    found = entry.look(home, home)
    if found.kind != entry.DETACHED:
        return []
    name = keeping.keep(home, swap.read(found.path), _name_aside(state.read_state(home)))
    return [f"{CONFIG} had become a plain file; what it held is kept in {CONFIG}.{name}"]


def _where_to_keep(home: str, data: bytes, remembered: State) -> str:
    """The snapshot that takes what a detached config.toml held.

    That is one that has it already, else the one last linked, if it is unchanged since. That one is not trusted where
    another snapshot is more like the content: then the link may have been set by hand in between, and writing would
    overwrite another profile.
    """
    if holder := keeping.holder_of(home, data):
        return holder
    last = remembered.linked if not remembered.pending else ""
    if last and os.path.isfile(snapshot_path(home, last)):
        content = swap.read(snapshot_path(home, last))
        unchanged = swap.digest_of(content) == remembered.digest
        if unchanged and _is_nearest(home, last, data):
            return last
    return names.free_name(home, _name_aside(remembered))


def _name_aside(remembered: State) -> str:
    return f"{remembered.linked}-edited" if remembered.linked else "detached"


def _is_nearest(home: str, name: str, data: bytes) -> bool:
    """Whether no snapshot is more like `data` than `name` is."""
    from difflib import SequenceMatcher  # only for a detached config.toml

    def likeness(other: str) -> float:
        lines = swap.read(snapshot_path(home, other)).splitlines()
        return SequenceMatcher(None, lines, data.splitlines(), autojunk=False).ratio()

    return likeness(name) >= max(likeness(other) for other in names.installed(home))


def _validate(path: str, data: bytes) -> list[str]:
    config = require_valid(Config(path, data))
    return [warning.at(path) for warning in config.warnings]


def _was(before: Entry) -> str:
    if before.kind == entry.ABSENT:
        return "nothing"
    return before.name or before.target or before.kind
