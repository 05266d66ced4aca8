"""Making a project: its `.wg`, its facts and its database; touches no file that git tracks (section 3)."""

from __future__ import annotations

import os

from wg import locations
from wg.errors import ConfigError, WgError
from wg.facts import facts_path
from wg.files import sweep, write_atomically
from wg.graph.store import Store
from wg.locations import Project
from wg.locking import FileLock
from wg.profiles import entry, names, selection, snapshots, state, swap
from wg.profiles.completion import complete, provider_of
from wg.profiles.migrate import routes_text
from wg.profiles.names import CONFIG, snapshot_path
from wg.profiles.routes import installed_programs
from wg.profiles.switch import GLOBAL, Switched, use
from wg.records import NamedTuple
from wg.worktrees import git

_IGNORED = """# what wg keeps here is this machine's; only this file and project.toml belong into the repository
/db/
/worktrees/
/attempts/
/service/
/config.toml*
/active-profile
/*.lock
"""
_ORIGINAL_GRAPH = "graph.jsonl"


class Founded(NamedTuple):
    """What `wg init` did."""

    project: Project
    is_new: bool
    base_branch: str  # as it was written now; "" without git, or where it stands there already
    notes: list[str]


class FirstConfig(NamedTuple):
    """What became of the config at the first `wg init`."""

    switched: Switched | None  # a profile was put in force
    choice: tuple[str, ...]  # or these are there to choose from; empty if there was a config already


def found(root: str) -> Founded:
    """Make `root` a project; what is there already stays. Raises WgError if its `.wg` would be the home.

    A project that was there before git was gets its base branch.
    """
    project = locations.project_at(root)
    if not os.path.isdir(project.root):
        raise WgError(f"{project.root} is not a directory", "make it first")
    if os.path.isfile(project.database):
        return Founded(project, False, _name_base(project), [])
    os.makedirs(project.dir, mode=0o700, exist_ok=True)
    with FileLock(os.path.join(project.dir, "init.lock")):
        if os.path.isfile(project.database):
            return Founded(project, False, "", [])
        sweep(project.dir)
        return _found(project)


def _found(project: Project) -> Founded:
    """Only under the lock of the project's init."""
    notes = _take_over_original(project)
    _write_if_absent(os.path.join(project.dir, ".gitignore"), _IGNORED, 0o644)
    branch = _name_base(project)
    notes += _offer_original(project)
    Store.create(project.database).close()  # last: with it the project exists
    return Founded(project, True, branch, notes)


def _name_base(project: Project) -> str:
    """Write which branch agents' work is merged into, if there is one and nobody has; returns it then."""
    branch = "" if os.path.lexists(facts_path(project)) else _head_branch(project.root)
    if branch:
        facts = f'# facts about this project; what runs is decided by config.toml, not here\nbase_branch = "{branch}"\n'
        write_atomically(facts_path(project), facts.encode(), 0o644)
    return branch


def remember(project: Project) -> None:
    """Let the home know of the project, so that a profile which it pins is not deleted."""
    with state.locked(locations.home()):
        state.remember_project(locations.home(), project.dir)


def make_known(project: Project) -> None:
    """Remember the project, if that is not done yet and the home can be written.

    Else only `wg service status --all` does not list it.
    """
    home = locations.home()
    if project.dir not in state.known_projects(home) and os.access(home, os.W_OK):
        remember(project)


def first_config(project: Project) -> FirstConfig:
    """Where there is no config yet: install the starters, and use one if exactly one agent program is there."""
    home = locations.home()
    pinned = selection.pin_of(project) is not None
    if pinned or os.environ.get("WG_PROFILE") or entry.look(home, home).kind != entry.ABSENT:
        return FirstConfig(None, ())
    snapshots.install()
    programs = installed_programs()
    if len(programs) == 1:
        return FirstConfig(use(project, programs[0], GLOBAL), ())
    return FirstConfig(None, tuple(names.installed(home)))


def _head_branch(root: str) -> str:
    """The branch that HEAD names, even before its first commit; "" where there is none."""
    if not git.is_repository(root):
        return ""
    found = git.try_run(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return found.text if found.code == 0 else ""


def _take_over_original(project: Project) -> list[str]:
    """The original's config of a project: complete it and let it pin, or keep it aside (section 9)."""
    path = os.path.join(project.dir, CONFIG)
    is_plain = os.path.isfile(path) and not os.path.islink(path)
    if not is_plain or not os.path.exists(os.path.join(project.dir, _ORIGINAL_GRAPH)):
        return []
    completed = _completed(swap.read(path))
    if completed is not None:
        write_atomically(path, completed)
        return [f"{path} pins this project{routes_text(path, completed)}"]
    name = names.free_name(project.dir, "local")
    os.rename(path, snapshot_path(project.dir, name))
    return [f"{path} named no [agent].model, so it does not pin this project; it is kept as {CONFIG}.{name}"]


def _offer_original(project: Project) -> list[str]:
    """How the original's tasks come in; whether they should is for people to say."""
    path = os.path.join(project.dir, _ORIGINAL_GRAPH)
    if not os.path.isfile(path):
        return []
    import shlex  # only where there is one

    here = os.path.realpath(project.root) == os.path.realpath(os.getcwd())
    command = ["wg", "import", os.path.relpath(path)] if here else ["wg", "--dir", project.root, "import", path]
    return [f"{path} holds tasks of the original. To import them: {shlex.join(command)} (first with --dry-run)"]


def _completed(data: bytes) -> bytes | None:
    """The config made complete, or None if it has no `[agent].model` (or is not TOML)."""
    if not provider_of(data):
        return None
    base = os.path.join(locations.home(), CONFIG)
    try:
        return complete(data, "", swap.read(base) if os.path.isfile(base) else None)
    except ConfigError:
        return data  # a layout that cannot be edited: it pins as it is, and shows what it lacks


def _write_if_absent(path: str, text: str, mode: int) -> None:
    if not os.path.lexists(path):
        write_atomically(path, text.encode(), mode)
