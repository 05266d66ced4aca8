"""Ending one attempt because a person asks for it, whether or not a dispatcher runs.

The wish is stored with the attempt first, and its supervisor is signalled then: a dispatcher that finds the wish
goes on with it, and settlement honours it.
"""

from __future__ import annotations

import os
import signal
import time
from functools import partial

from wg import processes
from wg.dispatch import recovery, state
from wg.dispatch.settlement import killed
from wg.errors import BusyError, WgError
from wg.graph.attempt import Attempt, Kill
from wg.graph.events import agent
from wg.graph.store import Store
from wg.locations import Project
from wg.patience import Patience
from wg.text import duration

_LOOK_SECONDS = 0.1


def kill(project: Project, store: Store, fence: int, wish: Kill, wait: float) -> Attempt:
    """End the attempt's whole tree, and wait up to `wait` seconds until it is settled; returns it as it is then.

    The setup of its worktree, or its task's check, is ended, too. WgError if it is over, or waits for a person, or if
    this project is a copy of the one that it works for. BusyError if it does not die: then its task stays in progress,
    and no second agent is started on it (fault F4).
    """
    require_own(project, store.attempt(fence))
    if not store.kill(fence, wish, time.time()):
        raise _is_over(store.attempt(fence))
    signalled = None
    patience = Patience(wait)
    while True:
        attempt = store.attempt(fence)
        if attempt.state == "settled":
            return attempt
        if attempt.supervisor is not None and attempt.supervisor != signalled:
            signalled = attempt.supervisor
            processes.send(signalled, signal.SIGTERM)
        if attempt.supervisor is None or attempt.state == "ended":
            processes.end(partial(_commands, project, attempt), processes.LEFTOVER_STEPS)
        if state.read(store) is None:
            settle(project, store, attempt, wish)
        if patience.is_over():
            raise _lives(attempt, wait)
        time.sleep(_LOOK_SECONDS)


def require_own(project: Project, attempt: Attempt) -> None:
    """WgError if the attempt runs for another project, of which this one, with all its records, is a copy."""
    supervisor = attempt.supervisor
    if supervisor is None or attempt.state != "running" or not processes.is_alive(supervisor):
        return
    argv = processes.command_line(supervisor.pid)
    root = argv[argv.index("--dir") + 1] if "--dir" in argv[:-1] else project.root
    if os.path.isdir(root) and not os.path.samefile(root, project.root):
        name = agent(attempt.fence)
        remedy = f"wg --dir {root} kill {name} ends it"
        raise WgError(f"{name} works for {root}, of which this project is a copy", remedy)


def _commands(project: Project, attempt: Attempt) -> list[processes.Process]:
    """What runs for the attempt beside its supervisor."""
    marked = processes.marked(attempt.fence, project.dir)
    return [each for each in marked if "supervisor" not in processes.command_line(each.pid)]


def settle(project: Project, store: Store, attempt: Attempt, wish: Kill) -> None:
    """One step of what a dispatcher would do, while there is none; where two do it, the second changes nothing."""
    if attempt.state != "ended":
        if attempt.supervisor is not None and processes.is_alive(attempt.supervisor):
            return
        now = time.time()
        try:
            outcome = recovery.ended_outcome(project, attempt, now)
        except WgError as error:
            raise BusyError(error.message, error.hint) from None
        if outcome is None:
            return
        store.end(attempt.fence, outcome, now)
    store.settle(attempt.fence, killed(wish), time.time())


def _is_over(attempt: Attempt) -> WgError:
    what = attempt.verdict or f"what it did waits: wg fail {attempt.task_id} gives it up"
    return WgError(
        f"{agent(attempt.fence)} has ended already: {what}", f"wg show {attempt.task_id} says how its task stands"
    )


def _lives(attempt: Attempt, wait: float) -> BusyError:
    name = agent(attempt.fence)
    if attempt.state == "ended":
        return BusyError(f"{name} has ended, and is not settled yet", "the dispatcher does that: wg service logs")
    who = attempt.supervisor
    where = f"its supervisor, process {who.pid} on {who.host}, lives" if who else "its start is under way"
    return BusyError(
        f"{name} has not ended within {duration(wait)}: {where}",
        f"{attempt.task_id} stays in progress until it has, and no other agent is started on it",
    )
