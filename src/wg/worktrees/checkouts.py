"""The checkouts of a repository (its main worktree and the linked ones), and what is going on in them."""

from __future__ import annotations

import os
import time

from wg.files import remove_if_there
from wg.records import NamedTuple
from wg.worktrees import git

# files in a checkout's git directory, and the operation that they show to be unfinished
_OPERATIONS = (
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase or git am"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("BISECT_LOG", "a bisect"),
)

_TRIES = 5
_TRY_SECONDS = 0.1


class Checkout(NamedTuple):
    """One entry of `git worktree list`."""

    path: str  # absolute, links resolved
    head: str  # the commit checked out, or "" in a bare repository
    branch: str  # its short name, or "" where HEAD is detached
    locked: str | None  # the reason for `git worktree lock`, None where it is not locked
    is_main: bool


def checkouts(directory: str) -> tuple[Checkout, ...]:
    """Every checkout of the repository at `directory`, the main one first."""
    records = [record for record in _listed(directory).split(b"\0\0") if record]
    main, *linked = [_checkout(os.fsdecode(record), index == 0) for index, record in enumerate(records)]
    return main._replace(path=_main_path(directory) or main.path), *linked


def find_checkout(directory: str, path: str) -> Checkout | None:
    """The checkout of the repository at `directory` that lies at `path`, or None."""
    real = os.path.realpath(path)
    for checkout in checkouts(directory):
        if os.path.realpath(checkout.path) == real:
            return checkout
    return None


def operation_in_progress(path: str) -> str:
    """The unfinished operation in the checkout at `path` ("a rebase"), or ""."""
    git_dir = git.run(path, "rev-parse", "--absolute-git-dir").text
    for name, operation in _OPERATIONS:
        if os.path.lexists(os.path.join(git_dir, name)):
            return operation
    return ""


def estranged(project_root: str, path: str) -> str:
    """Why git, run in the directory `path`, would not work on that worktree of this repository, or "".

    Agents can write there: without its `.git`, git would find the user's own checkout above it.
    """
    where = ("rev-parse", "--path-format=absolute", "--git-common-dir")
    inside = git.try_run(path, *where, "--show-toplevel")
    expected = [git.run(project_root, *where).text, path]
    if [os.path.realpath(p) for p in inside.text.split("\n")] != [os.path.realpath(p) for p in expected]:
        return "the worktree's .git is missing, or not that of this repository"
    return ""


def made_at(path: str) -> float:
    """When the linked worktree at `path` was made, in seconds since the epoch."""
    git_dir = git.run(path, "rev-parse", "--absolute-git-dir").text
    return os.stat(os.path.join(git_dir, "commondir")).st_mtime  # git writes it once


def remove_stale_locks(worktree: str, branch: str) -> None:
    """Remove the locks that a killed git left. Only where no process works in the worktree, and it is not estranged."""
    where: list[str] = []
    for name in ("index.lock", "HEAD.lock", "MERGE_HEAD.lock", f"refs/heads/{branch}.lock"):
        where += ["--git-path", name]
    for path in git.run(worktree, "rev-parse", *where).text.split("\n"):
        remove_if_there(os.path.join(worktree, path))


def _main_path(directory: str) -> str:
    """Where the main checkout is, if `directory` is in it; else "".

    git lists the git directory's parent instead, or that directory itself, where it was made with `--separate-git-dir`.
    """
    asked = ("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel")
    found = git.try_run(directory, *asked)
    paths = found.text.split("\n")
    if found.code != 0 or len(paths) != len(asked) - 2:  # a bare repository, or a name of two lines
        return ""
    git_dir, common, top = paths
    return top if os.path.realpath(git_dir) == os.path.realpath(common) else ""


def _listed(directory: str) -> bytes:
    """What git lists. It stumbles over a worktree that another git is just making, and is asked again then."""
    listing = ("worktree", "list", "--porcelain", "-z")
    for _ in range(_TRIES):
        listed = git.try_run(directory, *listing)
        if listed.code == 0:
            return listed.out
        time.sleep(_TRY_SECONDS)
    return git.run(directory, *listing).out


def _checkout(record: str, is_main: bool) -> Checkout:
    fields: dict[str, str] = {}
    for line in record.strip("\0").split("\0"):
        key, _, value = line.partition(" ")
        fields[key] = value
    return Checkout(
        path=fields["worktree"],
        head=fields.get("HEAD", ""),
        branch=fields.get("branch", "").removeprefix("refs/heads/"),
        locked=fields.get("locked"),
        is_main=is_main,
    )
