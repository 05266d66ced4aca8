"""Places that cannot be written, for root and for anybody else alike: nothing here is ever skipped."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

# root ignores permission bits by two capabilities; without them it is as bound by them as anybody
_DROP = """
import ctypes, os, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; 24 is PR_CAPBSET_DROP
        if libc.prctl(24, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
os.execvp(sys.argv[1], sys.argv[1:])
"""
UNPRIVILEGED = [sys.executable, "-I", "-S", "-c", _DROP]
# the kernel lets no file grow beyond this: a write fails in the middle, as on a full disk
_LIMIT = """
import os, resource, sys
size = int(sys.argv[1])
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # Python puts a truncated .pyc in place without a word
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
os.execvp(sys.argv[2], sys.argv[2:])
"""
# a disk of its own, as full as it gets, on the directory in $1, $2 large; its files go there first
_FULL_DISK = """
set -e
dir=$1; size=$2; shift 2
cp -a "$dir" "$dir.copy"
mount -t tmpfs -o size=$size,mode=0700 none "$dir"
cp -a "$dir.copy/." "$dir"
dd if=/dev/zero of="$dir/ballast" bs=4k 2>/dev/null || true
set +e
"$@"
code=$?
rm -f "$dir/ballast"
rm -rf "$dir.after"
cp -a "$dir" "$dir.after"
exit $code
"""


def limited(size: int) -> list[str]:
    """A prefix under which no file can be written beyond `size` bytes."""
    return [sys.executable, "-I", "-S", "-c", _LIMIT, str(size)]


def full_disk(directory: Path, size: str = "128k") -> tuple[list[str], Path]:
    """A prefix under which nothing more fits into `directory`, and where to look at what it holds in the end.

    The disk is made `size` large, which must hold what is there already.

    It is a full tmpfs; where the kernel lets us mount none, a limit under which no file can be written at all.
    """
    unshare = ["unshare", "-m" if os.geteuid() == 0 else "-rm"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        return limited(0), directory
    return [*unshare, "sh", "-c", _FULL_DISK, "sh", str(directory), size], directory.with_name(
        f"{directory.name}.after"
    )


def protect(*paths: Path) -> None:
    """Take away the right to write."""
    for path in paths:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
