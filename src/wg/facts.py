"""Facts about a project, in its `.wg/project.toml`. They are no routing, so they stay out of config snapshots."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wg.errors import ConfigError

if TYPE_CHECKING:
    from wg.locations import Project


def facts_path(project: Project) -> str:
    """The file that holds the facts."""
    return os.path.join(project.dir, "project.toml")


def base_branch(project: Project) -> str:
    """The branch that agents start from and work is merged into; "" where none is named.

    Raises ConfigError naming the file if it cannot be read.
    """
    import tomllib

    path = facts_path(project)
    try:
        with open(path, "rb") as file:
            value = tomllib.load(file).get("base_branch", "")
    except FileNotFoundError:
        return ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}", "mend the file") from None
    if not isinstance(value, str):
        raise ConfigError(f"{path}: base_branch must be a string", 'write it as: base_branch = "main"')
    return value
