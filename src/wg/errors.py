"""The errors that reach a user: each knows its exit code, and how to say what to do next.

Exit codes (DESIGN.md, decision 12): 0 done, 1 refused or failed, 2 usage, 3 not found, 4 busy or locked,
5 config invalid.
"""

from __future__ import annotations


class WgError(Exception):
    """Something was refused or failed. `message` says what and where, `hint` the way out."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def as_object(self) -> dict[str, object]:
        """The error as `--json` prints it."""
        return {"error": self.message, "hint": self.hint, "exit_code": self.exit_code}


class UsageError(WgError):
    """The command line itself is wrong."""

    exit_code = 2


class NotFoundError(WgError):
    """A task, profile, project or key of that name does not exist."""

    exit_code = 3


class BusyError(WgError):
    """Somebody else holds what this command needs."""

    exit_code = 4


class ConfigError(WgError):
    """The config file in force, or the one asked for, cannot be run on."""

    exit_code = 5
