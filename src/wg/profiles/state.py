"""What the program itself remembers in the home, outside of any snapshot: `state.json` and `projects.json`.

Both are disposable: without them `use -` has nowhere to go back to, and kept content gets a new name.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from wg.files import sweep, write_atomically
from wg.locking import FileLock
from wg.records import NamedTuple

STATE, PROJECTS, LOCK = "state.json", "projects.json", "lock"


class State(NamedTuple):
    """What was last linked, and what before that. `digest` is the sha256 of the snapshot when it was linked."""

    linked: str = ""
    digest: str = ""
    previous: str = ""  # a profile's name, or
    previous_target: str = ""  # what a foreign link led to
    pending: str = ""  # the switch that was under way: if it stands, `linked` is not to be relied on
    put_away: str = ""  # sha256 of the old config.toml that a migration under way has made a snapshot of


@contextlib.contextmanager
def locked(home: str) -> Iterator[None]:
    """Hold the lock that serialises edits and switches; the home is made if need be. Raises BusyError after 30 s."""
    os.makedirs(home, mode=0o700, exist_ok=True)
    with FileLock(os.path.join(home, LOCK)):
        sweep(home)
        yield


def read_state(home: str) -> State:
    """The state; an empty one if there is none, or none that can be read."""
    stored = _read(os.path.join(home, STATE))
    if not isinstance(stored, dict):
        return State()
    return State(**{name: str(stored.get(name, "")) for name in State._fields})


def write_state(home: str, state: State) -> None:
    """Remember `state`. Only under the lock."""
    _write(os.path.join(home, STATE), state._asdict())


def known_projects(home: str) -> list[str]:
    """The `.wg` directories of projects that were seen with this home, and that still exist."""
    stored = _read(os.path.join(home, PROJECTS))
    listed = stored if isinstance(stored, list) else []
    return [path for path in listed if isinstance(path, str) and os.path.isdir(path)]


def remember_project(home: str, project_dir: str) -> None:
    """Add a project to those known. Only under the lock."""
    known = known_projects(home)
    if project_dir not in known:
        _write(os.path.join(home, PROJECTS), [*known, project_dir])


def _read(path: str) -> Any:
    import json  # 0.8 bare starts, and reading commands do without

    try:
        with open(path, "rb") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def _write(path: str, value: object) -> None:
    import json

    # a torn one reads as none, which costs a name at most: not worth a wait for the disk at every switch
    write_atomically(path, json.dumps(value, indent=1).encode() + b"\n", durable=False)
