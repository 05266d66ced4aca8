"""The endpoints of a config file: what each is for, and whether its key is there."""

from __future__ import annotations

import os
import stat
from typing import Any

from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ENDPOINTS, ROLES
from wg.errors import NotFoundError, WgError
from wg.records import NamedTuple
from wg.text import closest

KEY_LENGTH = 4096  # characters of a key file that are read


class Listed(NamedTuple):
    """One endpoint."""

    name: str
    provider: str
    url: str
    api_key_env: str
    api_key_file: str
    default: bool  # whether the models of its provider go there where a role names no endpoint
    roles: tuple[str, ...]  # that use it


class Trouble(NamedTuple):
    """Why a key cannot be used, and what to do about it."""

    message: str
    remedy: str


def listed(config: Config) -> list[Listed]:
    """Every endpoint of a valid config that has a name and an address, in the order of the file."""
    used: dict[tuple[str, str], list[str]] = {}
    for role in ROLES:
        endpoint = resolve(config, role).endpoint
        if endpoint:
            used.setdefault((endpoint.name, endpoint.url), []).append(role)
    blocks = [block for block in config.endpoints() if "name" in block and "url" in block]
    return [_listed(block, blocks, tuple(used.get((block["name"], block["url"]), ()))) for block in blocks]


def _listed(block: dict[str, Any], blocks: list[dict[str, Any]], roles: tuple[str, ...]) -> Listed:
    provider = provider_of(block)
    same = [other for other in blocks if provider_of(other) == provider]
    first = next((other for other in same if other.get("is_default", False)), same[0])
    key = (block.get("api_key_env", ""), block.get("api_key_file", ""))
    return Listed(block["name"], provider, block["url"], *key, first is block, roles)


def provider_of(block: dict[str, Any]) -> str:
    """Whose models are served there."""
    provider: str = block.get("provider", "nex")
    return provider


def key_variables(config: Config) -> tuple[str, ...]:
    """The variables that hold keys, of all endpoints."""
    names = (block.get("api_key_env", "") for block in config.endpoints())
    return tuple(dict.fromkeys(name for name in names if name))


def find(config: Config, name: str) -> int:
    """The place of the block of that name among all. NotFoundError if there is none, WgError if there are several."""
    names = [str(block.get("name", "")) for block in config.endpoints()]
    if name not in names:
        near = closest(name, names)
        hint = f"did you mean {near}?" if near else f"there are: {', '.join(names) or 'none'}"
        raise NotFoundError(f"{config.path} has no endpoint {name!r}", hint)
    if names.count(name) > 1:
        raise WgError(
            f"{config.path} has {names.count(name)} endpoints with the name {name!r}",
            "give each a name of its own: wg profile edit NAME",
        )
    return names.index(name)


def roles_naming(config: Config, name: str) -> tuple[str, ...]:
    """The roles whose `endpoint` key says that name."""
    return tuple(role for role in ROLES if config.raw(f"models.{role}.endpoint") == name)


def key_trouble(variable: str, file: str) -> Trouble | None:
    """Why the key that the variable, else the file, should hold is not there, or None. It is not kept."""
    if variable:
        if os.environ.get(variable, "").strip():
            return None
        return Trouble(f"the variable {variable}, which holds its key, is not set", f"set {variable}")
    return _file_trouble(os.path.expanduser(file)) if file else None


def _file_trouble(path: str) -> Trouble | None:
    remedy = "write the key there, mode 0600"
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return Trouble(f"its key file {path}: {error.strerror}", remedy)
    if not stat.S_ISREG(mode):
        return Trouble(f"its key file {path} is not a file", remedy)
    if os.name != "nt" and mode & 0o077:
        message = f"others may read its key file {path} (mode {stat.S_IMODE(mode):04o})"
        return Trouble(message, f"chmod 600 {path}")
    try:
        with open(path, encoding="utf-8") as file:
            if is_key(file.read(KEY_LENGTH).strip()):
                return None
    except OSError:
        return Trouble(f"its key file {path} cannot be read", f"chmod 600 {path}")
    except UnicodeDecodeError:
        pass
    return Trouble(f"its key file {path} does not hold one key", "put the key, and nothing else, into it, on one line")


def is_key(text: str) -> bool:
    """Whether it can be a key: one word, of letters that can be seen."""
    return bool(text) and not any(c.isspace() or not c.isprintable() for c in text)


def warnings_on(config: Config) -> list[str]:
    """What is to be said of the endpoints after an edit, with file and line."""
    return [problem.at(config.path) for problem in config.warnings if ENDPOINTS in problem.message]
