"""The worktrees and branches that attempts have left: whose they are, what is in them, and which can go.

Removed is only what a record names and whose work is merged or saved, and never while an attempt is not over or the
next one would go on there (F16).
"""

from __future__ import annotations

import os

from wg.dispatch import places
from wg.dispatch.finished import is_unused, users_by_directory
from wg.errors import NotFoundError, WgError
from wg.graph.attempt import Attempt, Workplace
from wg.graph.store import Store
from wg.graph.task import Task
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees import git
from wg.worktrees.changes import uncommitted
from wg.worktrees.checkouts import estranged, find_checkout
from wg.worktrees.scratch import PREFIX
from wg.worktrees.workplace import is_merged, lock, refusal, remove_locked


class Holding(NamedTuple):
    """A worktree in `.wg/worktrees`, or a branch that has none any more."""

    agent: str
    task: str  # "" where no record names it
    branch: str
    directory: str  # "" where only the branch is left
    ahead: int  # commits that the base branch does not have
    dirty: bool  # whether something in it is not committed
    state: str  # for people: who uses it, or why it is kept
    can_go: bool
    is_ours: bool = True  # a record names it, and it is what that says


class _Records(NamedTuple):
    """What the store says of one place."""

    place: Workplace
    task: Task
    maker: Attempt  # for whom it was made
    users: list[Attempt]  # oldest first; empty where no agent was ever started in it
    is_over: bool
    is_next: bool  # the task's next attempt would go on there


def holdings(project: Project, store: Store) -> list[Holding]:
    """All of them, by agent. Raises WgError where git fails."""
    if not git.is_repository(project.root):
        return []
    found = [_seen(project, store, agent) for agent in places.agents_with_places(project)]
    return [each for each in found if each is not None]


def _seen(project: Project, store: Store, agent: str) -> Holding | None:
    """What there is of it now: the dispatcher may remove it while it is looked at, and then it is looked at again."""
    try:
        return _look_at(project, agent, _records(project, store, agent))
    except WgError:
        return _look_at(project, agent, _records(project, store, agent))


def collect(project: Project, store: Store) -> list[tuple[Holding, str]]:
    """Remove all that can go; each with why it was not removed after all, or ""."""
    done = []
    for holding in holdings(project, store):
        if holding.can_go:
            try:
                _remove(project, store, holding.agent, force=False)
            except WgError as error:
                done.append((holding, error.message))
            else:
                done.append((holding, ""))
    return done


def discard(project: Project, store: Store, agent: str, *, force: bool) -> str:
    """Remove that agent's worktree; with `force` its branch and all in it, merged or not. Returns the last commit.

    NotFoundError where there is none; WgError where it is in use, no record names it, or it holds work and `force`
    is not set.
    """
    return _remove(project, store, agent, force=force)


def _remove(project: Project, store: Store, agent: str, *, force: bool) -> str:
    with lock(project.dir):  # a claim after this look makes its worktree anew
        records = _records(project, store, agent)
        holding = _look_at(project, agent, records)
        if holding is None:
            raise NotFoundError(f"{agent} has no worktree and no branch", "wg worktree list shows them")
        if records is None or not holding.is_ours:
            raise WgError(f"{agent} is not removed: {holding.state}", "look at it, and remove it by hand")
        if not holding.can_go and (not force or not records.is_over):
            hint = f"wg worktree rm {agent} --discard removes it with all its work" if records.is_over else ""
            raise WgError(f"{agent} is not removed: {holding.state}", hint or "wait for the attempt, or end it")
        tip = git.branch_tip(project.root, records.place.branch) or ""
        remove_locked(
            project.root,
            project.dir,
            records.place,
            discard=force or _is_worthless(records) or (holding.can_go and holding.dirty),
            with_branch=force,
        )
        return tip


def _records(project: Project, store: Store, agent: str) -> _Records | None:
    """What the store says of that agent's place, or None where it says nothing."""
    number = agent.removeprefix("agent-")
    if agent == number or not number.isdecimal():
        return None
    try:
        maker = store.attempt(int(number))
    except NotFoundError:
        return None
    task, attempts = store.task(maker.task_id), store.attempts_of(maker.task_id)
    planned = places.planned_place(project, maker)
    users = users_by_directory(attempts).get(planned.directory, [])
    place = users[-1].workplace if users else planned
    if place is None or refusal(project.dir, place):
        return None
    # without users its maker was interrupted, or it went on somewhere else
    over = maker.state == "settled" and all(attempt.state == "settled" for attempt in users)
    following = places.inheritance(attempts, task.fresh) if task.status not in ("done", "abandoned") else None
    is_next = following is not None and following.directory == place.directory
    return _Records(places.with_present_base(project, place), task, maker, users, over, is_next)


def _look_at(project: Project, agent: str, records: _Records | None) -> Holding | None:
    directory = os.path.join(project.dir, "worktrees", agent)
    there = os.path.lexists(directory)
    if records is None:
        state = "not made for an agent of this project: left alone"
        if agent.startswith(PREFIX):
            state = "a merge is checked there; the dispatcher removes it"
        return Holding(agent, "", "", directory, 0, False, state, can_go=False, is_ours=False) if there else None
    place = records.place
    tip = git.branch_tip(project.root, place.branch)
    if not there and tip is None:
        return None
    trouble = _trouble(project, records) if there else ""
    dirty = there and not trouble and bool(uncommitted(directory))
    ahead = _ahead(project, place, tip) if tip else 0
    state, can_go = _judge(project, records, trouble, ahead, dirty, there)
    where = directory if there else ""
    return Holding(agent, records.task.id, place.branch, where, ahead, dirty, state, can_go, is_ours=not trouble)


def _judge(project: Project, records: _Records, trouble: str, ahead: int, dirty: bool, there: bool) -> tuple[str, bool]:
    """For people, why it is there; and whether it can go."""
    task, status = records.task, records.task.status
    if not records.is_over:
        return "in use", False
    if trouble:
        return trouble, False
    if there and _is_worthless(records):
        return "not needed: nothing in it is to be kept", True
    if dirty and not (_ended_well(records) and is_merged(project.root, records.place)):
        return "kept: something in it is not committed", False
    if records.is_next and status != "failed":
        return f"kept: the next attempt at {task.id} goes on there", False
    if not ahead:
        return "not needed: its work is merged, or there is none", True
    if records.is_next:
        return f"kept: {task.id} failed, and its work is not merged", False
    if there:
        return "not needed: its work is saved on its branch", True
    return "kept: a branch that is not merged", False


def _is_worthless(records: _Records) -> bool:
    return records.place.read_only or not records.users


def _ended_well(records: _Records) -> bool:
    outcome = records.users[-1].outcome if records.users else None
    return records.task.status == "done" and outcome is not None and outcome.succeeded


def _trouble(project: Project, records: _Records) -> str:
    """Why the directory cannot be looked into, or is not what the record says; else ""."""
    place = records.place
    found = find_checkout(project.root, place.directory)
    if found is None or found.is_main or not os.path.isdir(place.directory):
        return "no worktree of this repository: left alone"
    if why := estranged(project.root, place.directory):
        return f"left alone: {why}"
    if found.branch != place.branch and not place.read_only:
        return f"left alone: it is on {found.branch or 'no branch'}, not on {place.branch}"
    if not records.users and not is_unused(project, place, records.maker.claimed_at):
        return "left alone: it is older than the attempt of that number"
    return ""


def _ahead(project: Project, place: Workplace, tip: str) -> int:
    """How many commits of `tip`, the branch's, the base does not have. The branch itself may be gone by now."""
    known = [f"^refs/heads/{place.base_branch}"] if git.branch_tip(project.root, place.base_branch) else []
    return int(git.run(project.root, "rev-list", "--count", tip, *known, "--").text)
