"""Worktrees that are of no more use: removed after each settlement, and what a killed dispatcher left, at its start."""

from __future__ import annotations

import os
from collections.abc import Collection

from wg.dispatch import places
from wg.dispatch.commands import end_commands
from wg.errors import NotFoundError
from wg.graph.attempt import Attempt, Workplace
from wg.graph.store import Store
from wg.locations import Project
from wg.records import NamedTuple
from wg.worktrees.checkouts import estranged, made_at
from wg.worktrees.scratch import PREFIX, remove_scratch
from wg.worktrees.workplace import is_merged, remove

_CLOCK_SECONDS = 1.0  # by which the file system's clock may lag behind


class Finished(NamedTuple):
    """A worktree that can go."""

    place: Workplace
    is_used_up: bool  # its last agent ended well: if its work is merged, what is not committed there is its check's
    claimed_at: float | None  # where no agent was ever started in it: when its attempt was claimed; else None


def all_finished(project: Project, store: Store, names: list[str]) -> list[Finished]:
    """Every worktree that can go of the agents of these names, and every branch whose worktree is gone already."""
    tasks = {attempt.task_id for name in names for attempt in _attempt(store, name, "agent-")}
    return [found for task_id in sorted(tasks) for found in finished_of(project, store, task_id, names)]


def finished_of(project: Project, store: Store, task_id: str, names: Collection[str] = ()) -> list[Finished]:
    """The worktrees of that task's attempts that can go; of agents with these `names` there is at least a branch.

    They are: those of a task that is done, or has started over since; those of read-only attempts; and those in which
    no agent was started. One in which an attempt is not over, or the next one would go on, is never among them.
    """
    task, attempts = store.task(task_id), store.attempts_of(task_id)
    following = None if task.status == "done" else places.inheritance(attempts, task.fresh)
    users = users_by_directory(attempts)
    found = [each for uses in users.values() if (each := _finished(uses, following))]
    for attempt in attempts:
        if attempt.state == "settled" and attempt.workplace is None:
            place = places.planned_place(project, attempt)
            there = os.path.isdir(place.directory) or os.path.basename(place.directory) in names
            if place.directory not in users and there:
                found.append(Finished(place, False, attempt.claimed_at))
    return found


def users_by_directory(attempts: list[Attempt]) -> dict[str, list[Attempt]]:
    """The attempts (oldest first) that work, or have worked, in each worktree."""
    users: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.workplace is not None and attempt.workplace.branch:
            users.setdefault(attempt.workplace.directory, []).append(attempt)
    return users


def clear(project: Project, finished: Finished) -> None:
    """Remove the worktree if all in it is saved. WgError says why not."""
    place = places.with_present_base(project, finished.place)
    discard = finished.is_used_up and is_merged(project.root, place)
    if finished.claimed_at is not None and os.path.isdir(place.directory):
        discard = is_unused(project, place, finished.claimed_at)
    remove(project.root, project.dir, place, discard=discard)


def is_unused(project: Project, place: Workplace, claimed_at: float) -> bool:
    """Whether the worktree was made for an attempt claimed then, in which no agent was started.

    One that is older was made for another project's or database's attempt of that number.
    """
    return not estranged(project.root, place.directory) and made_at(place.directory) >= claimed_at - _CLOCK_SECONDS


def scratch_attempts(project: Project, store: Store) -> list[Attempt]:
    """Attempts for whose merge there still is a worktree."""
    directory = os.path.join(project.dir, "worktrees")
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    return [attempt for name in names for attempt in _attempt(store, name, PREFIX)]


def clear_scratch(project: Project, attempt: Attempt) -> None:
    """Remove the worktree in which the attempt's merge was checked, and end what is left of that check. WgError."""
    end_commands(attempt, project)
    remove_scratch(project.root, project.dir, attempt.fence)


def _finished(users: list[Attempt], following: Workplace | None) -> Finished | None:
    last = users[-1]
    place = last.workplace
    assert place is not None, "users have one"
    if any(attempt.state != "settled" for attempt in users):
        return None
    if following is not None and following.directory == place.directory:
        return None
    return Finished(place, last.outcome is not None and last.outcome.succeeded, None)


def _attempt(store: Store, name: str, prefix: str) -> list[Attempt]:
    """The attempt that is named so with that prefix, if there is one."""
    number = name.removeprefix(prefix)
    if number == name or not number.isdecimal():
        return []
    try:
        return [store.attempt(int(number))]
    except NotFoundError:
        return []
