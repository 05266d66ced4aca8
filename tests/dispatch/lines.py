"""A log in memory."""

from __future__ import annotations

from wg.dispatch.log import Log


class Lines(Log):
    """A log that keeps its lines, and leaves this process's output alone."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._told = {}

    def write(self, text: str) -> None:
        self.lines.append(text)
