"""`wg service logs`: the dispatcher's log."""

from __future__ import annotations

import gc
import os
import sys

from wg.cli.reader import is_read
from wg.dispatch.output import GrowingFile, tail
from wg.errors import NotFoundError
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

LOG_LINES = 50
_LOOK_SECONDS = 0.2


def logs(arguments: argparse.Namespace) -> int:
    """Print its end and, if asked, what follows, also over rotation, until interrupted or nobody reads it."""
    from wg.dispatch.daemon import log_path

    project = require_project(arguments.dir)
    path = log_path(project)
    if not os.path.exists(path):
        raise NotFoundError("no dispatcher has run in this project yet", "start it with: wg service start")
    growing = GrowingFile(path)
    lines = growing.skip_to_end()
    if len(lines) < arguments.last:
        lines = tail(f"{path}.1") + lines
    _print(arguments, lines[max(0, len(lines) - arguments.last) :])
    if not arguments.follow:
        return 0
    gc.enable()  # the entry point turns it off for commands that end at once
    while os.path.exists(project.database) and is_read(_LOOK_SECONDS):
        while (new := growing.read()) is not None:
            _print(arguments, new)
    return 0


def _print(arguments: argparse.Namespace, lines: list[str]) -> None:
    for line in lines:
        if arguments.json:
            import json  # only where it is asked for

            print(json.dumps({"line": line}))
        else:
            print(printable(line))
    sys.stdout.flush()
