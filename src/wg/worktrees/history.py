"""What an attempt left on its branch, in git's words."""

from __future__ import annotations

from wg.graph.attempt import Workplace
from wg.worktrees import git

_COMMITS = 20
_FILES = 30
_WIDTH = 100


def on_branch(project_root: str, workplace: Workplace) -> str:
    """The commits that the base branch does not have, a line each, and the files that they change.

    The newest 20 commits and the first 30 files; "" if there is nothing, or no such branch (any more). Raises
    WgError where git cannot be run.
    """
    if not workplace.branch:
        return ""
    base, branch = f"refs/heads/{workplace.base_branch}", f"refs/heads/{workplace.branch}"
    log = git.try_run(
        project_root,
        *("log", "--format=%h %s", "--no-color", "--no-show-signature", f"--max-count={_COMMITS}"),
        *(f"{base}..{branch}", "--"),
    )
    if log.code != 0 or not log.out:
        return ""
    changes = git.try_run(
        project_root,
        *("diff", "--no-color", "--no-ext-diff", "--no-textconv", f"--stat={_WIDTH}", f"--stat-count={_FILES}"),
        *(f"{base}...{branch}", "--"),
    )
    return f"{log.text}\n{changes.text}".rstrip("\n") if changes.code == 0 else log.text


def fork(workplace: Workplace) -> str:
    """The last commit that the branch has in common with its base branch, abbreviated."""
    names = (f"refs/heads/{workplace.base_branch}", f"refs/heads/{workplace.branch}")
    found = git.try_run(workplace.directory, "merge-base", *names)
    return (found.text if found.code == 0 else workplace.base_commit)[:12]
