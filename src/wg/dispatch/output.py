"""What running programs write into files, read while they write: line by line, and only as much as is asked for."""

from __future__ import annotations

import os
from typing import BinaryIO

_BLOCK = 256 * 1024  # bytes: how much of a file is read at once, and the most that is looked at from its end
_LONGEST = 4 * 1024 * 1024  # bytes of a line without an end that are kept


class GrowingFile:
    """The lines of a file that another process appends to, also where that replaces it by a new one (rotation).

    A file that is not there yet is one without lines.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._rest = b""
        self._headless = False  # the beginning of the line that comes next was skipped

    def close(self) -> None:
        """Give up the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def skip_to_end(self) -> list[str]:
        """Go behind what is there; returns the whole lines among its last 256 KiB."""
        file = self._opened()
        if file is None:
            return []
        size = os.fstat(file.fileno()).st_size
        self._headless = size > _BLOCK
        file.seek(max(0, size - _BLOCK))
        return self._lines(file.read(_BLOCK))

    def read(self) -> list[str] | None:
        """The whole lines among the next 256 KiB; None where nothing has been written since."""
        file = self._opened()
        if file is None:
            return None
        is_replaced = self._is_replaced(file)  # asked first: to one that is, nothing is added between the two
        data = file.read(_BLOCK)
        if not data and is_replaced:
            self.close()
            return self.rest()
        return self._lines(data) if data else None

    def rest(self) -> list[str]:
        """The line that has no end yet, if there is one: call it when nothing more is to come."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []

    def _lines(self, data: bytes) -> list[str]:
        if self._headless:
            _, newline, data = data.partition(b"\n")
            self._headless = not newline
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST:
            lines += [self._rest]
            self._rest = b""
        return [_text(line) for line in lines]

    def _opened(self) -> BinaryIO | None:
        if self._file is None:
            try:
                self._file = open(self.path, "rb")  # noqa: SIM115  it stays open while it is followed
            except FileNotFoundError:
                return None
        return self._file

    def _is_replaced(self, file: BinaryIO) -> bool:
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return False  # the new one is about to be made, or the project is gone
        mine = os.fstat(file.fileno())
        return (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino)


def tail(path: str) -> list[str]:
    """The whole lines among the last 256 KiB of a file, and its last one even without an end; none without a file."""
    growing = GrowingFile(path)
    try:
        return growing.skip_to_end() + growing.rest()
    finally:
        growing.close()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removesuffix("\r")
