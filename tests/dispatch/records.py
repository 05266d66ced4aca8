"""Ended attempts for tests of what follows from them."""

from __future__ import annotations

from wg.dispatch.limits import Limits, Record
from wg.graph.attempt import Attempt, Outcome, RouteRecord, Usage, Workplace
from wg.graph.task import Task

NOW = 10_000.0
TASK = Task("t", "T", "in-progress", "", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)
ROUTE = RouteRecord("codex", "codex:m", "s", "/c", "d", "codex")
PLACE = Workplace("/p", "", "", "")
DONE = Outcome(0, True, "", "fine", "", Usage(), NOW)
LOST = Outcome(None, False, "lost", "its supervisor was killed", "", Usage(), NOW)
CRASHED = Outcome(-9, False, "crash", "killed by signal 9", "", Usage(), NOW)
LIMITS = Limits(3, 10, 10.0, 60.0, 3600.0)


def attempt(outcome: Outcome, claim: str = "", reason: str = "", fence: int = 100, claimed_at: float = NOW) -> Attempt:
    return Attempt(fence, "t", "ended", ROUTE, PLACE, None, 60.0, claimed_at, 0.0, claim, reason, outcome, "")


def record(ended: Attempt, earlier: tuple[Outcome, ...] = (), failed: int = 0, task: Task = TASK) -> Record:
    """`earlier` came one a second, just before."""
    first = ended.fence - len(earlier)
    before = [
        attempt(outcome, fence=first + number, claimed_at=NOW - len(earlier) + number)._replace(state="settled")
        for number, outcome in enumerate(earlier)
    ]
    return Record(task._replace(failures=failed), ended, before, LIMITS, NOW)
