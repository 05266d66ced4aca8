"""Whether what the store says of tasks, dependencies and attempts fits together."""

from __future__ import annotations

from wg.dispatch import state
from wg.doctor.finding import OK, PROBLEM, WARNING, Finding
from wg.graph.store import Store

_UNTIE = "wg dep rm ID DEP takes one of these dependencies away"
_BACKUP = "no command brings this about: restore a backup of .wg/db, and please report it"


def examine_graph(store: Store) -> list[Finding]:
    """One finding at least; problems are what no command brings about."""
    found = [Finding(PROBLEM, "database", damage, _BACKUP) for damage in store.integrity_check()]
    found += [
        Finding(PROBLEM, each.task, f"it counts {each.counted} unmet dependencies, and has {each.unmet}", _BACKUP)
        for each in store.miscounted()
    ]
    found += [
        Finding(PROBLEM, task, "it is in progress, but neither an attempt nor a person is at work", _BACKUP)
        for task in store.unattended()
    ]
    circle = store.cycle()
    if circle:
        found.append(Finding(PROBLEM, circle[0], f"these wait for each other: {' -> '.join(circle)}", _UNTIE))
    else:
        found += _deadlock(store)
    found += _endless(store) + _unguarded(store)
    return found + _lost(store) or [Finding(OK, "graph", "everything fits together")]


def _deadlock(store: Store) -> list[Finding]:
    """Tasks that wait for each other by conditions, which earlier versions accepted."""
    circle = store.deadlock()
    if not circle:
        return []
    text = f"these wait for each other, and none of them goes on: {' -> '.join(circle)}"
    return [Finding(WARNING, circle[0], text, f"wg resume {circle[0]} ends its waiting")]


def _endless(store: Store) -> list[Finding]:
    """Loops that nothing but somebody's word ends: only an import makes these."""
    return [
        Finding(
            WARNING,
            loop.tail,
            f"the loop back to {loop.head} has no end: only wg done --converged ends it",
            f"wg edit {loop.tail} --max-iterations N",
        )
        for loop in store.loops()
        if loop.max_iterations is None and not loop.guard and not loop.converged
    ]


def _unguarded(store: Store) -> list[Finding]:
    """Loops with a guard on a task that is not there, which earlier versions accepted."""
    guarded = [(loop, loop.guard.partition("=")[0]) for loop in store.loops() if loop.guard]
    known = set(store.ids()) if guarded else set()
    return [
        Finding(
            WARNING,
            loop.tail,
            f"the loop back to {loop.head} runs again while {loop.guard}, and there is no task {task}: it never does",
            f'wg edit {loop.tail} --guard ID=STATUS, or --guard "" for none',
        )
        for loop, task in guarded
        if task not in known
    ]


def _lost(store: Store) -> list[Finding]:
    """Attempts whose process is dead: a dispatcher settles them, so they are one only while none runs."""
    from wg import processes  # POSIX only; where no dispatcher can run, there are no attempts

    attempts = store.attempts(("running",))
    if not attempts or state.read(store) is not None:
        return []
    return [
        Finding(
            WARNING,
            each.task_id,
            f"agent-{each.fence} is said to run, but its process {each.supervisor.pid} is dead",
            "wg service start: the dispatcher settles it",
        )
        for each in attempts
        if each.supervisor and not processes.is_alive(each.supervisor)
    ]
