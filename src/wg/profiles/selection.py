"""Which config file is in force, why, and what it hides (SPEC-profiles.md, section 3)."""

from __future__ import annotations

import os

from wg import locations
from wg.errors import NotFoundError
from wg.locations import Project
from wg.profiles import entry, names
from wg.profiles.entry import Entry
from wg.profiles.pointer import pointer_path
from wg.records import NamedTuple

BY_FLAG, BY_VARIABLE, BY_PIN, BY_HOME = "flag", "variable", "pin", "home"


class Selection(NamedTuple):
    """The one file that is read."""

    path: str  # that file, links resolved
    entry: Entry  # the config.toml, or the snapshot that was asked for by name
    name: str  # the active profile, or "-"
    by: str  # flag | variable | pin | home
    reason: str  # the same for people
    hides: tuple[str, ...]  # what would be in force otherwise

    @property
    def directory(self) -> str:
        """The home or the project's `.wg` whose entry it is."""
        return os.path.dirname(self.entry.path)


def select(project: Project | None, profile: str = "") -> Selection:
    """The file in force for `project` (None: outside of any) in this process.

    `profile` is `--profile`; WG_PROFILE is looked at here. Raises NotFoundError if a named profile is not there or
    there is no config at all, and ConfigError for a broken link: that never falls through to the next file.
    """
    present = _present(project)
    name, reason = asked_profile(profile)
    if name:
        return _named(project, name, reason, BY_FLAG if profile else BY_VARIABLE, present)
    if not present:
        raise NotFoundError(
            f"there is no config yet: {os.path.join(locations.home(), names.CONFIG)} does not exist",
            "choose one with: wg profile use claude (or codex, or nex)",
        )
    found, *hidden = present
    entry.require_readable(found)
    pinned = project is not None and found.path.startswith(os.path.join(project.dir, ""))
    return Selection(
        path=found.file,
        entry=found,
        name=found.name or "-",
        by=BY_PIN if pinned else BY_HOME,
        reason=f"the project {project.root} is pinned" if pinned and project else "it is the global config",
        hides=tuple(other.describe() for other in hidden),
    )


def asked_profile(profile: str = "") -> tuple[str, str]:
    """(name, who asked for it) of `--profile`, else of WG_PROFILE; empty texts if neither is set."""
    if profile:
        return names.check(profile, "--profile"), f"--profile {profile}"
    variable = os.environ.get("WG_PROFILE", "")
    if variable:
        return names.check(variable, "WG_PROFILE"), f"WG_PROFILE={variable}"
    return "", ""


def pin_of(project: Project | None) -> Entry | None:
    """The project's own config.toml, if it has one."""
    if project is None:
        return None
    found = entry.look(project.dir, locations.home())
    return None if found.kind == entry.ABSENT else found


def find_snapshot(project: Project | None, name: str) -> str:
    """The snapshot of that name, the project's own first; "" if there is none."""
    directories = [project.dir] if project else []
    for directory in [*directories, locations.home()]:
        path = names.snapshot_path(directory, name)
        if os.path.isfile(path):
            return path
    return ""


def known_names(project: Project | None) -> list[str]:
    """Every profile name that could be meant, of both scopes."""
    own = names.installed(project.dir) if project else []
    return own + names.installed(locations.home())


def watched(project: Project | None) -> list[str]:
    """Every path whose change may put another file, or other content, in force."""
    directories = [project.dir] if project else []
    paths = []
    for directory in [*directories, locations.home()]:
        found = entry.look(directory, locations.home())
        paths += [found.path, pointer_path(directory)]
        if found.target or found.copied:
            paths.append(names.snapshot_path(directory, found.name) if found.copied else os.path.realpath(found.path))
            paths.append(os.path.join(directory, found.target))
    return paths


def _present(project: Project | None) -> list[Entry]:
    """Every config.toml that is there, broken or not, in the order in which they are asked."""
    directories = [project.dir] if project else []
    found = [entry.look(directory, locations.home()) for directory in [*directories, locations.home()]]
    return [one for one in found if one.kind != entry.ABSENT]


def _named(project: Project | None, name: str, reason: str, by: str, hidden: list[Entry]) -> Selection:
    path = find_snapshot(project, name)
    if not path:
        from wg.config.starters import STARTERS

        hint = "install it with: wg profile install" if name in STARTERS else ""
        raise names.missing(name, known_names(project), hint, reason)
    asked = Entry(path, entry.SNAPSHOT, name, "", False)
    return Selection(os.path.realpath(path), asked, name, by, reason, tuple(one.describe() for one in hidden))
