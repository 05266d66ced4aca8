"""Commits what an agent left uncommitted, and holds back what must not be committed unseen."""

from __future__ import annotations

import os

from wg.graph.attempt import Workplace
from wg.records import NamedTuple
from wg.worktrees import authors, bringing, changes, git
from wg.worktrees.changes import Change
from wg.worktrees.checkouts import remove_stale_locks
from wg.worktrees.trouble import Trouble, trouble_with


class Leftovers(NamedTuple):
    """What was found; the paths are relative to the worktree, for display."""

    committed: tuple[str, ...]
    held: tuple[tuple[str, str], ...]  # (path, reason): what is not committed
    conflicts: tuple[str, ...] = ()  # what the agent has not resolved of the merge that wg began for it
    by_agent: tuple[tuple[str, str], ...] = ()  # (path, reason): what agents have committed themselves
    trouble: Trouble | None = None  # why nothing could be committed

    @property
    def needs_person(self) -> bool:
        """Whether a person must see to something before the work goes on."""
        return bool(self.held or self.by_agent or self.trouble)


def commit_leftovers(project_root: str, workplace: Workplace, message: str) -> Leftovers:
    """Commit what the agent left, untracked files included, to the attempt's branch; .gitignore is respected.

    Held back, and named: secrets and large files (decision 7), nested repositories and submodules (their
    content would be lost with the worktree), and what agents have committed themselves of these (what a person has
    committed, is decided: see `authors`). Where the worktree is not in a state to commit in, nothing is committed and
    that is the trouble. The merge that wg itself began for the agent (`workplace.merging`) is concluded, once every
    conflict is decided.

    Call it only when no process works in the worktree any more: locks that killed processes left are removed.
    Running it again changes nothing. Raises WgError where git fails.
    """
    if not workplace.branch or workplace.read_only:
        return Leftovers((), ())
    trouble = trouble_with(project_root, workplace)
    if trouble is not None:
        return Leftovers((), (), trouble=trouble)
    worktree = workplace.directory
    remove_stale_locks(worktree, workplace.branch)
    by_agent = authors.of_agents(worktree, changes.committed_to_hold(worktree, workplace))
    merging = bringing.is_under_way(worktree, workplace)
    found = changes.uncommitted(worktree)
    unmerged = () if merging else tuple(git.display(change.path) for change in found if change.unmerged)
    conflicts = tuple(git.display(path) for path in _conflicts(worktree, workplace, found, merging))
    if unmerged or conflicts:
        return Leftovers((), tuple((path, "unresolved conflict") for path in unmerged or conflicts), conflicts)
    found, theirs = bringing.resolved(worktree, found) if merging else (found, set())
    judged = [(c, "" if c.path in theirs else changes.reason_to_hold(worktree, c)) for c in found]
    committed = _commit(worktree, judged, message, merging)
    return Leftovers(
        tuple(git.display(path) for path in committed),
        tuple((git.display(change.path), reason) for change, reason in judged if reason),
        by_agent=tuple({git.display(each.path): each.reason for each in by_agent}.items()),
    )


def remove_traces(project_root: str, workplace: Workplace) -> None:
    """Undo what a check has changed in a worktree in which everything was committed before; ignored files stay.

    Otherwise the next look would take it for the agent's work. Raises WgError where git fails.
    """
    if workplace.branch and not workplace.read_only and trouble_with(project_root, workplace) is None:
        git.run(workplace.directory, "reset", "-q", "--hard")
        git.run(workplace.directory, "clean", "-f", "-d", "-q")


def _conflicts(worktree: str, workplace: Workplace, found: list[Change], merging: bool) -> list[str]:
    """What is not decided of the merge that wg began, also where the agent has committed that itself."""
    if merging:
        return bringing.unresolved(worktree, workplace.merging, found)
    if workplace.merging and git.is_ancestor(worktree, workplace.merging, "HEAD"):
        return bringing.made_up_names(worktree, workplace.merging)
    return []


def _commit(worktree: str, judged: list[tuple[Change, str]], message: str, merging: bool) -> list[str]:
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
    if staged or merging:  # a merge that comes to nothing new is to be concluded, too
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
