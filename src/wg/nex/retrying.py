"""Asks again where the same again may succeed, when the endpoint says so, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from wg.nex.answer import Answer
from wg.nex.refusal import WireError

LONGEST = 60.0  # seconds of one wait: what takes longer pauses the route, and costs no slot
_backing_off = wait_random_exponential(multiplier=0.5, max=LONGEST)


def persistent(
    ask: Callable[[], Answer], retries: int, tell: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> Answer:
    """`ask`, and again up to `retries` times; `tell` hears of each. Raises the last WireError.

    A wait that the endpoint states is kept (Retry-After), unless it is longer than 60 s: then it is raised at once.
    """

    def before(state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        tell(f"{_error(state).message}; asked again in {seconds:.1f} s")

    retrying = Retrying(
        stop=stop_after_attempt(retries + 1),
        wait=_wait,
        retry=retry_if_exception(_is_worth_it),
        before_sleep=before,
        sleep=sleep,
        reraise=True,
    )
    return retrying(ask)


def _is_worth_it(error: BaseException) -> bool:
    return isinstance(error, WireError) and error.is_passing and _stated(error) <= LONGEST


def _wait(state: RetryCallState) -> float:
    stated = _stated(_error(state))
    return stated if stated > 0 else _backing_off(state)


def _stated(error: WireError) -> float:
    """Seconds; 0 where the endpoint does not say."""
    return max(0.0, error.resets_at - time.time()) if error.resets_at is not None else 0.0


def _error(state: RetryCallState) -> WireError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, WireError)
    return error
