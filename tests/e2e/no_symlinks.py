"""Runs a program for which making a symbolic link fails: `python no_symlinks.py PROGRAM ARGUMENT…`.

The kernel answers symlink(2) and symlinkat(2) with EPERM, by a seccomp filter, for the program and all it starts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
# machine -> (AUDIT_ARCH, numbers of symlink and symlinkat; aarch64 has only the second)
_MACHINES = {"x86_64": (0xC000003E, 88, 266), "aarch64": (0xC00000B7, 36, 36)}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid_symlinks() -> None:
    """Install the filter in this process. Raises OSError if the kernel does not take it."""
    architecture, symlink, symlinkat = _MACHINES[os.uname().machine]
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 0, 3, architecture),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_EQUAL, 2, 0, symlink),
        (_JUMP_IF_EQUAL, 1, 0, symlinkat),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(steps), code)
    for call in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*call):
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    forbid_symlinks()
    os.execvp(sys.argv[1], sys.argv[1:])
