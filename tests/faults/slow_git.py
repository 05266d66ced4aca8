"""A git that stops in the middle, for faults that come at such a moment."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.service_box import ServiceBox

_NEVER = "words of no command"
_GIT = """\
#!/bin/sh
stop() {{ touch {gate}.reached; while ! test -f {gate}; do sleep 0.05; done; }}
case " $* " in *" {before} "*) stop;; esac
{git} "$@" || exit
case " $* " in *" {after} "*) stop;; esac
"""


def stopping(service: ServiceBox, *, before: str = _NEVER, after: str = _NEVER) -> Path:
    """From now on git stops before or after what has these words in it; returns the file that lets it go on.

    Beside that file, `.reached` tells that it has come there.
    """
    gate = service.box.root / "git-gate"
    program = service.bin / "git"
    program.write_text(_GIT.format(gate=gate, git=shutil.which("git"), before=before, after=after))
    program.chmod(0o755)
    return gate
