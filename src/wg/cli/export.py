"""`wg export`: all tasks as text."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store
from wg.files import write_parts_atomically
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
    made.add_argument("-o", "--output", metavar="FILE", help="write it here, in one step; else to stdout")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Write the lines."""
    from wg.graph.interchange.exporting import lines  # it needs json

    with open_store(arguments) as store:
        counted = _Counted(lines(store))
        if not arguments.output:
            for part in _buffered(counted):
                sys.stdout.buffer.write(part)
            return 0
        write_parts_atomically(arguments.output, _buffered(counted))
    if arguments.json:
        from wg.cli.inforce import print_json

        print_json({"file": arguments.output, "tasks": counted.number})
    else:
        print(f"Exported {counted.number} tasks to {printable(arguments.output)}")
    return 0


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
