"""Where an attempt works: its own git worktree, made and removed."""

from __future__ import annotations

import os
import shutil

from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.locking import FileLock
from wg.worktrees import git
from wg.worktrees.checkouts import Checkout, checkouts, find_checkout

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
    with lock(wg_dir):
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


def remove(project_root: str, wg_dir: str, workplace: Workplace, *, discard: bool = False) -> None:
    """Remove an attempt's worktree, and its branch where the base branch contains it.

    Only what the record names is removed (F16): a linked worktree of this repository, directly inside
    `<wg_dir>/worktrees`, on the attempt's branch. Raises WgError for anything else, and where the worktree
    holds changes or files that are neither committed nor ignored, unless `discard` is set or the record says that
    it was read-only. What is gone already is no error. Call it only when the outcome of the merge is recorded:
    without its branch, an attempt that had no commits looks lost.
    """
    if workplace.branch:
        with lock(wg_dir):
            remove_locked(project_root, wg_dir, workplace, discard=discard)


def remove_locked(
    project_root: str, wg_dir: str, workplace: Workplace, *, discard: bool = False, with_branch: bool = False
) -> None:
    """`remove` for who holds the lock; `with_branch` takes the branch along, merged or not."""
    _remove_worktree(project_root, wg_dir, workplace, discard=discard or workplace.read_only)
    _remove_branch(project_root, workplace, unmerged=with_branch or workplace.read_only)


def discard_checkout(project_root: str, found: Checkout) -> None:
    """Remove a linked worktree with all that is in it. Links in it are not followed. Raises WgError."""
    try:
        if os.path.isdir(found.path) and not os.path.islink(found.path):
            shutil.rmtree(found.path)
    except OSError as error:
        raise WgError(f"{found.path} cannot be removed: {error}", "remove it by hand") from error
    git.run(project_root, "worktree", "remove", "--force", "--force", found.path)


def lock(wg_dir: str) -> FileLock:
    """Held while worktrees are made, taken over or removed. git's children do not inherit it."""
    return FileLock(os.path.join(wg_dir, "worktrees.lock"), wait=git.TIMEOUT_SECONDS)


def _take_over(project_root: str, path: str, branch: str, tip: str, base: str) -> None:
    if not git.is_ancestor(project_root, tip, base):
        raise WgError(
            f"branch {branch} exists already and has commits of its own",
            f"look at it with: git log {branch}",
        )
    found = made_checkout(project_root, path)
    if found is not None and os.path.isdir(path):
        if found.branch != branch:
            raise WgError(f"{path} is a worktree on {found.branch or 'no branch'}, not on {branch}")
        return
    make_again(project_root, path, branch, found)


def made_checkout(project_root: str, path: str) -> Checkout | None:
    """The checkout at `path`, if there is one; what git, killed in the middle, has only half made is removed."""
    found = find_checkout(project_root, path)
    if found is not None and found.locked == _HALF_MADE:
        discard_checkout(project_root, found)
        return None
    return found


def make_again(project_root: str, path: str, branch: str, found: Checkout | None) -> None:
    """Make a worktree for a branch that is there; `found` is what is left of one whose directory is gone."""
    force = ("--force",) if found is not None else ()
    git.run(project_root, "worktree", "add", "-q", *force, path, branch)


def restore(project_root: str, wg_dir: str, workplace: Workplace) -> None:
    """Make the worktree again where it is gone and its branch is not; else nothing. Raises WgError."""
    path = workplace.directory
    with lock(wg_dir):
        if not os.path.lexists(path) and git.branch_tip(project_root, workplace.branch) is not None:
            make_again(project_root, path, workplace.branch, made_checkout(project_root, path))
            os.makedirs(working_directory(project_root, workplace), exist_ok=True)


def _remove_worktree(project_root: str, wg_dir: str, workplace: Workplace, *, discard: bool) -> None:
    path = workplace.directory
    found = find_checkout(project_root, path)
    if found is None and not os.path.lexists(path):
        return
    why = refusal(wg_dir, workplace)
    if not why and (found is None or found.is_main):
        why = "it is not a linked worktree of this repository"
    if not why and found is not None and found.branch != workplace.branch and not workplace.read_only:
        why = f"it is on {found.branch or 'no branch'}, not on {workplace.branch}"
    if why:
        raise WgError(f"{path} is not removed: {why}", "look at it, and remove it by hand")
    if discard and found is not None:
        discard_checkout(project_root, found)
    else:
        git.run(project_root, "worktree", "remove", path)


def refusal(wg_dir: str, workplace: Workplace) -> str:
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


def is_merged(project_root: str, workplace: Workplace) -> bool:
    """Whether the base branch contains all that is on the attempt's branch. False where one of them is gone."""
    tip = git.branch_tip(project_root, workplace.branch)
    base = git.branch_tip(project_root, workplace.base_branch)
    return tip is not None and base is not None and git.is_ancestor(project_root, tip, base)


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _remove_branch(project_root: str, workplace: Workplace, *, unmerged: bool) -> None:
    tip = git.branch_tip(project_root, workplace.branch)
    if tip is None or not (unmerged or is_merged(project_root, workplace)):
        return
    if any(checkout.branch == workplace.branch for checkout in checkouts(project_root)):
        return
    git.run(project_root, "branch", "-q", "-D", workplace.branch)
