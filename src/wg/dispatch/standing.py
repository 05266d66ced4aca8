"""How an attempt stands, in a few words: also that something of it does not die (fault F4)."""

from __future__ import annotations

import os

from wg.graph.attempt import Attempt


def standing(attempt: Attempt) -> str:
    """The attempt's state, and what is the matter with it."""
    if attempt.state not in ("claimed", "running"):
        return attempt.state
    if is_lost(attempt):
        return f"{attempt.state}, its supervisor is gone: what it has left is ended first"
    return f"{attempt.state}, being killed by {attempt.kill.by}" if attempt.kill else attempt.state


def is_lost(attempt: Attempt) -> bool:
    """Whether it is said to run, and its supervisor is dead.

    Inside an agent's sandbox no process of the outside is to be seen, so there none is taken for dead.
    """
    if attempt.state != "running" or attempt.supervisor is None or "WG_ATTEMPT" in os.environ:
        return False
    from wg import processes  # POSIX only; where no supervisor can run, nothing gets here

    return not processes.is_alive(attempt.supervisor)
