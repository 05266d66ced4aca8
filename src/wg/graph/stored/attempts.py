"""Attempts and routes: claimed -> running -> ended -> settled, in SQLite."""

from __future__ import annotations

from wg.graph import attempts, pauses, tasks, texts
from wg.graph.attempt import Attempt, Kill, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace
from wg.graph.pause import RoutePause
from wg.graph.stored.part import Part
from wg.graph.task import NO_LIMIT, Condition


class Attempts(Part):
    """`contract.attempts.Attempts` says what each method does."""

    def claim(
        self, task_id: str, route: RouteRecord, timeout: float, now: float, launch_deadline: float
    ) -> Attempt | None:
        with self._database.writing() as connection:
            return attempts.claim(connection, task_id, route, timeout, now, launch_deadline)

    def prepare(self, fence: int, workplace: Workplace) -> bool:
        with self._database.writing() as connection:
            return attempts.prepare(connection, fence, workplace)

    def start(self, fence: int, identity: ProcessIdentity, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.start(connection, fence, identity, now)

    def end(self, fence: int, outcome: Outcome, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.end(connection, fence, outcome, now)

    def claim_result(self, fence: int, result: str, reason: str, now: float, *, converged: bool = False) -> bool:
        texts.require_text(reason, "the reason")
        with self._database.writing() as connection:
            return attempts.report(connection, fence, result, reason, now, converged=converged)

    def claim_wait(
        self, fence: int, conditions: tuple[Condition, ...], reason: str, now: float, *, any_of: bool
    ) -> bool:
        texts.require_conditions(conditions, reason)
        with self._database.writing() as connection:
            return attempts.wait(connection, fence, conditions, reason, now, any_of=any_of)

    def hold(self, fence: int, reason: str, now: float, kind: str = "") -> bool:
        with self._database.writing() as connection:
            return attempts.hold(connection, fence, reason, now, kind)

    def settle(self, fence: int, settlement: Settlement, now: float) -> bool:
        with self._database.writing() as connection:
            return attempts.settle(connection, fence, settlement, now)

    def attempt(self, fence: int) -> Attempt:
        with self._database.reading() as connection:
            return attempts.get(connection, fence)

    def attempts(self, states: tuple[str, ...] = ()) -> list[Attempt]:
        with self._database.reading() as connection:
            return attempts.in_states(connection, states)

    def attempts_of(self, task_id: str) -> list[Attempt]:
        with self._database.reading() as connection:
            return attempts.of_task(connection, tasks.key_of(connection, task_id))

    def latest_attempts(self, limit: int = NO_LIMIT) -> list[Attempt]:
        with self._database.reading() as connection:
            return attempts.latest(connection, limit)

    def kill(self, fence: int, wish: Kill, now: float) -> bool:
        texts.require_text(wish.reason, "the reason")
        with self._database.writing() as connection:
            return attempts.kill(connection, fence, wish, now)

    def pause_route(self, pause: RoutePause, now: float) -> None:
        with self._database.writing() as connection:
            pauses.put(connection, pause, now)

    def unpause_route(self, route: str, now: float, actor: str) -> bool:
        with self._database.writing() as connection:
            return pauses.end(connection, route, now, actor)

    def route_pauses(self) -> list[RoutePause]:
        with self._database.reading() as connection:
            return pauses.listed(connection)
