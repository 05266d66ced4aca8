"""Where an attempt works: its own git worktree, made and removed."""

from __future__ import annotations

from wg.graph.attempt import Workplace


def serial_reason(project_root: str) -> str:
    """Why attempts run one at a time in the project directory, or "" where each gets a worktree."""
    raise NotImplementedError


def prepare(project_root: str, wg_dir: str, agent: str, task_id: str, base_branch: str) -> Workplace:
    """Make the worktree of one attempt, or take over what a killed `prepare` of the same attempt left."""
    raise NotImplementedError


def remove(project_root: str, wg_dir: str, workplace: Workplace) -> None:
    """Remove an attempt's worktree, and its branch where that is merged. Raises WgError where it refuses."""
    raise NotImplementedError
