"""What an endpoint's address must be like, and how it is shown."""

from __future__ import annotations

from wg.errors import UsageError

_EXAMPLE = "as in http://127.0.0.1:8088/v1"


def check_url(url: str) -> str:
    """`url` itself. Raises UsageError if it is no endpoint's base address, or may hold a secret; that is not said."""
    if has_secret(url):
        raise UsageError(
            "the address has a name or password in it, or something after a ?, and config files are shown",
            "give the key by --api-key-env or --api-key-file (wg endpoints add --help)",
        )
    if not is_address(url):
        raise UsageError(f"{url!r} is no endpoint's address", _EXAMPLE)
    if url.rstrip("/").endswith(("/chat/completions", "/models", "/responses")):
        base = url.rstrip("/").rpartition("/v1/")[0]
        raise UsageError(f"{url!r} is more than the base address", f"try {base}/v1" if base else _EXAMPLE)
    return url


def is_address(url: str) -> bool:
    """Whether it is an http or https address without anything after the path."""
    from urllib.parse import urlsplit

    if not url.startswith(("http://", "https://")) or any(c.isspace() or not c.isprintable() for c in url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and "#" not in url and "?" not in url
    except ValueError:
        return False


def has_secret(url: str) -> bool:
    """Whether there is a user's name, a password, or a query in it: none of these is needed, and some are keys."""
    return "@" in url.partition("://")[2].partition("/")[0] or "?" in url


def shown(url: str) -> str:
    """`url` without what may be a secret, for output: a file that was edited by hand may have one."""
    if not has_secret(url):
        return url
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    _, at, host = authority.rpartition("@")
    path, query, _ = path.partition("?")
    return f"{scheme}://{'[hidden]@' if at else ''}{host}{slash}{path}{'?[hidden]' if query else ''}"


def is_open(url: str) -> bool:
    """Whether what goes there goes unencrypted over a network."""
    return url.startswith("http://") and not is_loopback(url)


def is_loopback(url: str) -> bool:
    """Whether it is served on this machine."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:  # a name, or no address at all
        return False
