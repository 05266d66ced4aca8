"""What people do to tasks by hand. Each function runs in the caller's transaction; WgError says why it is refused."""

from __future__ import annotations

import sqlite3

from wg.errors import WgError
from wg.graph import attempts, edges, events, lifecycle, loops, tasks, transitions
from wg.graph.task import STATUSES


def change(connection: sqlite3.Connection, key: int, event: str, reason: str, now: float, actor: str) -> None:
    """One event of the lifecycle."""
    change = transitions.require(connection, key, event, now=now, by_agent=events.is_agent(actor))
    if lifecycle.SETTLE in change.effects:
        attempts.give_up(connection, key, f"given up by {actor}")
    transitions.apply(connection, key, change, now=now, actor=actor, reason=reason)


def finish(connection: sqlite3.Connection, key: int, *, converged: bool, now: float, actor: str) -> None:
    """Done by hand; `converged`: the loop around it ends with this run."""
    if converged and not loops.converge(connection, key):
        name = tasks.id_of(connection, key)
        raise WgError(f"{name} is part of no loop, so none can converge", f"wg done {name} finishes it")
    change(connection, key, lifecycle.PERSON_DONE, "", now, actor)


def abandon(connection: sqlite3.Connection, key: int, reason: str, superseded_by: str, now: float, actor: str) -> None:
    """Give the task up, perhaps for another one; what depends on it goes on."""
    if superseded_by and tasks.key_of(connection, superseded_by) == key:
        raise WgError(f"{superseded_by} cannot take its own place", "name the task that does its work instead")
    change(connection, key, lifecycle.ABANDONED, reason, now, actor)
    connection.execute("UPDATE tasks SET superseded_by = ? WHERE key = ?", (superseded_by, key))


def reset(connection: sqlite3.Connection, key: int, *, downstream: bool, now: float, actor: str) -> list[str]:
    """Open the task again, and with `downstream` all that was done on top of it. Returns their ids."""
    chain = edges.downstream(connection, key, statuses=("done",))
    names = [tasks.id_of(connection, each) for each in chain]
    busy = edges.dependents_of_any(connection, chain, ("in-progress", "waiting", "pending-eval"))
    if busy:
        raise WgError(
            f"{names[0]} cannot be reset: work that builds on it is under way: {', '.join(busy)}",
            "wait for it to end, or give it up",
        )
    if len(chain) > 1 and not downstream:
        raise WgError(
            f"tasks that build on {names[0]} are done: {', '.join(names[1:])}",
            f"wg reset {names[0]} --downstream opens them again, too",
        )
    for each in chain:
        change(connection, each, lifecycle.RESET, "", now, actor)
    loops.start_over(connection, chain)
    return names


def publish(connection: sqlite3.Connection, key: int, *, only: bool, now: float, actor: str) -> list[str]:
    """Let a draft run and, unless `only`, every draft that depends on it, if all is sound. Returns the ids."""
    below = [key] if only else edges.downstream(connection, key, STATUSES)
    drafts = [each for each in below if tasks.is_paused(connection, each)]
    name = tasks.id_of(connection, key)
    if not drafts:
        others = "" if only else ", nor is anything that depends on it"
        raise WgError(f"{name} is not paused{others}", f"wg show {name} says how it stands")
    problems = edges.problems(connection, drafts, below)
    if problems:
        listed = "".join(f"\n  {each}" for each in problems)
        raise WgError(
            f"{name} cannot be published; nothing was changed:{listed}", "wg dep rm ID DEP takes a dependency away"
        )
    for each in drafts:
        change(connection, each, lifecycle.RESUMED, "", now, actor)
    return [tasks.id_of(connection, each) for each in drafts]
