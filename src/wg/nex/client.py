"""The client for one endpoint: its key, no redirects, and the proxy of the environment where there is one to use."""

from __future__ import annotations

import os

import httpx

from wg.config.addresses import is_loopback
from wg.errors import ConfigError


class ProxyError(ConfigError):
    """The environment names a proxy that cannot be used. What it names may have a password in it, and is not said."""


def client_for(url: str, key: str, timeout: httpx.Timeout) -> httpx.Client:
    """A client for that address alone; redirects are not followed, because they would carry the key elsewhere.

    A server on this machine is asked directly: a proxy could not reach it. Raises ProxyError.
    """
    headers = {"authorization": f"Bearer {key}"} if key else {}
    direct = httpx.HTTPTransport() if is_loopback(url) else None  # it still knows SSL_CERT_FILE
    try:
        return httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, transport=direct)
    except (ImportError, ValueError, httpx.InvalidURL):
        name = _proxy_variable()
        raise ProxyError(
            f"the proxy that {name} names cannot be used: it is not one that is spoken to by HTTP",
            f"unset {name} for wg, or name a proxy there that begins with http:// (SOCKS is not supported)",
        ) from None


def _proxy_variable() -> str:
    """The variable whose proxy is the trouble, as far as that can be told."""
    names = [name for each in ("all_proxy", "https_proxy", "http_proxy") for name in (each, each.upper())]
    given = [name for name in names if os.environ.get(name)]
    odd = [name for name in given if not os.environ[name].lower().startswith(("http://", "https://"))]
    return next(iter([*odd, *given]), "the environment")
