"""Making, changing, renaming and deleting snapshots (SPEC-profiles.md, section 4)."""

from __future__ import annotations

import os

from wg import locations
from wg.config.load import Config, require_valid, require_valid_result
from wg.config.starters import STARTERS, starter_text
from wg.errors import ConfigError, NotFoundError, WgError
from wg.files import sweep, sync_directory, write_atomically
from wg.locations import Project
from wg.profiles import entry, heal, names, selection, state, swap
from wg.profiles import pin as pins
from wg.profiles.keeping import keep
from wg.profiles.names import CONFIG, snapshot_path
from wg.profiles.selection import Selection


def editable_path(selected: Selection) -> str:
    """The file that an edit of the file in force belongs into: a copied config.toml is edited in its snapshot."""
    if selected.entry.copied and selected.directory == locations.home():
        return snapshot_path(locations.home(), selected.name)
    return selected.path


def write(path: str, text: str) -> Config:
    """Put `text` in place of a config file, if it is valid. Only under the lock. Raises ConfigError otherwise."""
    data = text.encode()
    config = require_valid_result(Config(path, data))
    sweep(os.path.dirname(os.path.realpath(path)))
    write_atomically(path, data)
    home = locations.home()
    remembered = state.read_state(home)
    # of a detached config.toml the snapshot is not the last state: it must not pass for unchanged
    linked = entry.look(home, home).name == remembered.linked != ""
    if linked and os.path.realpath(path) == os.path.realpath(snapshot_path(home, remembered.linked)):
        state.write_state(home, remembered._replace(digest=config.digest))
    heal.heal(home)
    return config


def create(name: str, text: str) -> str:
    """A new global snapshot; returns its path. Raises WgError if there is one of that name."""
    names.check(name)
    home = locations.home()
    with state.locked(home):
        path = snapshot_path(home, name)
        if os.path.lexists(path):
            raise WgError(f"the profile {name!r} exists: {path}", f"change it with: wg profile edit {name}")
        write(path, text)
    return path


def install(force: bool = False) -> tuple[list[str], list[str]]:
    """Write the starters that are missing; with `force` all of them, each old one kept under the next free name.

    Returns the names written, and a note for each one kept.
    """
    home = locations.home()
    with state.locked(home):
        notes = []
        written = []
        for name in STARTERS:
            note = put_starter(home, name, starter_text(name), force)
            if note is not None:
                written.append(name)
                notes += [note] if note else []
    return written, notes


def put_starter(directory: str, name: str, text: str, force: bool) -> str | None:
    """Write a snapshot from a template: None if one is there and stays, else a note on what was kept, or "".

    Only under the lock.
    """
    path = snapshot_path(directory, name)
    if not os.path.lexists(path):
        write_atomically(path, text.encode())
        return ""
    if not force or swap.read(path) == text.encode():
        return None
    kept = keep(directory, swap.read(path), name, besides=name)
    write(path, text)
    return f"what {CONFIG}.{name} held is kept in {CONFIG}.{kept}"


def save(project: Project | None, name: str, own: bool) -> str:
    """Adopt a detached config.toml, the home's or with `own` the project's, as the snapshot `name`, and link it."""
    names.check(name)
    home = locations.home()
    directory = _directory(project, own)
    with state.locked(home):
        found = entry.look(directory, home)
        if found.kind != entry.DETACHED:
            hint = f"copy a snapshot with: wg profile create {name} --from {found.name or 'NAME'}"
            if project and not own and entry.look(project.dir, home).kind == entry.DETACHED:
                hint = f"for this project's pin: wg profile save {name} --project"
            raise WgError(f"there is nothing to save: {found.describe()}", hint)
        path = snapshot_path(directory, name)
        data = swap.read(found.path)
        config = require_valid(Config(found.path, data))
        if os.path.lexists(path) and swap.read(path) != data:
            raise WgError(f"the profile {name!r} exists and differs: {path}", "choose another name")
        write_atomically(path, data)
        if project and own:
            pins.point(project, path, name)
            state.remember_project(home, project.dir)
        else:
            swap.activate(home, name)
            state.write_state(home, state.read_state(home)._replace(linked=name, digest=config.digest, pending=""))
    return path


def delete(project: Project | None, name: str, own: bool) -> str:
    """Delete a global snapshot, or with `own` the project's; returns its path. Refuses one that is in use."""
    path = _require(project, name, own)
    with state.locked(locations.home()):
        _refuse_if_used(project, path, name, "delete")
        os.unlink(path)
        sync_directory(os.path.dirname(path))
    return path


def rename(project: Project | None, old: str, new: str, own: bool) -> str:
    """Give a snapshot another name; returns its new path. Refuses one that is in use, or a name that is taken."""
    names.check(new)
    path = _require(project, old, own)
    target = snapshot_path(os.path.dirname(path), new)
    with state.locked(locations.home()):
        _refuse_if_used(project, path, old, "rename")
        if os.path.lexists(target):
            raise WgError(f"the profile {new!r} exists: {target}", "choose another name")
        os.rename(path, target)
        sync_directory(os.path.dirname(path))
    return target


def _directory(project: Project | None, own: bool) -> str:
    """Where the snapshots of a scope are. Raises NotFoundError if the project's own are meant and there is none."""
    if not own:
        return locations.home()
    if project is None:
        raise NotFoundError("--project needs a project, and there is none here", "make one with: wg init")
    return project.dir


def _require(project: Project | None, name: str, own: bool) -> str:
    names.check(name)
    directory = _directory(project, own)
    path = snapshot_path(directory, name)
    if os.path.lexists(path):
        return path
    hint = "this project has one of its own: add --project" if selection.find_snapshot(project, name) else ""
    if own:
        hint = "the home has one: leave --project out" if selection.find_snapshot(None, name) else ""
    raise names.missing(name, names.installed(directory), hint)


def _refuse_if_used(project: Project | None, path: str, name: str, what: str) -> None:
    """Raises WgError if the snapshot is in force in the home, or this project or one that we know is pinned to it.

    This one may be unknown: a clone of the home, another WG_HOME, or a pin that was linked by hand.
    """
    home = locations.home()
    here = [project.dir] if project else []
    for directory in [home, *here, *state.known_projects(home)]:
        found = entry.look(directory, home)
        if (found.name == name and _leads_to(found, home, path)) or _is_behind(found, path):
            where = "it is the active one" if directory == home else f"the project {os.path.dirname(directory)} pins it"
            hint = "switch first: wg profile use OTHER" + ("" if directory == home else " (there)")
            raise WgError(f"cannot {what} the profile {name!r}: {where}", hint)


def _is_behind(found: entry.Entry, path: str) -> bool:
    """Whether the file at `path` is what is read in the end, by way of other links."""
    readable = found.kind in (entry.SNAPSHOT, entry.FOREIGN) and not found.copied
    return readable and not os.path.islink(path) and os.path.realpath(found.path) == os.path.realpath(path)


def _leads_to(found: entry.Entry, home: str, path: str) -> bool:
    directory = os.path.dirname(found.path)
    if found.copied:
        first = snapshot_path(home, found.name) if directory == home else found.target
    else:
        first = os.path.join(directory, found.target)
    return os.path.realpath(os.path.dirname(first)) == os.path.realpath(os.path.dirname(path))


def read_snapshot(project: Project | None, name: str) -> tuple[str, str]:
    """(path, text) of a snapshot, the project's own first, else a starter's text with the path it would have."""
    names.check(name)
    path = selection.find_snapshot(project, name)
    if path:
        return path, _text(path)
    if name in STARTERS:
        return snapshot_path(locations.home(), name), starter_text(name)
    raise names.missing(name, [*selection.known_names(project), *STARTERS])


def _text(path: str) -> str:
    try:
        return swap.read(path).decode()
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", "mend the file") from None


def edited_copy(name: str) -> tuple[str, str]:
    """(the snapshot, a copy of it to be edited beside it)."""
    path, text = read_snapshot(None, name)
    if not os.path.lexists(path):
        raise NotFoundError(f"the starter {name!r} is not installed", "install it with: wg profile install")
    number = 1
    while os.path.lexists(copy := f"{path}.edit-{number}"):
        number += 1
    write_atomically(copy, text.encode())
    return path, copy


def leave_edit(copy: str, before: str) -> str:
    """What became of a copy that is not taken, for people: removed if nothing was changed in it, else named."""
    if os.path.isfile(copy) and _text(copy) == before:
        os.unlink(copy)
        return ""
    return f"; what it left is in {copy}"


def take_edit(path: str, copy: str, before: str) -> Config | None:
    """Put an edited copy in place of its snapshot; None if nothing was changed.

    Raises ConfigError if the edit is broken, WgError if the snapshot was changed meanwhile; both name the copy, which
    stays.
    """
    after = _text(copy)
    if after == before:
        os.unlink(copy)
        return None
    with state.locked(locations.home()):
        if _text(path) != before:
            raise WgError(f"{path} was changed meanwhile; your edit is kept in {copy}", "edit it again")
        try:
            config = write(path, after)
        except ConfigError as error:
            kept = f"the edit is kept in {copy}, {path} is as it was"
            raise ConfigError(f"{error.message}\n{kept}", "take from it what you need, and edit again") from None
    os.unlink(copy)
    return config
