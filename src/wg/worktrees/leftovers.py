"""Commits what an agent left uncommitted, and holds back what must not be committed unseen."""

from __future__ import annotations

import os

from wg.files import remove_if_there
from wg.graph.attempt import Workplace
from wg.records import NamedTuple
from wg.worktrees import changes, git
from wg.worktrees.changes import Change
from wg.worktrees.checkouts import find_checkout, operation_in_progress


class Leftovers(NamedTuple):
    """What was found. Anything `held` needs a person; the paths are relative to the worktree, for display."""

    committed: tuple[str, ...]
    held: tuple[tuple[str, str], ...]  # (path, reason); the path is "." where it is the whole worktree


def commit_leftovers(project_root: str, workplace: Workplace, message: str) -> Leftovers:
    """Commit what the agent left, untracked files included, to the attempt's branch; .gitignore is respected.

    Held back, and named: secrets and large files (decision 7), nested repositories and submodules (their
    content would be lost with the worktree), and what the agent committed itself of these. Where the worktree
    is not in a state to commit in, nothing is committed and that is the reason.

    Call it only when no process works in the worktree any more: locks that killed processes left are removed.
    Running it again changes nothing. Raises WgError where git fails.
    """
    if not workplace.branch:
        return Leftovers((), ())
    trouble = _trouble(project_root, workplace)
    if trouble:
        return Leftovers((), ((".", trouble),))
    worktree = workplace.directory
    _remove_stale_locks(worktree, workplace.branch)
    found = changes.uncommitted(worktree)
    if any(change.unmerged for change in found):
        return Leftovers((), tuple((git.display(c.path), "unresolved conflict") for c in found if c.unmerged))
    judged = [(change, changes.reason_to_hold(worktree, change)) for change in found]
    committed = _commit(worktree, judged, message)
    held = [(git.display(change.path), reason) for change, reason in judged if reason]
    held += changes.committed_to_hold(worktree, workplace)
    return Leftovers(tuple(git.display(path) for path in committed), tuple(held))


def _trouble(project_root: str, workplace: Workplace) -> str:
    """Why nothing can be committed in the worktree, or "".

    The agent could write to it: without its `.git`, git would find the user's own checkout above it.
    """
    path = workplace.directory
    found = find_checkout(project_root, path)
    if found is None or found.is_main or not os.path.isdir(path):
        return "the worktree is gone, or no longer one of this repository"
    where = ("rev-parse", "--path-format=absolute", "--git-common-dir")
    inside = git.try_run(path, *where, "--show-toplevel")
    expected = [git.run(project_root, *where).text, path]
    if [os.path.realpath(p) for p in inside.text.split("\n")] != [os.path.realpath(p) for p in expected]:
        return "the worktree's .git is missing, or not that of this repository"
    operation = operation_in_progress(path)
    if operation:
        return f"{operation} is unfinished in the worktree"
    branch = git.head_branch(path)
    if branch != workplace.branch:
        return f"the worktree is on {branch or 'no branch'}, not on {workplace.branch}"
    return ""


def _remove_stale_locks(worktree: str, branch: str) -> None:
    where: list[str] = []
    for name in ("index.lock", "HEAD.lock", f"refs/heads/{branch}.lock"):
        where += ["--git-path", name]
    for path in git.run(worktree, "rev-parse", *where).text.split("\n"):
        remove_if_there(os.path.join(worktree, path))


def _commit(worktree: str, judged: list[tuple[Change, str]], message: str) -> list[str]:
    held = [change.path for change, reason in judged if reason]
    taken = [change for change, reason in judged if not reason]
    if held:
        # out of the index again, in case the agent staged them; the files stay as they are
        _paths_to(worktree, held, "reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul")
    # exact names, where `git add` would take all below a directory that replaced a file
    _paths_to(worktree, [c.path for c in taken if c.deleted], "update-index", "--force-remove", "-z", "--stdin")
    _paths_to(
        worktree,
        [c.path for c in taken if not c.deleted],
        *("update-index", "--add", "-z", "--stdin"),
    )
    staged = git.run(worktree, "diff", "--cached", "--name-only", "--no-renames", "-z").items
    if staged:
        git.run(
            worktree,
            *("commit", "-q", "--no-verify", "--no-gpg-sign", "--file=-"),
            stdin=message.encode(),
            settings=git.identity(worktree),
        )
    return staged


def _paths_to(worktree: str, paths: list[str], *arguments: str) -> None:
    if paths:
        git.run(worktree, *arguments, stdin=b"".join(os.fsencode(path) + b"\0" for path in paths))
