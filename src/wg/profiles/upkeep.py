"""What every command that needs a config does first: migrate the original's home, mend copy mode.

Commands that need no config never come here, and never fail because the home is read-only.
"""

from __future__ import annotations

import os

from wg import locations
from wg.errors import WgError
from wg.profiles import heal, original, state


def ready() -> list[str]:
    """Bring the home up to date; returns what was done, for people. Reads only where nothing is to be done.

    Raises WgError naming the home if it must be migrated and cannot be written.
    """
    home = locations.home()
    if not os.path.isdir(home):
        return []
    must_migrate = original.is_there(home)
    if not must_migrate and not heal.is_needed(home):
        return []
    if not os.access(home, os.W_OK):
        if must_migrate:
            raise WgError(f"{home} holds profiles of an older version and cannot be written", "make it writable once")
        return [f"{home} cannot be written: its config.toml is read as it is"]
    with state.locked(home):
        return _migrate(home) + heal.heal(home)


def _migrate(home: str) -> list[str]:
    """Asked again under the lock: another command may have been quicker."""
    if not original.is_there(home):
        return []
    from wg.profiles import migrate  # edits files, which costs two bare starts: only on the one run that needs it

    return migrate.migrate(home)
