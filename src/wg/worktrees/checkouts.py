"""The checkouts of a repository (its main worktree and the linked ones), and what is going on in them."""

from __future__ import annotations

import os

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


class Checkout(NamedTuple):
    """One entry of `git worktree list`."""

    path: str  # absolute, links resolved
    head: str  # the commit checked out, or "" in a bare repository
    branch: str  # its short name, or "" where HEAD is detached
    locked: str | None  # the reason for `git worktree lock`, None where it is not locked
    is_main: bool


def checkouts(directory: str) -> tuple[Checkout, ...]:
    """Every checkout of the repository at `directory`, the main one first."""
    output = git.run(directory, "worktree", "list", "--porcelain", "-z").out
    records = [record for record in output.split(b"\0\0") if record]
    return tuple(_checkout(os.fsdecode(record), index == 0) for index, record in enumerate(records))


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
