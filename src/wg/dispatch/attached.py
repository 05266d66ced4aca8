"""The output of one attempt, as it comes, for `wg attach`."""

from __future__ import annotations

from collections.abc import Iterator

from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.output import GrowingFile
from wg.dispatch.standing import is_lost
from wg.executors.registry import EXECUTORS
from wg.graph.attempt import Attempt
from wg.locations import Project
from wg.records import NamedTuple

STDOUT, STDERR = "stdout", "stderr"


class Said(NamedTuple):
    """A line of an agent's output, or several that one event came to. Anything may be in it: see `text.printable`."""

    stream: str  # STDOUT or STDERR
    text: str


class Attached:
    """Reads what an agent prints, and changes nothing. With `raw` its lines are not made readable."""

    def __init__(self, project: Project, attempt: Attempt, *, raw: bool) -> None:
        files = AttemptFiles(project, attempt.fence)
        self._streams = {STDOUT: GrowingFile(files.stdout), STDERR: GrowingFile(files.stderr)}
        self._readable = None if raw else EXECUTORS[attempt.route.executor].readable

    def last(self, count: int) -> list[Said]:
        """The last `count` lines of each stream that are there; then goes on behind them."""
        found = []
        for stream, growing in self._streams.items():
            lines = [line for said in self._all(stream, growing.skip_to_end()) for line in said.text.split("\n")]
            found += [Said(stream, line) for line in lines[max(0, len(lines) - count) :]]
        return found

    def new(self) -> Iterator[Said]:
        """What has been printed since."""
        for stream, growing in self._streams.items():
            while (lines := growing.read()) is not None:
                yield from self._all(stream, lines)

    def rest(self) -> Iterator[Said]:
        """Lines without an end: call it when the agent has ended."""
        for stream, growing in self._streams.items():
            yield from self._all(stream, growing.rest())

    def _all(self, stream: str, lines: list[str]) -> Iterator[Said]:
        for line in lines:
            if stream == STDERR or self._readable is None:
                yield Said(stream, line)
            elif text := self._readable(line):
                yield Said(stream, text)


def is_over(attempt: Attempt) -> bool:
    """Whether nothing more is to come: it has ended, or its supervisor is gone and has not said how."""
    return attempt.state in ("ended", "settled") or is_lost(attempt)


def has_output(attempt: Attempt) -> bool:
    """Whether what lies in its directory is its own: before it runs, that may be of an older database's attempt."""
    return attempt.supervisor is not None
