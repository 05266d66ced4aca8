"""Standard input and output as they may come: closed, or in an encoding that lacks most characters."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from wg.errors import UsageError, WgError
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


def prepare() -> None:
    """Let output never fail for its encoding, and what goes to a closed stream go nowhere.

    A closed descriptor is opened: else the next file that is opened gets its number, and what is printed.
    """
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:
            _lead_nowhere(descriptor)
    sys.stdout = sys.stdout or _to_descriptor(1)
    sys.stderr = sys.stderr or _to_descriptor(2)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr has it: the command has done its work by then


def standard_input(what: str) -> BinaryIO:
    """Standard input as bytes. UsageError if it is closed; `what` should have come from there: "the description"."""
    if sys.stdin is None:
        raise UsageError(f"stdin is closed: {what} cannot be read from there", "give it through a pipe or from a file")
    return sys.stdin.buffer


def text_from_input(what: str) -> str:
    """All of standard input. WgError if it is not UTF-8."""
    try:
        return standard_input(what).read().decode()
    except UnicodeDecodeError:
        raise WgError(f"{what} on stdin is not valid UTF-8", "convert it to UTF-8") from None


def _lead_nowhere(descriptor: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
    else:
        os.set_inheritable(descriptor, True)


def _to_descriptor(descriptor: int) -> TextIOWrapper:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
