"""`wg setup-agents`: the section on wg in AGENTS.md and CLAUDE.md."""

from __future__ import annotations

from wg import instructions
from wg.cli.arguments import Parser, command
from wg.cli.caller import attempt_fence
from wg.cli.inforce import print_json
from wg.graph.store import Store
from wg.instructions import UNCHANGED, Change
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.text import printable
from wg.worktrees.workplace import working_directory

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """Write a short section on using wg into the project's AGENTS.md and CLAUDE.md, between two comments
that mark it. Run it again to bring it up to date; only what is between the comments is ever changed."""


def parser() -> Parser:
    """The command line of `wg setup-agents`."""
    made = command("setup-agents", _DESCRIPTION, run)
    what = made.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; exit 1 if a section is out of date")
    what.add_argument("--remove", action="store_true", help="take the sections out again")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Write the sections, remove them, or look whether they are up to date."""
    changes = instructions.plan(_root(arguments), remove=arguments.remove)
    if not arguments.check:
        instructions.apply(changes)
    if arguments.json:
        print_json({"files": [{"path": change.path, "state": _state(change, arguments)} for change in changes]})
    else:
        for change in changes:
            print(f"{printable(change.path)}: {_state(change, arguments)}")
    return 1 if arguments.check and any(change.state != UNCHANGED for change in changes) else 0


def _root(arguments: argparse.Namespace) -> str:
    """The project's directory; for an agent where it works, so that it changes nothing but its own worktree."""
    project = require_project(arguments.dir)
    fence = attempt_fence()
    if fence is None:
        return project.root
    with Store.open(project.database) as store:
        place = store.attempt(fence).workplace
    return working_directory(project.root, place) if place else project.root


def _state(change: Change, arguments: argparse.Namespace) -> str:
    return "out of date" if arguments.check and change.state != UNCHANGED else change.state
