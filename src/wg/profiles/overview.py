"""What `wg profile show` and `list` say: data, for the command to print."""

from __future__ import annotations

import os

from wg import locations
from wg.config.load import Config, load
from wg.config.resolver import resolve
from wg.config.route import Route
from wg.config.schema import ROLES
from wg.config.starters import STARTERS
from wg.locations import Project
from wg.profiles import entry, names, selection
from wg.profiles.names import CONFIG, snapshot_path
from wg.records import NamedTuple


class ModelLine(NamedTuple):
    """A line of the file that has `model` in it."""

    number: int
    text: str


class Row(NamedTuple):
    """One profile of the list."""

    name: str
    scope: str  # global | project | starter (not installed)
    active: bool  # its scope's config.toml leads to it
    description: str
    model: str  # what works on tasks, as provider:model; "" if the file is invalid


def model_lines(config: Config) -> list[ModelLine]:
    """Exactly the lines, with numbers, that `grep -n model` finds."""
    lines = config.text.split("\n")
    return [ModelLine(number, line) for number, line in enumerate(lines, start=1) if "model" in line]


def routes(config: Config) -> list[Route]:
    """The route of each role; none of a config that is invalid."""
    return [] if config.errors else [resolve(config, role) for role in ROLES]


def rows(project: Project | None) -> list[Row]:
    """Every profile of both scopes, then the starters that are not installed."""
    home = locations.home()
    found = _rows_of(project.dir, "project", home) if project else []
    found += _rows_of(home, "global", home)
    there = {row.name for row in found if row.scope == "global"}
    found += [
        Row(name, "starter", False, starter.description, starter.worker)
        for name, starter in STARTERS.items()
        if name not in there
    ]
    return found


def _rows_of(directory: str, scope: str, home: str) -> list[Row]:
    active = entry.look(directory, home)
    listed = []
    for name in names.installed(directory):
        is_active = active.name == name and _leads_into(active, directory)
        try:
            config = load(snapshot_path(directory, name))
        except OSError as error:
            listed.append(Row(name, scope, is_active, str(error.strerror), ""))
            continue
        model = "" if config.errors else resolve(config, "task_agent").spec
        description = config.raw("description")
        text = description if isinstance(description, str) else ""
        listed.append(Row(name, scope, is_active, text, model))
    return listed


def _leads_into(active: entry.Entry, directory: str) -> bool:
    """Whether an entry leads to a snapshot of `directory` (a project's pin may lead to a global one)."""
    if active.copied:
        leads_to = active.target if os.path.isabs(active.target) else snapshot_path(directory, active.name)
    else:
        leads_to = os.path.join(os.path.dirname(active.path), active.target)
    return os.path.realpath(os.path.dirname(leads_to)) == os.path.realpath(directory)


def advice(selected: selection.Selection) -> str:
    """What to say of a file in force that is not simply a linked snapshot, or ""."""
    kind = selected.entry.kind
    if kind == entry.DETACHED and selected.by == selection.BY_PIN:
        return (
            f"{selected.entry.path} is this project's own plain file, and runs as it is; "
            "make it a profile of the project with: wg profile save NAME --project"
        )
    if kind == entry.DETACHED:
        return (
            f"{selected.entry.path} is a plain file, not a link to a snapshot (sed -i and some editors do that); "
            "it runs as it is. Adopt it with: wg profile save NAME"
        )
    if kind == entry.FOREIGN:
        return f"{selected.entry.path} leads to {selected.entry.target}, which is no {CONFIG}.NAME; it runs as it is"
    return ""
