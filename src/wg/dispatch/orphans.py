"""Git commands that a killed dispatcher had begun: the next one lets them finish before it begins any itself."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from wg import processes
from wg.locations import Project
from wg.patience import Patience
from wg.worktrees.git import PARENT

if TYPE_CHECKING:
    from psutil import Process

_WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.05


def await_git(project: Project) -> None:
    """Await their end: two in one worktree, and one's locks taken for stale by the other, leave neither whole.

    One that does not end within 15 s is ended, so that it can remove its locks.
    """
    patience = Patience(_WAIT_SECONDS)
    while _orphans(project):
        if patience.is_over():
            processes.end(lambda: _orphans(project), processes.LEFTOVER_STEPS)
            return
        time.sleep(_POLL_SECONDS)


def _orphans(project: Project) -> list[Process]:
    """Every git in the project whose parent, one of wg's processes, is gone."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            parent = process.environ().get(PARENT)
            if parent is None or process.status() == psutil.STATUS_ZOMBIE or process.ppid() == int(parent):
                continue
            if _is_inside(process.cwd(), project) and not _has_git_above(process):
                found.append(process)
        except (psutil.Error, OSError, ValueError):
            continue
    return found


def _has_git_above(process: Process) -> bool:
    """Whether it is a child of a git, and not the one that wg started."""
    import psutil

    parent = process.parent()
    try:
        return parent is not None and PARENT in parent.environ()
    except (psutil.Error, OSError):  # what has taken it over, and may not be looked into
        return False


def _is_inside(directory: str, project: Project) -> bool:
    top = os.path.realpath(project.root)
    return os.path.commonpath((top, os.path.realpath(directory))) == top
