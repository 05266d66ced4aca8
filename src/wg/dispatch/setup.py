"""The project's own setup of a new worktree: the program `.wg/worktree-setup`."""

from __future__ import annotations

import os
import threading

from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.commands import Command, run_command
from wg.errors import WgError
from wg.graph.attempt import Attempt
from wg.locations import Project
from wg.worktrees import git

_NAMES = ("worktree-setup", "worktree-setup.sh")
_DONE = "wg-setup-done"  # in the worktree's git directory, so that it is gone with the worktree


def setup_hook(project: Project) -> str:
    """The path of the hook, or "" where the project has none."""
    for name in _NAMES:
        path = os.path.join(project.dir, name)
        if os.path.lexists(path):
            return path
    return ""


def set_up(project: Project, attempt: Attempt, worktree: str, timeout: float, cancelled: threading.Event) -> None:
    """Run the hook in a worktree, once. `timeout` is in seconds, and holds for all that it starts.

    Raises WgError, naming the hook and its last line, if it fails, cannot be run or is cancelled: nothing may be
    started in that worktree then.
    """
    done = os.path.join(worktree, git.run(worktree, "rev-parse", "--git-path", _DONE).text)
    if os.path.exists(done):
        return
    hook = setup_hook(project)
    if hook:
        _run(hook, project, attempt, worktree, timeout, cancelled)
    with open(done, "wb"):
        pass


def _run(
    hook: str, project: Project, attempt: Attempt, worktree: str, timeout: float, cancelled: threading.Event
) -> None:
    log = AttemptFiles(project, attempt.fence).setup
    command = Command((hook, worktree, project.root), worktree, log, timeout)
    try:
        why = run_command(command, attempt, project, cancelled)
    except OSError as error:
        raise WgError(f"{hook} cannot be run: {error.strerror or error}", f"chmod +x {hook}") from error
    if why is None:
        raise WgError(f"{hook} was stopped with the dispatcher")
    if why:
        raise WgError(f"{hook} {why}", f"its output is in {log}")
