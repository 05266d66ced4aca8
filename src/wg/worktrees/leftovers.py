"""Commits what an agent left uncommitted, and holds back what must not be committed unseen."""

from __future__ import annotations

from typing import NamedTuple

from wg.graph.attempt import Workplace


class Leftovers(NamedTuple):
    """What was found. Anything `held` needs a person; the paths are relative to the worktree, for display."""

    committed: tuple[str, ...]
    held: tuple[tuple[str, str], ...]  # (path, reason)


def commit_leftovers(project_root: str, workplace: Workplace, message: str) -> Leftovers:
    """Commit what the agent left. Call it only when no process works in the worktree any more."""
    raise NotImplementedError
