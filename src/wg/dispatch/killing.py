"""Ending one attempt because a person asks for it, whether or not a dispatcher runs.

The wish is stored with the attempt first, and its supervisor is signalled then: a dispatcher that finds the wish
goes on with it, and settlement honours it.
"""

from __future__ import annotations

import signal
import time

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

    WgError if it has ended already. BusyError if it does not die: then its task stays in progress, and no second
    agent is started on it (fault F4).
    """
    if not store.kill(fence, wish, time.time()):
        raise _is_over(store, store.attempt(fence))
    signalled = None
    patience = Patience(wait)
    while True:
        attempt = store.attempt(fence)
        if attempt.state == "settled":
            return attempt
        if attempt.supervisor is not None and attempt.supervisor != signalled:
            signalled = attempt.supervisor
            processes.send(signalled, signal.SIGTERM)
        if state.read(store) is None:
            settle(project, store, attempt, wish)
        if patience.is_over():
            raise _lives(attempt, wait)
        time.sleep(_LOOK_SECONDS)


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


def _is_over(store: Store, attempt: Attempt) -> WgError:
    what = attempt.verdict or "what it did is being judged, or waits"
    hint = f"wg show {attempt.task_id} says how its task stands"
    if attempt.state == "ended" and state.read(store) is None:
        what, hint = "what it did is judged once a dispatcher runs", "wg service start"
    return WgError(f"{agent(attempt.fence)} has ended already: {what}", hint)


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
