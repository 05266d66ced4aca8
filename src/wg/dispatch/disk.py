"""How much room a directory takes on the disk."""

from __future__ import annotations

import os

_AT_MOST = 200_000  # entries looked at


def disk_use(directory: str) -> tuple[int, bool]:
    """The bytes that all files below `directory` take, and whether that is all. Links are not followed."""
    total, left, todo = 0, _AT_MOST, [directory]
    while todo:
        try:
            entries = os.scandir(todo.pop())
        except OSError:
            continue  # removed meanwhile, or not ours to look into
        with entries:
            for entry in entries:
                left -= 1
                if not left:
                    return total, False
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                except OSError:
                    continue
    return total, True


def size(amount: int) -> str:
    """Bytes as people read them: `12 KB`, `3.4 MB`."""
    number, unit = float(amount), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.1f} {unit}" if unit in ("MB", "GB") and number < 100 else f"{number:.0f} {unit}"
