"""What wg checks out in an agent's worktree, so that a git which is itself killed half way (F21) leaves nothing half.

While git brings a commit in, its name stands in the worktree's git directory. If it still does at the next take-over,
git was killed: the paths that it may have touched, all of which were clean, are put back, and it is begun again.
"""

from __future__ import annotations

import os

from wg.errors import WgError
from wg.files import remove_if_there, write_atomically
from wg.worktrees import git
from wg.worktrees.changes import uncommitted
from wg.worktrees.checkouts import operation_in_progress

_NOTE = "wg-bringing"


def bring(path: str, commit: str, *arguments: str, settings: tuple[str, ...] = ()) -> git.Result:
    """Run the git command that brings `commit` into the worktree at `path`. WgError where it is killed.

    It is not noted where it would meet with uncommitted work: git refuses to overwrite that, and it could not be told
    from what a killed git has left.
    """
    touched = _touched(path, commit)
    note = _note(path)
    is_clean = not any(change.path in touched for change in uncommitted(path)) and not _is_in_the_way(path, touched)
    if is_clean:
        write_atomically(note, commit.encode("ascii"), 0o600)
    result = git.try_run(path, *arguments, settings=settings)
    if result.code < 0:
        raise WgError(f"git {arguments[0]} was killed in {path}", "the next attempt puts back what it did half")
    if is_clean:
        remove_if_there(note)
    return result


def put_back(path: str) -> None:
    """Undo what a killed git did half in the worktree at `path`. Call it only when no process works there."""
    note = _note(path)
    try:
        with open(note, encoding="ascii") as file:
            commit = file.read().strip()
    except FileNotFoundError:
        return
    if not operation_in_progress(path) and not git.is_ancestor(path, commit, "HEAD"):
        _put_back(path, _touched(path, commit))
    remove_if_there(note)


def _put_back(path: str, touched: dict[str, bool]) -> None:
    given = b"".join(os.fsencode(name) + b"\0" for name in touched)
    git.run(path, "reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul", "HEAD", stdin=given)
    for name, is_new in touched.items():
        if is_new:
            _remove(path, name)
    there = b"".join(os.fsencode(name) + b"\0" for name, is_new in touched.items() if not is_new)
    git.run(path, "checkout-index", "-q", "-f", "-u", "-z", "--stdin", stdin=there)


def _remove(path: str, name: str) -> None:
    """The file, and the directories that are empty without it."""
    file = os.path.join(path, name)
    if os.path.isdir(file) and not os.path.islink(file):
        return
    remove_if_there(file)
    directory = os.path.dirname(name)
    while directory:
        try:
            os.rmdir(os.path.join(path, directory))
        except OSError:  # there is more in it
            return
        directory = os.path.dirname(directory)


def _touched(path: str, commit: str) -> dict[str, bool]:
    """Every path that bringing `commit` in may touch, and whether it is not in HEAD."""
    listed = git.run(path, "diff-tree", "-r", "-z", "--no-renames", "--name-status", "HEAD", commit).items
    return {name: status == "A" for status, name in zip(listed[::2], listed[1::2], strict=True)}


def _is_in_the_way(path: str, touched: dict[str, bool]) -> bool:
    return any(is_new and os.path.lexists(os.path.join(path, name)) for name, is_new in touched.items())


def _note(path: str) -> str:
    return os.path.join(git.run(path, "rev-parse", "--absolute-git-dir").text, _NOTE)
