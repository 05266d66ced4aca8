"""What tools that run programs share: the environment, the limits, and where long output goes."""

from __future__ import annotations

import os

from wg.nex.tools.output import LARGEST, Output
from wg.nex.tools.runner import Program, Ran, run

_ROOM = 500  # characters


class Shed:
    """`hidden` are the variables that no program gets, `keys` are cut out of every output.

    `spill` is the directory for what is too long to be told.
    """

    def __init__(self, spill: str, most: int, hidden: tuple[str, ...] = (), keys: tuple[str, ...] = ()) -> None:
        self._spill = spill
        self._most = most  # characters
        self._hidden = hidden
        self._keys = keys
        self._number = 0

    def environment(self) -> dict[str, str]:
        """This process's, without what programs are not to see."""
        return {name: value for name, value in os.environ.items() if name not in self._hidden}

    def output(self, most: int = 0) -> Output:
        """For the next result, of at most so many characters."""
        self._number += 1
        path = os.path.join(self._spill, f"{os.getpid()}-{self._number}.txt")
        return Output(path, most or self._most, self._keys)

    def run(self, program: Program) -> tuple[Ran, str]:
        """How it ended, and what is to be told of what it printed, with room for a line on how it ended."""
        output = self.output(self._most - _ROOM)
        ran = run(program, output)
        return ran, output.text()

    def run_whole(self, program: Program) -> tuple[Ran, str]:
        """The same with all that it printed, for a tool that picks from it."""
        output = Output("", LARGEST, self._keys)
        return run(program, output), output.text()
