"""Worktrees of wg's own, on no branch, in which a merge is checked before the base branch moves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from wg.errors import WgError
from wg.worktrees import git
from wg.worktrees.checkouts import find_checkout
from wg.worktrees.workplace import discard_checkout, lock

PREFIX = "merge-"


@contextmanager
def scratch_checkout(project_root: str, wg_dir: str, fence: int, commit: str) -> Iterator[str]:
    """A worktree at `commit` for the merge of attempt `fence`, and its path; removed with all in it afterwards.

    What is left of an earlier one for the same attempt is removed first. Raises WgError.
    """
    path = _path(wg_dir, fence)
    remove_scratch(project_root, wg_dir, fence)
    with lock(wg_dir):
        git.run(project_root, "worktree", "add", "-q", "--detach", path, commit)
    try:
        yield path
    finally:
        remove_scratch(project_root, wg_dir, fence)


def remove_scratch(project_root: str, wg_dir: str, fence: int) -> None:
    """Remove the worktree in which the merge of attempt `fence` was checked, if there is one.

    Only a linked worktree on no branch is removed; WgError for anything else in its place (F16).
    """
    path = _path(wg_dir, fence)
    with lock(wg_dir):
        found = find_checkout(project_root, path)
        if found is None and not os.path.lexists(path):
            return
        if found is None or found.is_main or found.branch or os.path.islink(path):
            raise WgError(f"{path} is not removed: it is no worktree that wg has made", "look at it, and move it away")
        discard_checkout(project_root, found)


def _path(wg_dir: str, fence: int) -> str:
    return os.path.join(wg_dir, "worktrees", f"{PREFIX}{fence}")
