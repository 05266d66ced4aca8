"""What an attempt that did not succeed has left is committed to its branch, so that nothing is lost."""

from __future__ import annotations

from wg.dispatch.hold import Hold
from wg.errors import WgError
from wg.graph.attempt import Attempt, Settlement, Workplace
from wg.graph.task import Task
from wg.locations import Project
from wg.worktrees.history import fork
from wg.worktrees.leftovers import Leftovers, commit_leftovers


def save(project: Project, attempt: Attempt, task: Task, settlement: Settlement) -> Settlement:
    """Commit what was left; what must not be, stays in the worktree, and the verdict names it.

    It never changes what becomes of the task: that is decided already.
    """
    place = attempt.workplace
    if place is None:
        return settlement
    try:
        left = commit_leftovers(project.root, place, task.title)
    except (WgError, OSError) as error:
        said = f"what was left in {place.directory} is not committed: {error}"
    else:
        if not left.needs_person:
            return settlement
        said = "; ".join(_found(place, left))
    return settlement._replace(verdict=f"{settlement.verdict}; {said}")


def held(place: Workplace, left: Leftovers) -> Hold:
    """What a person has to do so that the work goes on."""
    if left.trouble is not None:
        return Hold(f"{place.directory}: {left.trouble.what}; {left.trouble.way_out}; then the work goes on")
    said = []
    if left.held:
        said.append(f"not committed in {place.directory}: {_listed(left.held)}; commit, ignore or remove it there")
    if left.by_agent:
        said.append(
            f"committed by the agent on {place.branch}: {_listed(left.by_agent)}; to leave it out: git -C "
            f"{place.directory} reset --soft {fork(place)}, and remove it there; to take it as it is: merge "
            f"{place.branch} into {place.base_branch} by hand"
        )
    return Hold(f"{'; '.join(said)}; then the work goes on", "files")


def _found(place: Workplace, left: Leftovers) -> list[str]:
    said = []
    if left.trouble is not None:
        said.append(f"what was left in {place.directory} is not committed: {left.trouble.what}")
    if left.held:
        said.append(f"not committed, and still in {place.directory}: {_listed(left.held)}")
    if left.by_agent:
        said.append(f"committed by the agent on {place.branch}: {_listed(left.by_agent)}")
    return said


def _listed(found: tuple[tuple[str, str], ...]) -> str:
    """The paths, each with its reason."""
    return ", ".join(f"{path} ({why})" for path, why in found)
