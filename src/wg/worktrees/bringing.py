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
_UNKNOWN = "?"  # a repository in the repository: git leaves it as it was
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


def unresolved(path: str, merging: str, found: list[Change]) -> list[str]:
    """The conflicting files of the merge under way that are not decided; `found` is what is uncommitted there.

    One with markers is not, however it stands in the index. Where git has left none (one side deleted it, or it is
    binary), it is while the index still has it as unmerged and it is as git has left it: nobody has said anything.
    Nor is one under a name that git has made up, while it is there.
    """
    merged = git.run(
        path, *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "HEAD", merging), codes=(0, 1)
    )
    tree, *names = merged.items
    unmerged = {change.path for change in found if change.unmerged}
    conflicting = {*names, *unmerged}
    return sorted(
        {name for name in conflicting if _has_markers(os.path.join(path, name))}
        | {name for name in conflicting if is_made_up(name, merging) and os.path.lexists(os.path.join(path, name))}
        | _as_git_left_them(path, tree, unmerged)
    )


def made_up_names(path: str, merging: str) -> list[str]:
    """Files that are committed, and there, under names that git made up in the merge of `merging`."""
    new = git.run(
        path, "diff-tree", "-r", "-z", "--no-renames", "--name-only", "--diff-filter=A", merging, "HEAD"
    ).items
    return [name for name in new if is_made_up(name, merging) and os.path.lexists(os.path.join(path, name))]


def is_made_up(name: str, merging: str) -> bool:
    """Whether git calls a file so for which there is no place, because the other side has a directory there, say."""
    return re.search(rf"~(HEAD|{merging})(_\d+)?$", name) is not None


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


def _as_git_left_them(path: str, tree: str, names: set[str]) -> set[str]:
    """Those of these files that are as in `tree`, in which git has put what it leaves in the worktree."""
    if not names:
        return set()
    left = {}
    for item in git.run(path, "ls-tree", "-r", "-z", tree).items:
        entry, _, name = item.partition("\t")
        left[name] = entry.split(" ")[2]
    return {name for name in names if name in left and _object_name(path, name) in (left[name], _UNKNOWN)}


def _object_name(path: str, name: str) -> str:
    """Of the file as it would be committed; "" where there is none."""
    file = os.path.join(path, name)
    if os.path.islink(file):
        return git.run(path, "hash-object", "--stdin", stdin=os.fsencode(os.readlink(file))).text
    if os.path.isdir(file):
        return _UNKNOWN
    return git.run(path, "hash-object", "--", name).text if os.path.isfile(file) else ""


def _has_markers(path: str) -> bool:
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return _MARKER.search(file.read()) is not None
