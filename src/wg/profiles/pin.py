"""A project's pin: its own `.wg/config.toml` (or, in copy mode, its pointer), set and lifted."""

from __future__ import annotations

import os

from wg import locations
from wg.errors import WgError
from wg.files import remove_if_there, sweep
from wg.locations import Project
from wg.profiles import entry, pointer, selection, swap
from wg.profiles.entry import Entry
from wg.profiles.keeping import keep
from wg.profiles.names import CONFIG, free_name, snapshot_path
from wg.profiles.pointer import Pointer, pointer_path

KEPT_AS = "local"


def require_liftable(project: Project, pin: Entry) -> None:
    """Raises WgError if lifting the pin is not ours to do: git tracks it, or it is not a file."""
    if pin.kind == entry.NOT_A_FILE:
        raise WgError(f"{pin.path} is not a file, so the project's pin cannot be lifted", "move it away")
    tracked = pointer_path(project.dir) if pin.copied else pin.path
    if _git_tracks(tracked):
        raise WgError(
            f"this project is pinned by {tracked}, which git tracks; nothing was changed",
            "--global switches everywhere else and leaves the pin, --project pins this project to the new profile",
        )


def lift(project: Project, pin: Entry) -> str:
    """Remove the pin; returns what was done and how to bring it back. Nothing that it held is lost."""
    if pin.kind == entry.DETACHED:
        name = free_name(project.dir, KEPT_AS)
        os.rename(pin.path, snapshot_path(project.dir, name))
        return f"the pin {pin.path} is now {CONFIG}.{name}; bring it back with: wg profile use {name} --project"
    if pin.copied:
        os.unlink(pointer_path(project.dir))
        return f"the pin to {pin.name} is lifted; bring it back with: wg profile use {pin.name} --project"
    # the project's own snapshot of that name would be taken first
    found = selection.find_snapshot(project, pin.name) if pin.name else ""
    by_name = found and os.path.realpath(found) == os.path.realpath(pin.path)
    os.unlink(pin.path)
    again = f"wg profile use {pin.name} --project" if by_name else _link_command("ln -s", pin)
    return f"the pin {pin.path} -> {pin.target} is lifted; bring it back with: {again}"


def pin(project: Project, snapshot: str, name: str) -> str:
    """Pin the project to `snapshot`, its own or a global one; returns what became of the old pin, or "".

    The project is never unpinned for a moment: a plain file is copied to its new name before it is replaced.
    """
    old = entry.look(project.dir, locations.home())
    if old.kind == entry.NOT_A_FILE:
        raise WgError(f"{old.path} is not a file", "move it away")
    note = _keep_plain_file(project, old) if old.kind == entry.DETACHED else ""
    point(project, snapshot, name)
    if old.kind == entry.FOREIGN:
        note = f"the old pin led to {old.target}; bring it back with: {_link_command('ln -sfn', old)}"
    return note


def _link_command(program: str, link: Entry) -> str:
    import shlex  # its re costs 0.7 bare starts

    return f"{program} {shlex.quote(link.target)} {shlex.quote(link.path)}"


def point(project: Project, snapshot: str, name: str) -> None:
    """Make the project's config.toml a link to `snapshot`, or in copy mode write the pointer in its place.

    Only under the lock.
    """
    sweep(project.dir)
    own = os.path.dirname(snapshot) == project.dir
    if swap.mode(project.dir) == swap.SYMLINK:
        swap.link(project.dir, os.path.basename(snapshot) if own else snapshot)
        remove_if_there(pointer_path(project.dir))
    else:
        pointer.write(project.dir, Pointer(name))
        remove_if_there(os.path.join(project.dir, CONFIG))


def _keep_plain_file(project: Project, old: Entry) -> str:
    name = keep(project.dir, swap.read(old.path), KEPT_AS)
    return f"what {old.path} held is kept in {CONFIG}.{name}; bring it back with: wg profile use {name} --project"


def _git_tracks(path: str) -> bool:
    """Whether git has `path` in its index; false without git or a repository."""
    import subprocess  # only for a pinned project

    command = ["git", "ls-files", "--error-unmatch", "--", path]
    try:
        done = subprocess.run(command, cwd=os.path.dirname(path), capture_output=True, timeout=30, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0
