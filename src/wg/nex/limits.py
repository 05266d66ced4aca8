"""How far one run may go, and whether it goes in circles. The time is the supervisor's to limit."""

from __future__ import annotations

from collections import deque

from wg.nex.answer import Usage
from wg.records import NamedTuple

_TOLD, _ENDED = 3, 6  # times that the same call has the same result: until the model is told, and the run is ended
_RECENT = 24  # calls that are remembered: of so many different ones a circle is still seen
CIRCLE = (
    "\n\n[You have made this same call {times} times, with the same result each time. "
    "Do something else, or end your work and say what stands in the way.]"
)

_Made = tuple[str, str, str]  # name, arguments, result


class Limits(NamedTuple):
    """0 is no limit."""

    turns: int = 0  # answers of the model
    tokens: int = 0  # input and output of all answers together
    cost: float = 0.0  # US dollars, as far as the endpoint says what it costs


class Spent:
    """What a run has used."""

    def __init__(self) -> None:
        self.turns = 0  # of the run that goes on
        self.input = self.cached = self.output = 0  # tokens
        self.cost: float | None = None  # US dollars, None as long as nobody says

    def add(self, usage: Usage | None) -> None:
        """One answer's."""
        self.turns += 1
        if usage is None:
            return
        self.input += usage.input
        self.cached += usage.cached
        self.output += usage.output
        if usage.cost is not None:
            self.cost = (self.cost or 0.0) + usage.cost

    def exceeded(self, limits: Limits) -> str:
        """Which limit is reached, for people; "" if none is."""
        if limits.turns and self.turns >= limits.turns:
            return f"the limit of {limits.turns} turns was reached"
        if limits.tokens and self.input + self.output >= limits.tokens:
            return f"the limit of {limits.tokens} tokens was reached: {self.input} in, {self.output} out"
        if limits.cost and (self.cost or 0.0) >= limits.cost:
            return f"the limit of {limits.cost:.2f} US dollars was reached"
        return ""


class Circles:
    """Notices calls that were made before, with the same result each time, also where they take turns.

    A call that is new, or has a result that is new, begins the count again: who runs the same tests after each change
    gets on, though the tests always say the same.
    """

    def __init__(self) -> None:
        self._recent: deque[_Made] = deque(maxlen=_RECENT)
        self._times: dict[_Made, int] = {}  # since something was new
        self._last = ""  # the name of the last call
        self._most = 0

    def note(self, name: str, arguments: str, result: str) -> str:
        """What to add to the result, "" for nothing."""
        made = (name, arguments, result)
        if made not in self._recent:
            self._times.clear()
        self._recent.append(made)
        times = self._times[made] = self._times.get(made, 0) + 1
        self._last, self._most = name, times
        return CIRCLE.format(times=times) if times >= _TOLD else ""

    @property
    def reason(self) -> str:
        """Why the run is to end, or ""."""
        if self._most < _ENDED:
            return ""
        return f"it made the same call {self._most} times, with the same result each time: {self._last}"
