"""What shows that an attempt has done its work (DESIGN.md, decision 8): commits, or artifacts that stay."""

from __future__ import annotations

import os

from wg.graph.attempt import Attempt, Workplace

_CLOCK_SECONDS = 1.0  # by which the file system's clock may lag behind


def lasting_artifact(root: str, attempt: Attempt, place: Workplace, artifacts: tuple[str, ...]) -> str:
    """The first declared artifact that the attempt has made outside of its worktree, with which all others would go.

    A relative path is one in the project's directory `root`. "" if there is none.
    """
    for artifact in artifacts:
        path = os.path.realpath(os.path.join(root, artifact))
        inside = os.path.realpath(place.directory)
        if os.path.commonpath([path, inside]) != inside and _is_made_since(path, attempt.claimed_at):
            return artifact
    return ""


def transient_artifact(place: Workplace, artifacts: tuple[str, ...]) -> str:
    """The first declared artifact that is in the worktree alone, because git ignores it; "" if there is none."""
    return next((each for each in artifacts if os.path.exists(os.path.join(place.directory, each))), "")


def _is_made_since(path: str, moment: float) -> bool:
    try:
        return os.stat(path).st_mtime >= moment - _CLOCK_SECONDS
    except (OSError, ValueError):
        return False
