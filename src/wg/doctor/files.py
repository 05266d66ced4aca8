"""The link, the config, and the file systems and permissions that they live on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from wg import locations
from wg.doctor.finding import OK, PROBLEM, UNKNOWN, WARNING, Finding, Patient
from wg.errors import WgError
from wg.profiles import overview, swap
from wg.worktrees import git

# file systems on which SQLite's locks or the atomic rename cannot be relied on (DESIGN.md, decision 2)
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "9p", "fuse.rclone")


def config(patient: Patient) -> Iterator[Finding]:
    """Which file is in force, how it is linked, and what is wrong in it."""
    if patient.selected is None or patient.config is None:
        yield Finding(PROBLEM, "config", patient.why_none, patient.remedy)
        return
    selected = patient.selected
    advice = overview.advice(selected)
    if advice:
        yield Finding(WARNING, "link", advice, "wg profile use NAME, or wg profile save NAME")
    else:
        yield Finding(OK, "link", f"{selected.entry.describe()}, because {selected.reason}")
    for hidden in selected.hides:
        yield Finding(OK, "link", f"hides {hidden}")
    for problem in patient.config.problems:
        if problem.severity == "error":
            yield Finding(PROBLEM, "config", problem.at(patient.config.path), f"mend {patient.config.path}")
        elif problem.severity == "warning":
            yield Finding(WARNING, "config", problem.at(patient.config.path), "wg config set KEY VALUE, or unset KEY")
    if not patient.config.errors:
        route = next(route for route in overview.routes(patient.config) if route.role == "task_agent")
        yield Finding(OK, "config", f"tasks run on {route.executor} {route.spec} ({route.source})")


def home(patient: Patient) -> Iterator[Finding]:
    """The home: whether it can be written, who else may read it, and whether links can be made there."""
    directory = locations.home()
    if not os.path.isdir(directory):
        yield Finding(WARNING, "home", f"{directory} does not exist", "wg profile use NAME makes it")
        return
    if not os.access(directory, os.W_OK):
        yield Finding(WARNING, "home", f"{directory} cannot be written", "profiles cannot be switched or edited here")
        return
    how = "links" if swap.mode(directory) == swap.SYMLINK else "copies, as links cannot be made there"
    yield Finding(OK, "home", f"{directory}: profiles are switched by {how}")
    yield from _private(directory, "home")


def places(patient: Patient) -> Iterator[Finding]:
    """The file systems under the home and the project, and who may read the project's records."""
    named = [locations.home()] + ([patient.project.dir] if patient.project else [])
    for directory in named:
        if os.path.isdir(directory):
            yield _filesystem(directory)
    if patient.project:
        yield from _private(os.path.dirname(patient.project.database), "permissions")
        yield from _private(patient.project.database, "permissions")


def git_version(patient: Patient) -> Iterator[Finding]:
    """Whether git is there, and new enough for merges."""
    try:
        git.require_version()
    except WgError as error:
        yield Finding(PROBLEM, "git", error.message, error.hint or "install git")
        return
    yield Finding(OK, "git", git.run(os.sep, "version").text)


def _private(path: str, subject: str) -> Iterator[Finding]:
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if os.name != "nt" and mode & 0o077:
        yield Finding(WARNING, subject, f"others may read {path} (mode {mode:04o})", f"chmod go-rwx {path}")


def _filesystem(directory: str) -> Finding:
    kind = _mounted_as(os.path.realpath(directory))
    if not kind:
        return Finding(UNKNOWN, "filesystem", f"{directory}: which file system it is on is not known here")
    if kind in _NETWORK:
        remedy = "move it to a local disk: WG_HOME moves the home; a project belongs on a local disk as a whole"
        return Finding(PROBLEM, "filesystem", f"{directory} is on {kind}, where locks are not reliable", remedy)
    return Finding(OK, "filesystem", f"{directory} is on {kind}")


def _mounted_as(path: str) -> str:
    """The file system type of the mount that holds `path`, as /proc/mounts names it; "" where there is none."""
    try:
        with open("/proc/mounts", encoding="utf-8", errors="replace") as file:
            rows = [line.split() for line in file]
    except OSError:
        return ""
    mounts = [(row[1].replace("\\040", " "), row[2]) for row in rows if len(row) > 2]
    holding = [(len(point), kind) for point, kind in mounts if _holds(point, path)]
    # the last of equal length lies on top
    return max(reversed(holding), default=(0, ""), key=lambda found: found[0])[1]


def _holds(mount: str, path: str) -> bool:
    return mount == "/" or path == mount or path.startswith(mount.rstrip("/") + "/")
