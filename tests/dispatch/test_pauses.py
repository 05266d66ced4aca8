"""How long a route is paused, and what the same trouble again adds to it (F10)."""

from __future__ import annotations

from tests.dispatch.records import CRASHED, LIMITS, NOW, attempt
from wg.dispatch.pauses import pause_after
from wg.executors import failures
from wg.graph.attempt import Attempt
from wg.graph.pause import RoutePause


def refused(fence: int, claimed_at: float, kind: str = failures.OVERLOAD, resets_at: float | None = None) -> Attempt:
    outcome = CRASHED._replace(failure_class=kind, message="no", resets_at=resets_at)
    return attempt(outcome, fence=fence, claimed_at=claimed_at)


def paused(known: RoutePause | None, by: Attempt, now: float = NOW) -> RoutePause | None:
    return pause_after(known, "codex", by, LIMITS, now)


def first(kind: str = failures.OVERLOAD, resets_at: float | None = None) -> RoutePause:
    made = paused(None, refused(1, NOW - 5, kind, resets_at))
    assert made is not None
    return made


def test_the_first_pause_is_short_or_until_the_time_that_was_stated() -> None:
    assert first() == RoutePause("codex", "overload", NOW + 60, NOW, 1, "no", 1, "d")
    assert first(failures.QUOTA, NOW + 7200).until == NOW + 7200
    assert first(failures.QUOTA, NOW - 1).until == NOW + 60, "it has passed meanwhile"


def test_each_attempt_that_tries_it_again_and_fails_doubles_the_pause_up_to_its_bound() -> None:
    pause, lengths = first(), []
    for fence in range(2, 12):
        again = paused(pause, refused(fence, pause.until + 1), now=pause.until + 2)
        assert again is not None
        lengths.append(again.until - (pause.until + 2))
        pause = again
    assert lengths == [120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]
    assert (pause.failures, pause.since) == (11, NOW)


def test_what_was_under_way_when_the_trouble_began_is_not_more_of_it() -> None:
    known = first()
    assert paused(known, refused(2, NOW - 3)) is None
    assert paused(known, refused(2, NOW + 59)) is None
    later = paused(known, refused(2, NOW - 3, failures.QUOTA, NOW + 7200))
    assert later is not None
    assert (later.kind, later.until, later.failures) == ("quota", NOW + 7200, 1)


def test_the_same_attempt_again_changes_nothing() -> None:
    known = first()
    assert paused(known, refused(1, NOW - 5), now=NOW + 1000) is None


def test_a_time_that_is_stated_again_and_again_makes_no_tight_loop() -> None:
    pause = first(failures.RATE_LIMIT, NOW + 1)
    assert pause.until == NOW + 1
    for fence, least in ((2, 60.0), (3, 120.0), (4, 240.0)):
        now = pause.until + 1
        again = paused(pause, refused(fence, pause.until, failures.RATE_LIMIT, now + 1), now)
        assert again is not None
        assert again.until == now + least
        pause = again


def test_in_words() -> None:
    pause = first(failures.QUOTA, NOW + 7500)
    assert pause.describe(NOW).startswith("codex is paused (quota), until ")
    assert pause.describe(NOW).endswith(" (in 2h 05m): no")
    assert pause.describe(NOW + 8000) == "codex is paused (quota), the next task tries it: no"
