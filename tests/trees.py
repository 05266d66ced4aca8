"""What lies below a directory, also while somebody works there and removes what was just found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def paths_below(*tops: Path) -> Iterator[Path]:
    """Every file, directory and link below them; links are not followed."""
    for top in tops:
        for directory, directories, files in os.walk(top, onerror=_unless_gone):
            yield from (Path(directory, name) for name in (*directories, *files))


def files_holding(secrets: list[str], *tops: Path) -> list[Path]:
    """The files below that have one of these texts in them."""
    return [path for path in paths_below(*tops) if any(secret.encode() in _content(path) for secret in secrets)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    except FileNotFoundError:
        return b""


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
