"""Attempts and routes: claimed -> running -> ended -> settled, as every store has them."""

from __future__ import annotations

from typing import Protocol

from wg.graph.attempt import Attempt, Kill, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace
from wg.graph.pause import RoutePause
from wg.graph.task import NO_LIMIT, Condition


class Attempts(Protocol):
    """See `protocol` for what holds for all methods."""

    def claim(
        self, task_id: str, route: RouteRecord, timeout: float, now: float, launch_deadline: float
    ) -> Attempt | None:
        """Make an attempt, if the task is still ready (fault F8), else None. `timeout` is in seconds."""

    def prepare(self, fence: int, workplace: Workplace) -> bool:
        """Store where the attempt works. False if it is not `claimed` any more, or is to be killed."""

    def start(self, fence: int, identity: ProcessIdentity, now: float) -> bool:
        """claimed -> running. False if it is not `claimed`, or to be killed: then the agent must not be run (F1)."""

    def end(self, fence: int, outcome: Outcome, now: float) -> bool:
        """claimed or running -> ended. False, and only an event, if it has ended or is settled already."""

    def claim_result(self, fence: int, result: str, reason: str, now: float, *, converged: bool = False) -> bool:
        """What the agent says of itself ("done" or "fail"). False, and only an event, when late (F7).

        With `converged` the loop around its task ends with this run, if the attempt succeeds.
        """

    def claim_wait(
        self, fence: int, conditions: tuple[Condition, ...], reason: str, now: float, *, any_of: bool
    ) -> bool:
        """The agent says that its task has to wait, once it has ended. False, and only an event, when late (F7)."""

    def hold(self, fence: int, reason: str, now: float, kind: str = "") -> bool:
        """The task of an `ended` attempt waits, with this reason, for something of `kind` (one of attempt.HOLDS).

        False if the attempt is not `ended`.
        """

    def settle(self, fence: int, settlement: Settlement, now: float) -> bool:
        """Close the attempt and move its task. False, and nothing changes, if it is settled already.

        Only an `ended` attempt can succeed; one that never started or was lost may be settled from any state.
        """

    def attempt(self, fence: int) -> Attempt:
        """One attempt."""

    def attempts(self, states: tuple[str, ...] = ()) -> list[Attempt]:
        """Attempts in these states, or all, oldest first."""

    def attempts_of(self, task_id: str) -> list[Attempt]:
        """The task's attempts, oldest first."""

    def latest_attempts(self, limit: int = NO_LIMIT) -> list[Attempt]:
        """The last `limit` attempts, the newest first."""

    def kill(self, fence: int, wish: Kill, now: float) -> bool:
        """Store that a person wants the attempt ended: settlement honours it. False once it has ended."""

    def pause_route(self, pause: RoutePause, now: float) -> None:
        """Store that a route is paused, in the place of what was known of it. The notes of an earlier pause go."""

    def unpause_route(self, route: str, now: float, actor: str) -> bool:
        """End a pause, and with it its notes on tasks. False if there was none."""

    def route_pauses(self) -> list[RoutePause]:
        """Every paused route, by name; also those whose time has come, and that nothing has succeeded on since."""
