"""Follows the config file in force, so that a switch needs no restart (SPEC-profiles.md, section 10)."""

from __future__ import annotations

import os
from collections.abc import Callable

from wg.config.load import Config, load_valid
from wg.dispatch.log import Log
from wg.errors import ConfigError, WgError
from wg.locations import Project
from wg.profiles.selection import Selection, select, watched
from wg.records import NamedTuple

STILL_SECONDS = 0.2

_Stat = tuple[int, int, int, int] | None


class InForce(NamedTuple):
    """The file in force, and what it says: one reading of its bytes."""

    selection: Selection
    config: Config

    @property
    def identity(self) -> tuple[str, str, str]:
        """What an attempt records of it: the same only if it would run the same."""
        return self.selection.path, self.config.digest, self.selection.name


class Follower:
    """Notices changes cheaply, by stat; what runs is decided by reading the file anew, whatever stat says."""

    def __init__(self, project: Project, log: Log, clock: Callable[[], float]) -> None:
        self.in_force: InForce | None = None  # the last good reading: what is shown, and not what is run on
        self.problem = ""  # why nothing new may be started
        self._project = project
        self._log = log
        self._clock = clock
        self._seen = self._stamp()
        self._since = clock()
        self._reported = False

    def look(self) -> bool:
        """Whether a change has just become still: once for each change."""
        still = self.is_still()
        if self._reported or not still:
            return False
        self._reported = True
        return True

    def is_still(self) -> bool:
        """Whether nothing has changed for 200 ms. A file that is just being written is not to be read yet."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._since = self._clock()
            self._reported = False
        return self._clock() - self._since >= STILL_SECONDS

    def current(self) -> InForce | None:
        """The file in force, selected and read now; None while nothing may be started. A change is logged once."""
        if not self.is_still():
            return None
        try:
            found = self._read()
        except WgError as error:
            self._set_problem(error.message)
            return None
        self._set_problem("")
        if self.in_force is None or found.identity != self.in_force.identity:
            selection, config = found
            self._log.write(
                f"config {selection.path} sha256:{config.digest} profile {selection.name}: {selection.reason}"
            )
        self.in_force = found
        return found

    def _read(self) -> InForce:
        selection = select(self._project)
        try:
            return InForce(selection, load_valid(selection.path))
        except OSError as error:
            raise ConfigError(f"{selection.path}: {error.strerror or error}") from None

    def _set_problem(self, problem: str) -> None:
        if problem != self.problem:
            self._log.write(f"nothing new is started: {problem}" if problem else "starting goes on")
        self.problem = problem

    def _stamp(self) -> tuple[tuple[str, _Stat, _Stat], ...]:
        try:
            paths = watched(self._project)
        except (OSError, WgError):
            return ()
        return tuple((path, _stat(path, False), _stat(path, True)) for path in paths)


def _stat(path: str, follow: bool) -> _Stat:
    try:
        found = os.stat(path, follow_symlinks=follow)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
