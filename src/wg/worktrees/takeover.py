"""Goes on in the worktree that an earlier attempt at the same task has left, on the same branch."""

from __future__ import annotations

import os

from wg.errors import WgError
from wg.graph.attempt import Workplace
from wg.worktrees import git
from wg.worktrees.authors import hand_over
from wg.worktrees.bringing import bring_base
from wg.worktrees.changes import committed_to_hold, uncommitted
from wg.worktrees.checkouts import Checkout, estranged, operation_in_progress, remove_stale_locks
from wg.worktrees.interrupted import bring, put_back
from wg.worktrees.workplace import is_merged, lock, made_checkout, make_again, refusal, working_directory

_HINT = "look at it, or start over in a new one: wg retry ID --fresh"


def take_over(project_root: str, wg_dir: str, workplace: Workplace) -> Workplace | None:
    """Make the worktree of an earlier attempt ready for the next one; None where worktree and branch are gone.

    Call it only when no process of that attempt lives: locks that killed ones left are removed. A worktree that is
    gone is made again from its branch. Where nothing was done on the branch, it is brought up to the base branch;
    where the two did not fit together, the base is merged in. Nothing is rebased, and no change is discarded.
    Raises WgError for what the record does not name (F16), and where git fails.
    """
    path = workplace.directory
    if why := refusal(wg_dir, workplace):
        raise WgError(f"{path} is not used again: {why}", _HINT)
    with lock(wg_dir):
        found = made_checkout(project_root, path)
        if git.branch_tip(project_root, workplace.branch) is None:
            _require_gone(project_root, workplace, found)
            return None
        if found is None or not os.path.isdir(path):
            make_again(project_root, path, workplace.branch, found)
        else:
            _require_usable(project_root, workplace, found)
            remove_stale_locks(path, workplace.branch)
            put_back(path)
            hand_over(path, committed_to_hold(path, workplace))
        place = _brought_up(project_root, workplace)
        if place.merging:
            bring_base(place)
        os.makedirs(working_directory(project_root, place), exist_ok=True)
        return place


def _require_gone(project_root: str, workplace: Workplace, found: Checkout | None) -> None:
    path = workplace.directory
    if os.path.lexists(path):
        raise WgError(f"the branch {workplace.branch} of {path} is gone", _HINT)
    if found is not None:
        git.run(project_root, "worktree", "remove", "--force", path)  # only its registration is left


def _require_usable(project_root: str, workplace: Workplace, found: Checkout) -> None:
    path = workplace.directory
    why = "it is the main worktree" if found.is_main else estranged(project_root, path)
    # in the middle of a rebase no branch is checked out: the next agent may finish it
    if not why and found.branch != workplace.branch and (found.branch or not operation_in_progress(path)):
        why = f"it is on {found.branch or 'no branch'}, not on {workplace.branch}"
    if why:
        raise WgError(f"{path} is not used again: {why}", _HINT)


def _brought_up(project_root: str, workplace: Workplace) -> Workplace:
    """Where the base has all that is on the branch, the work begins at the base's tip, as in a new worktree."""
    path = workplace.directory
    if not is_merged(project_root, workplace) or operation_in_progress(path):
        return workplace
    base = git.branch_tip(project_root, workplace.base_branch)
    if base and not uncommitted(path):
        bring(path, base, "merge", "-q", "--ff-only", "--no-overwrite-ignore", "--no-autostash", base)
    return workplace._replace(base_commit=git.branch_tip(project_root, workplace.branch) or workplace.base_commit)
