"""Brings the base branch into an agent's worktree, where both were changed in the same places.

An agent need not be able to run git (codex's sandbox makes `.git` read-only): wg begins the merge, the agent edits
the files with conflict markers, and `commit_leftovers` concludes exactly the merge that was begun.
"""

from __future__ import annotations

import os
import re

from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.text import printable
from wg.worktrees import git
from wg.worktrees.changes import Change
from wg.worktrees.checkouts import operation_in_progress
from wg.worktrees.interrupted import bring

_MESSAGE_LINES = 5
_MARKER = re.compile(rb"^(<{7}|>{7})( |\r?$)", re.MULTILINE)


def bring_base(workplace: Workplace) -> None:
    """Merge `workplace.merging` into the worktree, as far as that is not done. Conflicts are left with their markers.

    Not what the base branch no longer contains: it would come back with the work (F17). Call it only when no process
    works in the worktree. WgError where git refuses it.
    """
    path = workplace.directory
    tip, base = git.branch_tip(path, workplace.branch), git.branch_tip(path, workplace.base_branch)
    if tip is None or base is None or not git.is_ancestor(path, workplace.merging, base):
        return
    if git.is_ancestor(path, workplace.merging, tip) or operation_in_progress(path):
        return
    merged = bring(
        path,
        workplace.merging,
        *("merge", "-q", "--no-ff", "--commit", "--no-edit", "--no-verify", "--no-autostash", "--no-stat"),
        *("--no-overwrite-ignore", "-m", f"Merge {workplace.base_branch} into {workplace.branch}", workplace.merging),
        settings=(*git.identity(path), "rerere.enabled=false", "merge.conflictStyle=merge"),
    )
    if merged.code and not is_under_way(path, workplace):
        raise WgError(
            f"{workplace.base_branch} cannot be merged into {path}: {printable(_first_lines(merged.err))}",
            f"look at it: git -C {path} status",
        )


def is_under_way(path: str, workplace: Workplace) -> bool:
    """Whether the merge that wg began there is neither concluded nor given up."""
    if not workplace.merging:
        return False
    head = git.run(path, "rev-parse", "--verify", "--quiet", "MERGE_HEAD", codes=(0, 1))
    return head.code == 0 and head.text == workplace.merging


def unresolved(path: str, found: list[Change]) -> list[str]:
    """The conflicting files of the merge under way that still have markers; `found` is what is uncommitted there."""
    merged = git.run(
        path, *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "HEAD", "MERGE_HEAD"), codes=(0, 1)
    )
    conflicting = {*merged.items[1:], *(change.path for change in found if change.unmerged)}
    return sorted(name for name in conflicting if _has_markers(os.path.join(path, name)))


def resolved(path: str, found: list[Change]) -> tuple[list[Change], set[str]]:
    """What is uncommitted, where no file has markers; and the paths that are exactly as the base branch has them."""
    differing = set(git.run(path, "diff", "--name-only", "--no-renames", "-z", "MERGE_HEAD", "--").items)
    settled = [
        change._replace(unmerged=False, deleted=not os.path.lexists(os.path.join(path, change.path)))
        if change.unmerged
        else change
        for change in found
    ]
    return settled, {change.path for change in settled if not change.untracked and change.path not in differing}


def _first_lines(said: str) -> str:
    """Git lists every path that is in the way, which may be thousands."""
    lines = said.strip().splitlines()
    left = len(lines) - _MESSAGE_LINES
    return "; ".join(line.strip() for line in lines[:_MESSAGE_LINES]) + (f"; and {left} lines more" if left > 0 else "")


def _has_markers(path: str) -> bool:
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return _MARKER.search(file.read()) is not None
