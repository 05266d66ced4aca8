"""How many agents may run: in all, and of each kind."""

from __future__ import annotations

from collections import Counter

from wg.config.load import Config
from wg.graph.attempt import Attempt


def own_limits(config: Config) -> dict[str, int]:
    """How many agents of a kind may run at the same time, by executor; those without a limit are not in it."""
    limits = {
        "claude": config.raw("executors.claude.max_agents"),
        "codex": config.raw("executors.codex.max_agents"),
        "nex": config.raw("executors.nex.max_agents"),
        "shell": config.raw("executors.shell.max_agents"),
    }
    return {executor: limit for executor, limit in limits.items() if limit is not None}


class Slots:
    """What is free, as attempts are made."""

    def __init__(self, config: Config, under_way: list[Attempt]) -> None:
        self.free = config.number("dispatcher.max_agents") - len(under_way)
        self._limits = own_limits(config)
        self._taken = Counter(attempt.route.executor for attempt in under_way)

    def has(self, executor: str) -> bool:
        """Whether one more agent of that kind may run."""
        limit = self._limits.get(executor)
        return self.free > 0 and (limit is None or self._taken[executor] < limit)

    def take(self, executor: str) -> None:
        """One more runs."""
        self.free -= 1
        self._taken[executor] += 1
