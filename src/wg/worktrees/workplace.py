"""Where an attempt works: its own git worktree, made and removed."""

from __future__ import annotations

import os
import shutil

from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.locking import FileLock
from wg.worktrees import git
from wg.worktrees.checkouts import checkouts, find_checkout

_HALF_MADE = "initializing"  # git's own lock reason while `worktree add` has not finished


def serial_reason(project_root: str) -> str:
    """Why attempts run one at a time in the project directory, or "" where each gets a worktree.

    Raises WgError where there is a repository that git cannot use.
    """
    if not git.is_repository(project_root):
        return "the project is not in a git repository"
    if not git.has_commits(project_root):
        return "the git repository has no commit yet"
    return ""


def prepare(project_root: str, wg_dir: str, agent: str, task_id: str, base_branch: str) -> Workplace:
    """Make the worktree of one attempt, on its own branch from the tip of `base_branch`.

    What a killed `prepare` of the same attempt left is taken over. Where there is no git, or no commit yet,
    the place is the project directory and has no branch. Raises WgError for everything else that goes wrong:
    a failed `git worktree add` never leads to the project directory (decision 7).
    """
    if serial_reason(project_root):
        return Workplace(project_root, "", "", "")
    git.require_version()
    path = os.path.join(wg_dir, "worktrees", agent)
    branch = f"wg/{agent}/{task_id}"
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    # git's children do not inherit the lock: its descriptor is closed on exec
    with _lock(wg_dir):
        base = git.branch_tip(project_root, base_branch)
        if base is None:
            raise WgError(
                f"the base branch {base_branch!r} does not exist in {project_root}",
                "set base_branch in .wg/project.toml to an existing branch",
            )
        tip = git.branch_tip(project_root, branch)
        if tip is None:
            git.run(project_root, "worktree", "add", "-q", "--no-track", "-b", branch, path, base)
        else:
            _take_over(project_root, path, branch, tip, base)
        workplace = Workplace(path, branch, base_branch, tip or base)
        # git makes no directory in which it tracks nothing
        os.makedirs(working_directory(project_root, workplace), exist_ok=True)
        return workplace


def working_directory(project_root: str, workplace: Workplace) -> str:
    """Where in its workplace an attempt works: where the project is, which may lie below its repository's top."""
    if not workplace.branch:
        return workplace.directory
    return os.path.normpath(os.path.join(workplace.directory, prefix_of(project_root)))


def prefix_of(project_root: str) -> str:
    """The project's path below the top of its repository; "." at the top."""
    top = os.path.dirname(git.nearest_dot_git(os.path.realpath(project_root)))
    return os.path.relpath(os.path.realpath(project_root), top)


def remove(project_root: str, wg_dir: str, workplace: Workplace) -> None:
    """Remove an attempt's worktree, and its branch where the base branch contains it.

    Only what the record names is removed (F16): a linked worktree of this repository, directly inside
    `<wg_dir>/worktrees`, on the attempt's branch. Raises WgError for anything else, and where the worktree
    holds changes or files that are neither committed nor ignored. What is gone already is no error. Call it
    only when the outcome of the merge is recorded: without its branch, an attempt that had no commits looks lost.
    """
    if not workplace.branch:
        return
    with _lock(wg_dir):
        _remove_worktree(project_root, wg_dir, workplace)
        _remove_merged_branch(project_root, workplace)


def _lock(wg_dir: str) -> FileLock:
    return FileLock(os.path.join(wg_dir, "worktrees.lock"), wait=git.TIMEOUT_SECONDS)


def _take_over(project_root: str, path: str, branch: str, tip: str, base: str) -> None:
    if not git.is_ancestor(project_root, tip, base):
        raise WgError(
            f"branch {branch} exists already and has commits of its own",
            f"look at it with: git log {branch}",
        )
    found = find_checkout(project_root, path)
    if found is not None and found.locked == _HALF_MADE:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        git.run(project_root, "worktree", "remove", "--force", "--force", path)
        found = None
    if found is not None and os.path.isdir(path):
        if found.branch != branch:
            raise WgError(f"{path} is a worktree on {found.branch or 'no branch'}, not on {branch}")
        return
    force = ("--force",) if found is not None else ()  # its directory is gone, its registration is not
    git.run(project_root, "worktree", "add", "-q", *force, path, branch)


def _remove_worktree(project_root: str, wg_dir: str, workplace: Workplace) -> None:
    path = workplace.directory
    found = find_checkout(project_root, path)
    if found is None and not os.path.lexists(path):
        return
    refusal = _refusal(wg_dir, workplace)
    if not refusal and (found is None or found.is_main):
        refusal = "it is not a linked worktree of this repository"
    if not refusal and found is not None and found.branch != workplace.branch:
        refusal = f"it is on {found.branch or 'no branch'}, not on {workplace.branch}"
    if refusal:
        raise WgError(f"{path} is not removed: {refusal}", "look at it, and remove it by hand")
    git.run(project_root, "worktree", "remove", path)


def _refusal(wg_dir: str, workplace: Workplace) -> str:
    """Why the recorded path is none that `prepare` would have made, or ""."""
    path = workplace.directory
    agent = os.path.basename(path)
    inside = os.path.join(wg_dir, "worktrees")
    if agent in ("", ".", "..") or not _same(os.path.dirname(path), inside):
        return f"it is not directly inside {inside}"
    if os.path.islink(path):
        return "it is a symbolic link"
    if not workplace.branch.startswith(f"wg/{agent}/"):
        return f"{workplace.branch} is not a branch of {agent}"
    return ""


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _remove_merged_branch(project_root: str, workplace: Workplace) -> None:
    tip = git.branch_tip(project_root, workplace.branch)
    base = git.branch_tip(project_root, workplace.base_branch)
    if tip is None or base is None or not git.is_ancestor(project_root, tip, base):
        return
    if any(checkout.branch == workplace.branch for checkout in checkouts(project_root)):
        return
    git.run(project_root, "branch", "-q", "-D", workplace.branch)
