"""What changed in a worktree, and which of it a person must see first: secrets, large files, repositories."""

from __future__ import annotations

import fnmatch
import os
import stat

from wg.graph.attempt import Workplace
from wg.records import NamedTuple
from wg.worktrees import git

LARGE_BYTES = 10 * 1024 * 1024
SECRET_NAMES = (".env*", "*.pem", "id_*")
_GITLINK = "160000"


class Change(NamedTuple):
    """One path that differs from HEAD, staged or not. `path` is relative to the worktree."""

    path: str
    deleted: bool
    unmerged: bool
    repository: bool  # a submodule, or a git repository inside the worktree
    untracked: bool = False


class Committed(NamedTuple):
    """A file in a commit that must be seen first."""

    path: str
    name: str  # its object name
    reason: str


class _Blob(NamedTuple):
    path: str
    mode: str
    name: str  # its object name


def uncommitted(worktree: str) -> list[Change]:
    """Everything in the worktree that is neither committed nor ignored."""
    status = git.run(
        worktree,
        *("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames"),
        "--ignore-submodules=none",
    )
    return [_change(item) for item in status.items]


def reason_to_hold(worktree: str, change: Change) -> str:
    """Why this change must not be committed unseen, or ""."""
    if change.repository:
        return "a git repository of its own: its content would not be in the commit"
    if change.deleted:
        return ""
    path = os.path.join(worktree, change.path)
    info = os.lstat(path)
    if stat.S_ISREG(info.st_mode) and not os.access(path, os.R_OK):
        return "cannot be read"
    size = info.st_size if stat.S_ISREG(info.st_mode) else 0
    return _reason(change.path, size)


def committed_to_hold(worktree: str, workplace: Workplace) -> list[Committed]:
    """What is in any commit new to the base branch, whoever made it, and must be seen first."""
    blobs = _new_blobs(worktree, workplace)
    sizes = _sizes(worktree, [blob.name for blob in blobs if blob.mode != _GITLINK])
    found = []
    for blob in blobs:
        if blob.mode == _GITLINK:
            reason = "a commit of another repository, whose content is not on the branch"
        else:
            reason = _reason(blob.path, sizes[blob.name])
        if reason:
            found.append(Committed(blob.path, blob.name, reason))
    return found


def _reason(path: str, size: int) -> str:
    name = os.path.basename(path)
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in SECRET_NAMES):
        return "looks like a secret"
    if size > LARGE_BYTES:
        return f"larger than {LARGE_BYTES // 1024 // 1024} MB"
    return ""


def _change(item: str) -> Change:
    """A line of `git status --porcelain=v2 -z` (see git-status(1), "Porcelain Format Version 2")."""
    kind = item[0]
    if kind == "?":
        path = item[2:]
        return Change(path.rstrip("/"), deleted=False, unmerged=False, repository=path.endswith("/"), untracked=True)
    if kind == "u":
        fields = item.split(" ", 10)
        return Change(fields[10], deleted=False, unmerged=True, repository=False)
    fields = item.split(" ", 8)
    index, worktree = fields[1][0], fields[1][1]
    return Change(
        fields[8],
        deleted=worktree == "D" or (index == "D" and worktree == "."),
        unmerged=False,
        repository=_GITLINK in fields[3:6] and worktree != "D" and index != "D",
    )


def _new_blobs(worktree: str, workplace: Workplace) -> list[_Blob]:
    known = [f"^{workplace.base_commit}"]
    if git.branch_tip(worktree, workplace.base_branch):
        known.append(f"^refs/heads/{workplace.base_branch}")
    log = git.run(
        worktree,
        *("log", "--format=", "--raw", "-c", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none"),
        *("--no-show-signature", "--no-notes", f"refs/heads/{workplace.branch}", *known, "--"),
    )
    items = iter(log.items)
    blobs = [_blob(header, next(items)) for header in items]
    return [blob for blob in blobs if blob.mode != "000000"]


def _blob(header: str, path: str) -> _Blob:
    """A line of `git log --raw -c`: a colon, an old mode and an old name for each parent (see git-diff(1))."""
    header = header.lstrip("\n")
    parents = len(header) - len(header.lstrip(":"))
    fields = header[parents:].split(" ")
    return _Blob(path, fields[parents], fields[2 * parents + 1])


def _sizes(worktree: str, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    asked = "".join(f"{name}\n" for name in names).encode()
    output = git.run(worktree, "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked)
    pairs = (line.split(" ") for line in os.fsdecode(output.out).splitlines())
    return {name: int(size) for name, size in pairs}
