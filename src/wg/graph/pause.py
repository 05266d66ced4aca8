"""What a route's pause is: trouble with what it needs, until which nothing is started on it (DESIGN.md, decision 9)."""

from __future__ import annotations

import time

from wg.records import NamedTuple
from wg.text import duration


class RoutePause(NamedTuple):
    """One paused route. Once its time has come, one attempt goes first; its success ends the pause."""

    route: str  # a provider ("codex"): all its models; or one model ("codex:gpt-5.5")
    kind: str  # the class of the failure, as in the attempt's outcome
    until: float  # seconds since the epoch
    since: float  # when the trouble began, likewise
    failures: int  # attempts in a row that it has failed: the first one, and those that tried it again
    message: str  # what the program said last
    attempt: int  # the fence of the attempt that it said that in
    config_digest: str  # the config that this attempt ran on

    def describe(self, now: float) -> str:
        """The pause in one line, for people; `now` is in seconds since the epoch."""
        when = "the next task tries it"
        if self.until > now:
            moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.until))
            when = f"until {moment} (in {duration(self.until - now)})"
        return f"{self.route} is paused ({self.kind}), {when}: {self.message}"

    @property
    def note(self) -> str:
        """The note of a task that it keeps from being started: the same for as long as it is the same trouble."""
        return f"the route {self.route} is paused ({self.kind}): wg status says until when"
