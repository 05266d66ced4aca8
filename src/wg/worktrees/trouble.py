"""Worktrees in which nothing can be committed: why, and what a person can do so that the work goes on."""

from __future__ import annotations

import os

from wg.graph.attempt import Workplace
from wg.records import NamedTuple
from wg.worktrees import bringing, git
from wg.worktrees.checkouts import estranged, find_checkout, operation_in_progress


class Trouble(NamedTuple):
    """What is wrong with a worktree as a whole."""

    what: str
    way_out: str  # for people: commands that work


def trouble_with(project_root: str, workplace: Workplace) -> Trouble | None:
    """What keeps wg from committing in the worktree, if anything does.

    The agent could write to it: without its `.git`, git would find the user's own checkout above it.
    """
    path = workplace.directory
    if not os.path.isdir(path):
        return _gone(project_root, workplace)
    found = find_checkout(project_root, path)
    if found is None or found.is_main:
        return _foreign(project_root, workplace, "it is no longer a worktree of this repository")
    if why := estranged(project_root, path):
        return _foreign(project_root, workplace, why)
    operation = operation_in_progress(path)
    if operation and not bringing.is_under_way(path, workplace):
        return Trouble(f"{operation} is unfinished in the worktree", f"finish it, or give it up: git -C {path} status")
    branch = git.head_branch(path)
    if branch != workplace.branch:
        if branch and branch.startswith("wg/"):  # its .git may be another attempt's, whose HEAD git would move there
            return _foreign(project_root, workplace, f"the worktree is on {branch}, which is another attempt's")
        return _elsewhere(project_root, workplace, branch or "no branch")
    return None


def _gone(project_root: str, workplace: Workplace) -> Trouble:
    if git.branch_tip(project_root, workplace.branch) is None:
        return Trouble("the worktree and its branch are gone", _again(workplace))
    return Trouble(
        "the worktree is gone, with what was not committed in it",
        f"if {workplace.branch} has the work: {_add(project_root, workplace)}; if not: {_again(workplace)}",
    )


def _foreign(project_root: str, workplace: Workplace, what: str) -> Trouble:
    if git.branch_tip(project_root, workplace.branch) is None:
        return Trouble(what, f"its branch is gone: {_again(workplace)}")
    return Trouble(
        what,
        f"move {workplace.directory} away, and make it anew: {_add(project_root, workplace)}; then put what is to be "
        "kept into it",
    )


def _elsewhere(project_root: str, workplace: Workplace, where: str) -> Trouble:
    git_there = f"git -C {workplace.directory}"
    way_out = f"{git_there} checkout -B {workplace.branch} makes that the work"
    if git.branch_tip(project_root, workplace.branch) is not None:
        way_out += f"; {git_there} checkout {workplace.branch} goes on with what is on that branch"
    return Trouble(f"the worktree is on {where}, not on {workplace.branch}", way_out)


def _add(project_root: str, workplace: Workplace) -> str:
    return f"git -C {project_root} worktree add -f {workplace.directory} {workplace.branch}"


def _again(workplace: Workplace) -> str:
    task = workplace.branch.split("/", 2)[2]  # wg/<agent>/<task>
    return f"wg fail {task}, then wg retry {task} --fresh"
