"""The key of an endpoint: from the environment variable, or from the private file, that the config names."""

from __future__ import annotations

import os
import stat

from wg.config.endpoints import KEY_LENGTH, is_key
from wg.config.route import Endpoint
from wg.errors import ConfigError


def key_of(endpoint: Endpoint) -> str:
    """The key, "" where the endpoint names none. ConfigError where it is missing, or others can read its file."""
    if endpoint.api_key_env:
        key = os.environ.get(endpoint.api_key_env, "").strip()
        if not key:
            name = endpoint.name or endpoint.url
            raise ConfigError(
                f"the endpoint {name} takes its key from {endpoint.api_key_env}, which is not set",
                f"export {endpoint.api_key_env}=… before the dispatcher is started",
            )
        return key
    return _from_file(endpoint.api_key_file) if endpoint.api_key_file else ""


def _from_file(path: str) -> str:
    path = os.path.expanduser(path)
    try:
        with open(path, encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            key = file.read(KEY_LENGTH).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the key file {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if mode & 0o077:
        raise ConfigError(f"others may read the key file {path} (mode {mode:04o})", f"chmod 600 {path}")
    if not is_key(key):
        raise ConfigError(f"{path} does not hold one key", "put the key, and nothing else, into it")
    return key
