"""The dispatcher's log, in a process of its own: it takes over that process's output."""

from __future__ import annotations

import sys

from tests.harness import Box

WRITER = """
import sys
from wg.dispatch.log import Log
log = Log(sys.argv[1], 4096)
for number in range(200):
    log.write(f"line {number} \\x1b[31m")
print("printed", flush=True)
for _ in range(3):
    log.error("job", ValueError("odd"))
    log.error("other", ValueError("odd"))
"""


def test_it_starts_anew_at_its_size_and_keeps_one_old_file(box: Box) -> None:
    path = box.root / "dispatcher.log"
    assert box.run(sys.executable, "-c", WRITER, str(path)).out == ""
    old, new = (box.root / "dispatcher.log.1").read_text(), path.read_text()
    assert 4096 <= len(old) < 4096 + 100
    assert len(new) < 4096 + 500
    assert "\x1b" not in old + new
    assert "\\x1b[31m" in new
    assert "line 199 " in new
    assert "printed" in new
    assert new.count("job: ValueError: odd") == 1
    assert new.count("other: ValueError: odd") == 1
    assert oct(path.stat().st_mode & 0o777) == "0o600"
