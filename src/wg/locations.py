"""Where things are: the user's `~/.wg` (the home) and the project's `.wg` (SPEC-profiles.md, section 3)."""

from __future__ import annotations

import os

from wg.errors import NotFoundError, WgError
from wg.records import NamedTuple

DATABASE = os.path.join("db", "graph.db")


class Project(NamedTuple):
    """A project: `root` is the directory people work in, `dir` its `.wg`. Both are absolute."""

    root: str
    dir: str

    @property
    def database(self) -> str:
        return os.path.join(self.dir, DATABASE)


def home() -> str:
    """The home: `WG_HOME`, else `~/.wg`. Absolute; it need not exist."""
    return os.path.abspath(os.environ.get("WG_HOME") or os.path.join(os.path.expanduser("~"), ".wg"))


def require_project(explicit: str | None = None) -> Project:
    """The project in force. Raises NotFoundError naming `wg init` when there is none."""
    project = find_project(explicit)
    if project is None:
        raise NotFoundError(f"no wg project in {os.getcwd()} or above it", "make one with: wg init")
    return project


def find_project(explicit: str | None = None) -> Project | None:
    """The project in force, or None.

    `explicit` (`--dir`), else `WG_DIR`, names a project's root or its `.wg` and must be one (NotFoundError);
    else the nearest ancestor of the working directory is taken; else, in a linked git worktree, the project
    of the main worktree.
    """
    named = explicit or os.environ.get("WG_DIR")
    if named:
        return _named_project(named, "--dir" if explicit else "WG_DIR")
    try:
        cwd = os.getcwd()
    except FileNotFoundError:
        raise NotFoundError("the current directory does not exist any more", "change to one that does") from None
    return _nearest(cwd) or _of_main_worktree(cwd)


def project_at(root: str) -> Project:
    """The project that has its root at `root`, whether or not it exists yet.

    Raises WgError if its `.wg` would be the home: the home is never a project.
    """
    project = Project(os.path.abspath(root), os.path.join(os.path.abspath(root), ".wg"))
    if _same(project.dir, home()):
        raise WgError(
            f"{project.dir} is wg's home (profiles live there), so it cannot be a project's .wg",
            "run wg init in the directory of a project, or set WG_HOME to another place",
        )
    return project


def _named_project(named: str, origin: str) -> Project:
    path = os.path.abspath(named)
    root = os.path.dirname(path) if os.path.basename(path) == ".wg" else path
    found = _project_in(root)
    if found is None:
        raise NotFoundError(f"{origin} names {named}, which is no wg project", f"make one with: wg init --dir {root}")
    return found


def _nearest(start: str) -> Project | None:
    for directory in _ancestors(start):
        found = _project_in(directory)
        if found is not None:
            return found
    return None


def _project_in(root: str) -> Project | None:
    project = Project(root, os.path.join(root, ".wg"))
    if not os.path.isfile(project.database) or _same(project.dir, home()):
        return None
    return project


def _of_main_worktree(start: str) -> Project | None:
    """A linked worktree's `.git` is a file, `gitdir: <common>/worktrees/<name>` (gitrepository-layout(5))."""
    for directory in _ancestors(start):
        pointer = os.path.join(directory, ".git")
        if os.path.isfile(pointer):
            common = _common_git_dir(directory, pointer)
            return _nearest(os.path.dirname(common)) if common else None
    return None


def _common_git_dir(worktree: str, pointer: str) -> str:
    try:
        with open(pointer, encoding="utf-8") as file:
            git_dir = file.read().strip().removeprefix("gitdir: ")
        git_dir = os.path.join(worktree, git_dir)
        with open(os.path.join(git_dir, "commondir"), encoding="utf-8") as file:
            return os.path.normpath(os.path.join(git_dir, file.read().strip()))
    except OSError:
        return ""


def _ancestors(start: str) -> list[str]:
    found = [start]
    while os.path.dirname(start) != start:
        start = os.path.dirname(start)
        found.append(start)
    return found


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
