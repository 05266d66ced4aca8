"""Brings an attempt's branch into its base branch without touching the user's work (decision 7, F17, F26)."""

from __future__ import annotations

from typing import NamedTuple

from wg.graph.attempt import Workplace


class Merge(NamedTuple):
    """How a merge ended."""

    state: str  # "merged" | "nothing" (no commits) | "conflict" | "blocked" (try again later)
    commit: str  # merged: the commit that brought the branch in, else ""
    paths: tuple[str, ...]  # conflict: the conflicting paths; blocked: the paths git names, if any
    reason: str  # for people: why there is a conflict or a block, else ""


def has_work(project_root: str, workplace: Workplace) -> bool:
    """Whether the attempt's branch has commits since its base commit. False where it has no branch."""
    raise NotImplementedError


def merge(project_root: str, workplace: Workplace, message: str, fence: int, task_id: str) -> Merge:
    """Merge the attempt's branch into its base branch. Safe to run again after being killed at any point."""
    raise NotImplementedError
