"""`wg export`: all tasks as text."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator

from wg.cli.arguments import Parser, command, not_empty
from wg.cli.caller import open_store
from wg.files import write_parts_atomically, write_through
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """Write every task as a line of JSON, sorted by id: the same tasks always make the same bytes. Attempts
stay here; a task that an agent works on is exported as open. wg import reads the file."""
_BUFFER = 1 << 18  # bytes


def parser() -> Parser:
    """The command line of `wg export`."""
    made = command("export", _DESCRIPTION, run)
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=not_empty,
        help="replace this file in one step, or write to this device or pipe; - is stdout, as without it",
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Write the lines."""
    from wg.graph.interchange.exporting import lines  # it needs json

    with open_store(arguments) as store:
        counted = _Counted(lines(store))
        if arguments.output is None or _is_stdout(arguments.output):
            for part in _buffered(counted):
                sys.stdout.buffer.write(part)
            return 0
        write = write_parts_atomically if _is_replaceable(arguments.output) else write_through
        write(arguments.output, _buffered(counted))
    if arguments.json:
        from wg.cli.inforce import print_json

        print_json({"file": arguments.output, "tasks": counted.number})
    else:
        print(f"Exported {counted.number} tasks to {printable(arguments.output)}")
    return 0


def _is_stdout(path: str) -> bool:
    """Whether that is `-`, or /dev/stdout: nothing else may be printed there."""
    try:
        return path == "-" or os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except OSError:
        return False


def _is_replaceable(path: str) -> bool:
    """A device or a pipe is written to: a file in its place would be no device any more."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


class _Counted:
    """Lines, and how many there were."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.number = 0
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.number += 1
            yield line


def _buffered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in larger pieces: each is one call of the system."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _BUFFER:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
