"""What every command about config needs: the home brought up to date, the project, and the file in force."""

from __future__ import annotations

import sys

from wg.config.load import Config, load
from wg.errors import WgError
from wg.locations import Project, find_project
from wg.profiles import upkeep
from wg.profiles.selection import Selection, select
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def project_here(arguments: argparse.Namespace) -> Project | None:
    """The project in force, or None; the home is migrated or mended first if need be, and that is said."""
    for note in upkeep.ready():
        say("note", note)
    return find_project(arguments.dir)


def file_in_force(arguments: argparse.Namespace) -> tuple[Project | None, Selection, Config]:
    """The project, the file in force and what it says. The config may be invalid: look at its problems."""
    project = project_here(arguments)
    selected = select(project, arguments.profile or "")
    return project, selected, load(selected.path)


def what_hides(project: Project | None, arguments: argparse.Namespace, changed: str) -> str:
    """Why `changed`, a directory whose config.toml was switched or edited, is not in force in this shell, or ""."""
    try:
        selected = select(project, arguments.profile or "")
    except WgError as error:  # a variable that names nothing, a broken pin: the change is made all the same
        return error.message
    return "" if selected.directory == changed and selected.by in ("pin", "home") else selected.reason


def say(kind: str, text: str) -> None:
    """A line beside the result, on stderr: `note: …` or `warning: …`."""
    print(f"{kind}: {printable(text, multiline=True)}", file=sys.stderr)


def print_json(value: object) -> None:
    """The result, where --json asks for it."""
    import json  # 0.8 bare starts: only where it is asked for

    print(json.dumps(value, indent=2))
