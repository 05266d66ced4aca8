"""What a tool has to say: its beginning and its end for the model, all of it in a file where that is not everything."""

from __future__ import annotations

import os

from wg.nex.refusal import redacted

LARGEST = 10 * 1024 * 1024  # bytes that one call may print


class Output:
    """Takes the output of one call in. `path` is made (0600) only where it is longer than `most` characters."""

    def __init__(self, path: str, most: int, keys: tuple[str, ...] = ()) -> None:
        self.path = path
        self._most = most
        self._keys = sorted(keys, key=len, reverse=True)  # one may be a part of another
        self._kept = bytearray()

    def take(self, data: bytes) -> None:
        """Some more; what is over the largest size is not kept."""
        self._kept += data[: LARGEST + 1 - len(self._kept)]

    @property
    def is_over(self) -> bool:
        """Whether it is more than any call may print."""
        return len(self._kept) > LARGEST

    def text(self) -> str:
        """What the model is told. The keys are in neither this nor the file."""
        whole = self._kept.decode("utf-8", "replace")
        for key in self._keys:
            whole = redacted(whole, key)
        if len(whole) <= self._most:
            return whole
        half = self._most // 2
        left_out = len(whole) - 2 * half
        where = f"; all of it is in {self.path}" if self._spill(whole) else ""
        return f"{whole[:half]}\n[… {left_out} characters are left out here{where} …]\n{whole[-half:]}"

    def _spill(self, whole: str) -> bool:
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8", errors="replace") as file:
                file.write(whole)
        except OSError:  # a full disk: the model has the beginning and the end
            return False
        return True
