"""How often a task is tried: what a failed attempt leads to (DESIGN.md, decision 9; faults F1, F9, F10).

One mechanism for all classes of failure: what is the task's own uses up its attempts, what is nobody's fault does
not, and neither goes on for ever: beside the attempts in a row, those of the last hour are limited.
"""

from __future__ import annotations

from wg.config.load import Config
from wg.executors import failures
from wg.graph import lifecycle
from wg.graph.attempt import Attempt, Settlement
from wg.graph.task import Task
from wg.records import NamedTuple

_WINDOW_SECONDS = 3600.0
_LONGEST_REST = 3600.0  # seconds
_UNCOUNTED = (*failures.PAUSING, *failures.REQUESTED)  # the route's pause, or a person, sees to these


class Limits(NamedTuple):
    """What the config says. Times are in seconds."""

    max_attempts: int  # that fail for a reason of the task, unless it says otherwise itself
    per_hour: int  # attempts in an hour, whatever their failure
    retry_delay: float  # how long a task rests after its first failure
    pause_first: float
    pause_longest: float


def limits_of(config: Config | None) -> Limits:
    """The limits in `config`; the documented defaults while no file can be read, for what has ended meanwhile."""
    config = config or Config("", b"")
    return Limits(
        max_attempts=config.number("dispatcher.max_attempts"),
        per_hour=config.number("dispatcher.max_attempts_per_hour"),
        retry_delay=config.seconds("dispatcher.retry_delay"),
        pause_first=config.seconds("dispatcher.route_pause_first"),
        pause_longest=config.seconds("dispatcher.route_pause_longest"),
    )


class Record(NamedTuple):
    """A task's attempts up to the one that has just ended, and what limits them."""

    task: Task
    attempt: Attempt
    earlier: list[Attempt]  # oldest first
    limits: Limits
    now: float  # seconds since the epoch
    artifacts: tuple[str, ...] = ()  # that the task is declared to make

    def failed(self, failure: str, reason: str) -> Settlement:
        """It failed for a reason of the task: repeated after a rest, until its attempts are used up."""
        count = self.task.failures + 1
        said = reason if count == 1 else f"{count} attempts failed; the last one: {reason}"
        if failure in failures.HOPELESS or count >= (self.task.max_attempts or self.limits.max_attempts):
            return Settlement(lifecycle.FAILED, said, reason, failure)
        return self._unless_too_often(
            Settlement(lifecycle.REPEATED, said, reason, failure, self.now + self._rest(count)), failure
        )

    def came_to_nothing(self, failure: str, reason: str) -> Settlement:
        """It never started, or was lost: repeated at once the first time, and not charged to the task (F1)."""
        before = 0
        for one in reversed(self._counted()):
            if _failure_of(one) not in (failures.NOT_STARTED, failures.LOST):
                break
            before += 1
        rest_until = self.now + self._rest(before) if before else 0.0
        return self._unless_too_often(Settlement(lifecycle.REQUEUED, reason, reason, rest_until=rest_until), failure)

    def _unless_too_often(self, again: Settlement, failure: str) -> Settlement:
        recent = 1 + sum(one.claimed_at > self.now - _WINDOW_SECONDS for one in self._counted())
        if recent < self.limits.per_hour:
            return again
        reason = f"{recent} attempts within an hour, which is the limit; the last one: {again.verdict}"
        return Settlement(lifecycle.FAILED, reason, again.verdict, failure)

    def _counted(self) -> list[Attempt]:
        """Those before this one, since `wg retry` last began anew."""
        return [
            one for one in self.earlier if one.fence > self.task.counted_from and _failure_of(one) not in _UNCOUNTED
        ]

    def _rest(self, number: int) -> float:
        """Seconds, twice as many after each failure more."""
        return min(self.limits.retry_delay * 2.0 ** min(number - 1, 30), _LONGEST_REST)


def _failure_of(attempt: Attempt) -> str:
    return attempt.outcome.failure_class if attempt.outcome else ""
