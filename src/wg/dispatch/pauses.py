"""Pauses of routes: what trouble with a provider leads to, and what stands in the way of a start (decision 9, F10)."""

from __future__ import annotations

from wg.config.route import Route
from wg.dispatch.context import Context
from wg.dispatch.limits import Limits, limits_of
from wg.executors import failures
from wg.graph.attempt import Attempt, Outcome, RouteRecord
from wg.graph.pause import RoutePause

_NOT_OVER = ("claimed", "running", "ended")
_MOST_DOUBLINGS = 30


class Pauses:
    """The pauses of one project, kept in its store."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def take_in(self, attempt: Attempt) -> None:
        """Pause the route of an attempt that has ended, or let it go on. The same attempt again changes nothing."""
        outcome = attempt.outcome
        assert outcome is not None, "only an ended attempt says something"
        if outcome.succeeded:
            self._end_by(attempt)
        elif outcome.failure_class in failures.PAUSING:
            self._begin(attempt, outcome)

    def obstacle(self, route: Route) -> str:
        """Why nothing may be started on `route` now, or "". Of a pause whose time has come, one attempt goes first."""
        context = self._context
        now = context.now()
        for pause in pauses_of(names_of(route), context.store.route_pauses()):
            if pause.until > now and is_mended(pause, route):
                context.log.write(f"the route {pause.route} is tried again: the config has changed")
                pause = pause._replace(until=now, config_digest=route.config_digest)
                context.store.pause_route(pause, now)
            if pause.until > now or self._is_being_tried(pause):
                return pause.note
        return ""

    def _is_being_tried(self, pause: RoutePause) -> bool:
        under_way = self._context.store.attempts(_NOT_OVER)
        return any(one.claimed_at >= pause.until and pause.route in _names(one.route) for one in under_way)

    def _begin(self, attempt: Attempt, outcome: Outcome) -> None:
        context = self._context
        now = context.now()
        everything, one_model = _names(attempt.route)
        route = one_model if one_model and outcome.failure_class in failures.OF_ONE_MODEL else everything
        known = next((pause for pause in context.store.route_pauses() if pause.route == route), None)
        in_force = context.follower.in_force
        pause = pause_after(known, route, attempt, limits_of(in_force.config if in_force else None), now)
        if pause is not None and pause != known:
            context.store.pause_route(pause, now)
            context.log.write(f"the route {pause.describe(now)}")

    def _end_by(self, attempt: Attempt) -> None:
        context = self._context
        for pause in pauses_of(_names(attempt.route), context.store.route_pauses()):
            # what was started before the trouble says nothing about it
            if attempt.claimed_at >= pause.since and context.store.unpause_route(
                pause.route, context.now(), f"agent-{attempt.fence}"
            ):
                context.log.write(f"the route {pause.route} goes on: attempt {attempt.fence} succeeded on it")


def names_of(route: Route) -> tuple[str, str]:
    """What a pause that concerns `route` may be called: all that is on its provider, and its model alone."""
    return route.provider or route.executor, route.spec


def pauses_of(names: tuple[str, str], pauses: list[RoutePause]) -> list[RoutePause]:
    """Those of `pauses` that concern a route of these names."""
    return [pause for pause in pauses if pause.route in names]


def is_mended(pause: RoutePause, route: Route) -> bool:
    """Whether the config that `route` comes from may have done away with the trouble: that is tried at once."""
    return pause.kind in failures.MENDED_BY_CONFIG and pause.config_digest != route.config_digest


def blocking(route: Route, pauses: list[RoutePause]) -> RoutePause | None:
    """The pause that keeps `route` from being used freely: of two, the one that lasts longer."""
    found = [pause for pause in pauses_of(names_of(route), pauses) if not is_mended(pause, route)]
    return max(found, key=lambda pause: pause.until, default=None)


def pause_after(
    known: RoutePause | None, route: str, attempt: Attempt, limits: Limits, now: float
) -> RoutePause | None:
    """The pause of `route` now that `attempt` has met with trouble on it; None where that is in `known` already."""
    outcome = attempt.outcome
    assert outcome is not None
    stated = outcome.resets_at if outcome.resets_at is not None and outcome.resets_at > now else 0.0
    new = RoutePause(
        route, outcome.failure_class, stated, now, 1, outcome.message, attempt.fence, attempt.route.config_digest
    )
    if known is None:
        return new if stated else new._replace(until=now + _back_off(1, limits))
    if attempt.fence == known.attempt:
        return None
    if attempt.claimed_at < known.until:  # it was under way when the trouble began: the same, not more of it
        return new._replace(since=known.since, failures=known.failures) if stated > known.until else None
    number = known.failures + 1
    # a time that was stated is believed the first time; that it is stated again and again must not make a tight loop
    until = max(stated, now + _back_off(number - 1, limits)) if stated else now + _back_off(number, limits)
    return new._replace(since=known.since, failures=number, until=until)


def _back_off(number: int, limits: Limits) -> float:
    """Seconds."""
    return min(limits.pause_first * 2.0 ** min(number - 1, _MOST_DOUBLINGS), limits.pause_longest)


def _names(route: RouteRecord) -> tuple[str, str]:
    return route.model.partition(":")[0] or route.executor, route.model
