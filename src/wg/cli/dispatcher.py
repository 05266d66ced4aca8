"""`wg dispatcher`: the dispatcher's process, as `wg service start` starts it."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg dispatcher`."""
    return command("dispatcher", "The dispatcher's own process. Start it with: wg service start.", run)


def run(arguments: argparse.Namespace) -> int:
    """Dispatch until told to stop."""
    from wg.dispatch import daemon, service

    service.require_no_profile(arguments.profile or "")
    return daemon.run(require_project(arguments.dir))
