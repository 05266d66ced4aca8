"""`wg import`: tasks from a file."""

from __future__ import annotations

import time
from typing import BinaryIO

from wg.cli.arguments import Parser, command
from wg.cli.caller import actor
from wg.cli.streams import standard_input
from wg.errors import NotFoundError
from wg.graph.store import Store
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """Import tasks that wg export wrote, or the graph.jsonl of the original. It is all or nothing: what
cannot be imported is listed with its line, and nothing changes. The report says how each thing was mapped."""


def parser() -> Parser:
    """The command line of `wg import`."""
    made = command("import", _DESCRIPTION, run)
    made.add_argument("file", metavar="FILE", help="the file; - reads stdin")
    made.add_argument("--dry-run", action="store_true", help="only say what would be done")
    made.add_argument(
        "--skip-existing", action="store_true", help="leave tasks alone that are there already; else they are refused"
    )
    made.add_argument(
        "--with-system",
        action="store_true",
        help="also import what the original made for itself (.assign-x, .evaluate-x, …), paused",
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Import the file and print the report."""
    from wg.graph.interchange.importing import Wanted, bring_in  # it needs json

    project = require_project(arguments.dir)
    wanted = Wanted(arguments.skip_existing, arguments.dry_run, arguments.with_system, project.root)
    name = "stdin" if arguments.file == "-" else arguments.file
    with Store.open(project.database) as store, _opened(arguments.file) as file:
        report = bring_in(store, file, name, wanted, time.time(), actor())
    if arguments.json:
        from wg.cli.inforce import print_json

        print_json({"file": name, "dry_run": arguments.dry_run, **report.as_object()})
    else:
        from wg.views.imported import lines

        print("\n".join(lines(report, name, dry_run=arguments.dry_run)))
    return 0


def _opened(path: str) -> BinaryIO:
    """A file that can be read twice: what cannot is copied first."""
    if path != "-":
        try:
            file: BinaryIO = open(path, "rb")  # noqa: SIM115  the caller closes it
        except FileNotFoundError:
            raise NotFoundError(f"{path} does not exist", "name a file of wg export, or - for stdin") from None
        if file.seekable():
            return file
    else:
        file = standard_input("the file")
    import shutil
    import tempfile

    copied: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    with file:
        shutil.copyfileobj(file, copied)
    copied.seek(0)
    return copied
