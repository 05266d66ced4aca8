"""`wg init`: make a project."""

from __future__ import annotations

import os

from wg.cli.arguments import Parser, command
from wg.cli.inforce import print_json, say
from wg.errors import WgError
from wg.founding import FirstConfig, Founded, first_config, found, remember
from wg.profiles import upkeep
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """Make this directory a project: its tasks live in .wg/, and no file that git tracks is touched. If
there is no config yet, the starters are installed, and one is put in force if only its agent program is here."""


def parser() -> Parser:
    """The command line of `wg init`."""
    return command("init", _DESCRIPTION, run)


def run(arguments: argparse.Namespace) -> int:
    """Make the project. The home being read-only, or busy, does not keep it from being made."""
    named = arguments.dir or os.environ.get("WG_DIR") or os.getcwd()
    root = os.path.dirname(os.path.abspath(named)) if os.path.basename(os.path.abspath(named)) == ".wg" else named
    founded = found(root)
    notes = list(founded.notes)
    config = FirstConfig(None, ())
    try:
        notes += upkeep.ready()
        remember(founded.project)
        config = first_config(founded.project)
    except (WgError, OSError) as error:
        notes.append(f"the home was left as it is: {error}")
    _report(arguments, founded, config, notes)
    return 0


def _report(arguments: argparse.Namespace, founded: Founded, config: FirstConfig, notes: list[str]) -> None:
    switched = config.switched
    if arguments.json:
        print_json(
            {
                "project": founded.project.root,
                "created": founded.is_new,
                "base_branch": founded.base_branch or None,
                "activated": switched.name if switched else None,
                "choice": config.choice,
                "notes": notes,
            }
        )
        return
    for note in notes:
        say("note", note)
    base = f", base branch {printable(founded.base_branch)}" if founded.base_branch else ""
    root = printable(founded.project.root)
    print(f"Made a project in {root}{base}" if founded.is_new else f"{root} is a project{base}")
    if switched:
        print(f"Active profile: {switched.name}, the one agent program that is installed here")
    if config.choice:
        print(f"No profile is active yet. Choose one: wg profile use {' | '.join(config.choice)}")
