"""Brings an attempt's branch into its base branch without touching the user's work (decision 7, F17, F26)."""

from __future__ import annotations

import os
from collections.abc import Callable

from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.records import NamedTuple
from wg.text import printable
from wg.worktrees import git
from wg.worktrees.checkouts import Checkout, checkouts, operation_in_progress

_TRIES = 5


class Merge(NamedTuple):
    """How a merge ended."""

    # "merged" | "nothing" (no commits) | "conflict" | "unfit" (not accepted) | "blocked" (try again later)
    state: str
    commit: str  # merged: the commit that brought the branch in, else ""
    paths: tuple[str, ...]  # conflict: the conflicting paths; blocked: the paths git names, if any
    reason: str  # for people: why there is a conflict or a block, else ""
    base: str = ""  # conflict, unfit: the tip of the base branch with which it was tried


# whether the base branch may move to this commit
Accept = Callable[[str], bool]


class _Job(NamedTuple):
    root: str
    place: Workplace
    task_id: str
    message: str  # with its trailers
    accept: Accept


def has_work(project_root: str, workplace: Workplace) -> bool:
    """Whether the attempt's branch has commits since its base commit. False where it has no branch."""
    if not workplace.branch or git.branch_tip(project_root, workplace.branch) is None:
        return False
    commits = f"{workplace.base_commit}..refs/heads/{workplace.branch}"
    return git.run(project_root, "rev-list", "--max-count=1", commits, "--").out != b""


def merge(
    project_root: str,
    workplace: Workplace,
    message: str,
    fence: int,
    task_id: str,
    model: str = "",
    accept: Accept = lambda commit: True,
) -> Merge:
    """Merge the attempt's branch into its base branch: a two-parent commit with trailers for the attempt.

    `accept` is asked about each commit before the base branch moves to it; "unfit" is its no.

    Safe to run again after being killed at any point: what has arrived already is "merged". The base branch
    moves only forward, from the tip the merge was computed on; when someone else moves it meanwhile, the
    merge is computed again. The user's staged, unstaged, untracked and ignored files are never overwritten: an
    overlap is "blocked". Hooks do not run. Raises WgError where git fails in another way.
    """
    if not workplace.branch:
        return Merge("nothing", "", (), "it worked in the project directory, on no branch")
    git.require_version()
    trailer = f"Wg-Attempt: {fence}"
    trailers = f"{trailer}\nWg-Task: {task_id}\nWg-Agent: agent-{fence}\n" + (f"Wg-Model: {model}\n" if model else "")
    job = _Job(project_root, workplace, task_id, f"{message.rstrip()}\n\n{trailers}", accept)
    for _ in range(_TRIES):
        base = git.branch_tip(project_root, workplace.base_branch)
        if base is None:
            renamed = "if it was renamed, name it as base_branch in .wg/project.toml, and the work goes on"
            return _stranded(job, f"the base branch {workplace.base_branch} is gone ({renamed})")
        tip = git.branch_tip(project_root, workplace.branch)
        if tip is None:
            return _without_branch(job, base, trailer)
        known = _known_end(job, base, tip, trailer)
        if known is not None:
            return known
        commit, conflicts = _merge_commit(job, base, tip)
        if not commit:
            return Merge("conflict", "", conflicts, f"conflicts with {workplace.base_branch}", base)
        if not job.accept(commit):
            return Merge("unfit", "", (), "", base)
        refused = _advance(job, base, commit)
        now = git.branch_tip(project_root, workplace.base_branch)
        if now is not None and git.is_ancestor(project_root, commit, now):
            return Merge("merged", commit, (), "")
        if now == base:
            return refused
    return _blocked(f"the base branch {workplace.base_branch} kept moving")


def _without_branch(job: _Job, base: str, trailer: str) -> Merge:
    """Recovery after the branch was removed: the trailer shows that it had been merged."""
    arrived = _arrived(job, base, trailer)
    if not arrived:
        raise WgError(
            f"branch {job.place.branch} is gone from {job.root}, and was not merged",
            "if its worktree is still there, make the branch again from it: git branch NAME COMMIT",
        )
    return Merge("merged", arrived, (), "")


def _known_end(job: _Job, base: str, tip: str, trailer: str) -> Merge | None:
    """How it ends without merging anything, or None where there is something to merge."""
    place = job.place
    if not git.is_ancestor(job.root, place.base_commit, base):
        return _stranded(job, f"{place.base_branch} no longer contains the commit that the attempt started from")
    if not has_work(job.root, place):
        return Merge("nothing", "", (), "there are no commits on the branch")
    if git.is_ancestor(job.root, tip, base):
        return Merge("merged", _arrived(job, base, trailer) or tip, (), "")
    was_brought_in = place.merging and git.is_ancestor(job.root, place.merging, tip)
    if was_brought_in and not git.is_ancestor(job.root, place.merging, base):
        return _stranded(job, f"{place.base_branch} no longer contains what was merged from it into {place.branch}")
    if not git.is_ancestor(job.root, place.base_commit, tip):
        return _stranded(job, f"{place.branch} was rewritten: it no longer contains the commit it started from")
    return None


def _arrived(job: _Job, base: str, trailer: str) -> str:
    """The merge commit of this attempt on the base branch, or ""."""
    return git.run(
        job.root,
        *("log", "--max-count=1", "--format=%H", "--no-show-signature", f"--grep=^{trailer}$"),
        *(f"{job.place.base_commit}..{base}", "--"),
    ).text


def _merge_commit(job: _Job, base: str, tip: str) -> tuple[str, tuple[str, ...]]:
    """A commit of both tips that no branch names yet, or "" and the conflicting paths."""
    merged = git.run(
        job.root,
        *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, tip),
        codes=(0, 1),
    )
    tree, *paths = merged.items
    if merged.code == 1:
        return "", tuple(git.display(path) for path in paths)
    commit = git.run(
        job.root,
        *("commit-tree", "-p", base, "-p", tip, "-F", "-", tree),
        stdin=job.message.encode(),
        settings=git.identity(job.root),
    )
    return commit.text, ()


def _advance(job: _Job, base: str, commit: str) -> Merge:
    """Try to move the base branch from `base` to `commit`; returns the block to report if it did not move."""
    branch = job.place.base_branch
    holders = [checkout for checkout in checkouts(job.root) if checkout.branch == branch]
    if len(holders) > 1:
        return _blocked(f"{branch} is checked out in more than one place: {_places(holders)}")
    if holders:
        return _fast_forward(holders[0], base, commit)
    fetched = git.try_run(
        job.root,
        *("fetch", "-q", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-recurse-submodules"),
        *(".", f"{commit}:refs/heads/{branch}"),
    )
    return _blocked(f"git does not move {branch}: {_message(fetched)}")


def _fast_forward(holder: Checkout, base: str, commit: str) -> Merge:
    """Move the branch where it is checked out. `git merge --ff-only` refuses what would overwrite (F26)."""
    path = holder.path
    if not os.path.isdir(path):
        return _blocked(f"the base branch is checked out in {path}, which is gone")
    operation = operation_in_progress(path)
    if operation:
        return _blocked(f"{operation} is unfinished in {path}")
    if holder.head != base:
        return _blocked(f"{path} moved meanwhile")
    moved = git.try_run(
        path,
        *("merge", "-q", "--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-squash", "--commit"),
        *("--no-stat", "--no-verify-signatures", commit),
    )
    paths = tuple(printable(line[1:]) for line in moved.err.splitlines() if line.startswith("\t"))
    return Merge("blocked", "", paths, f"git refuses to merge in {path}: {_message(moved)}")


def _blocked(reason: str) -> Merge:
    return Merge("blocked", "", (), reason)


def _stranded(job: _Job, why: str) -> Merge:
    """It can be merged no more, and a person must say what becomes of it."""
    task = job.task_id
    return _blocked(
        f"{why}; take of {job.place.branch} by hand what is to be kept, then wg fail {task}, wg done {task}; or have "
        f"it done again: wg fail {task}, wg retry {task} --fresh"
    )


def _places(holders: list[Checkout]) -> str:
    return ", ".join(holder.path for holder in holders)


def _message(result: git.Result) -> str:
    """The first thing git said, as part of a sentence."""
    first = result.err.strip().split("\n")[0].removeprefix("error: ").removeprefix("fatal: ").rstrip(":")
    return printable(first) or f"exit code {result.code}"
