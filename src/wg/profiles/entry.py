"""What stands at a `config.toml`: the one place that looks at the link (SPEC-profiles.md, section 3)."""

from __future__ import annotations

import errno
import os
import stat

from wg.errors import ConfigError
from wg.profiles import pointer
from wg.profiles.names import CONFIG, name_of, snapshot_path
from wg.records import NamedTuple

ABSENT = "absent"
SNAPSHOT = "snapshot"  # a link to, or in copy mode a copy of, a config.toml.NAME
FOREIGN = "foreign link"  # a link to some other file
DETACHED = "detached"  # a plain file
DANGLING = "dangling"
LOOP = "loop"
NOT_A_FILE = "not a file"
BROKEN = (DANGLING, LOOP, NOT_A_FILE)


class Entry(NamedTuple):
    """The state of one `config.toml`."""

    path: str  # the config.toml itself
    kind: str
    name: str  # the active profile, "" where there is none
    target: str  # what readlink prints, "" if it is no link
    copied: bool  # copy mode: `name` comes from the pointer file, not from a link

    @property
    def file(self) -> str:
        """The file that is read, links resolved. Only for what can be read."""
        if self.copied and not os.path.lexists(self.path):
            return os.path.realpath(self.target)  # a project's pin in copy mode reads the snapshot directly
        return os.path.realpath(self.path)

    def leads_to(self) -> str:
        """The link's target as readlink prints it, or what stands in for it."""
        if self.copied:
            return f"copied from {CONFIG}.{self.name}"
        return self.target or self.kind

    def describe(self) -> str:
        """`PATH -> TARGET`, or what else it is."""
        if self.copied and os.path.isabs(self.target):
            return f"{pointer.pointer_path(os.path.dirname(self.path))} (names {self.target})"
        if self.copied:
            return f"{self.path} (a copy of {CONFIG}.{self.name})"
        if self.target:
            return f"{self.path} -> {self.target}"
        return f"{self.path} ({self.kind})"


def look(directory: str, home: str) -> Entry:
    """The state of `directory`'s config.toml. `directory` is the home itself, or a project's `.wg`."""
    path = os.path.join(directory, CONFIG)
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _without_entry(path, directory, home)
    if stat.S_ISLNK(mode):
        return _link(path, directory, home)
    if not stat.S_ISREG(mode):
        return Entry(path, NOT_A_FILE, "", "", False)
    pointed = pointer.read(directory)
    if pointed and pointed.digest and directory == home:
        return Entry(path, SNAPSHOT, pointed.name, "", True)
    return Entry(path, DETACHED, "", "", False)


def require_readable(entry: Entry) -> None:
    """Raises ConfigError, naming link and target, for an entry that is there and cannot be read."""
    if entry.kind not in BROKEN:
        return
    if entry.kind == NOT_A_FILE:
        raise ConfigError(f"{entry.path} is not a file", "move it away, then: wg profile use NAME")
    what = "leads in a circle" if entry.kind == LOOP else "leads nowhere"
    raise ConfigError(f"the link {entry.path} -> {entry.target} {what}", "set it with: wg profile use NAME")


def _without_entry(path: str, directory: str, home: str) -> Entry:
    """No config.toml: in a project a pointer alone is a pin in copy mode; in the home it is a copy that got lost."""
    pointed = pointer.read(directory)
    if pointed is None or (directory == home and not pointed.digest):
        return Entry(path, ABSENT, "", "", False)
    own = snapshot_path(directory, pointed.name)
    target = own if os.path.lexists(own) else snapshot_path(home, pointed.name)
    if directory == home:
        return Entry(path, DANGLING, pointed.name, f"{CONFIG}.{pointed.name}", True)
    kind = SNAPSHOT if os.path.isfile(target) else DANGLING
    return Entry(path, kind, pointed.name, target, True)


def _link(path: str, directory: str, home: str) -> Entry:
    target = os.readlink(path)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
            raise
        return Entry(path, LOOP if error.errno == errno.ELOOP else DANGLING, "", target, False)
    if not stat.S_ISREG(mode):
        return Entry(path, NOT_A_FILE, "", target, False)
    leads_to = os.path.join(directory, target)
    beside = os.path.realpath(os.path.dirname(leads_to))
    name = name_of(leads_to)
    if name and beside in (os.path.realpath(directory), os.path.realpath(home)):
        return Entry(path, SNAPSHOT, name, target, False)
    return Entry(path, FOREIGN, "", target, False)
