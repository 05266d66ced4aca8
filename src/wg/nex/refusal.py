"""Why an endpoint did not answer: the class of failure, and when to try again."""

from __future__ import annotations

import json
import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from wg.errors import WgError
from wg.executors import failures

_MOST = 64 * 1024  # bytes of an error's body that are read
_SAID = 500  # characters of it that are told
REDIRECT_HINT = "give the endpoint the address itself"
_SHORTEST_KEY = 8  # characters
_PASSING = (failures.RATE_LIMIT, failures.OVERLOAD, failures.NETWORK)
# What endpoints say, beside the status; the first that fits decides
_SAYS = [
    (re.compile(pattern, re.IGNORECASE), failure)
    for pattern, failure in (
        (
            r"context.?(length|size|window)|too many tokens|max\w* context|prompt is too long",
            failures.CONTEXT_TOO_LONG,
        ),
        (r"insufficient_quota|exceeded your current quota|insufficient credits|out of credits", failures.QUOTA),
        (r"invalid.api.key|incorrect api key|unauthorized", failures.AUTH),
        (r"model.{0,80}(not found|does not exist|not exist|unknown)|no such model", failures.MODEL_NOT_FOUND),
        (r"rate.?limit", failures.RATE_LIMIT),
        (r"overloaded|capacity|temporarily unavailable", failures.OVERLOAD),
    )
]
_NO_TOOLS = re.compile(r"(not support|not supported|unsupported|unrecognized|requires).{0,60}\btool", re.IGNORECASE)
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$")


class WireError(WgError):
    """An endpoint did not answer. `failure` is one of `failures.ALL`."""

    def __init__(
        self,
        failure: str,
        message: str,
        *,
        is_passing: bool | None = None,
        resets_at: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.failure = failure
        self.is_passing = failure in _PASSING if is_passing is None else is_passing  # the same again may succeed
        self.resets_at = resets_at  # seconds since the epoch; None where nobody said


def of_response(response: httpx.Response, key: str) -> WireError:
    """What a status other than 200 says. The key is cut out of whatever the endpoint echoes."""
    status = response.status_code
    if 300 <= status < 400:
        return WireError(failures.EXIT, f"HTTP {status}: {redirect_of(response, key)[:_SAID]}", hint=REDIRECT_HINT)
    text = _beginning(response)
    return _classified(status, message_of(text), key, _reset(response.headers, time.time()))


def redirect_of(response: httpx.Response, key: str) -> str:
    """Where a redirect leads, which is not followed. What stands behind a `?` may be a secret of its own."""
    where = redacted(response.headers.get("location", ""), key).partition("?")[0] or "nowhere"
    return f"it redirects to {where}, where the key is not sent"


def is_error(event: dict[str, Any]) -> bool:
    """Whether an object that came with status 200 says what went wrong. Some send `"error": null` where nothing did."""
    return bool(event.get("error")) or event.get("object") == "error"  # the latter: vLLM


def of_event(event: dict[str, Any], key: str) -> WireError:
    """What an error with status 200 says, in a stream or as the whole answer."""
    error = event.get("error") or event
    code = error.get("code") if isinstance(error, dict) else None
    return _classified(code if isinstance(code, int) else 0, message_of(json.dumps(event)), key, None)


def message_of(text: str) -> str:
    """The message in an error's body, with its code; else the body itself. The key may be in it."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip() or "no more is said"
    error = (value.get("error") or value) if isinstance(value, dict) else value
    if not isinstance(error, dict):
        return str(error)
    parts = [error.get(name) for name in ("message", "detail", "code", "type")]
    return "; ".join(part for part in parts if isinstance(part, str) and part) or text.strip()


def redacted(text: str, key: str) -> str:
    """`text` without the key, also as JSON spells it. Local servers take "x" for one, which is in every word."""
    if len(key) < _SHORTEST_KEY:
        return text
    return text.replace(key, "[key]").replace(json.dumps(key)[1:-1], "[key]")


def _classified(status: int, said: str, key: str, resets_at: float | None) -> WireError:
    said = redacted(said, key)[:_SAID]
    told = f"HTTP {status}: {said}" if status else said
    if status in (400, 404, 422, 500, 501) and _NO_TOOLS.search(said):
        hint = "wg endpoints test shows what it can do; a task needs a model that can call tools"
        return WireError(failures.MODEL_NOT_FOUND, f"this model cannot call tools: {told}", hint=hint)
    by_words = next((failure for pattern, failure in _SAYS if pattern.search(said)), "")
    by_status = failures.of_status(status)
    # a status of its own says more than words, but for the two that stand for many things
    failure = by_words if status in (0, 400, 413, 422, 429) or not by_status else by_status
    failure = failure or by_status or (failures.CONTEXT_TOO_LONG if status == 413 else failures.EXIT)
    return WireError(failure, told, resets_at=resets_at if failure in failures.PAUSING else None)


def _beginning(response: httpx.Response) -> str:
    received = bytearray()
    for chunk in response.iter_bytes():
        received += chunk
        if len(received) > _MOST:
            break
    return received[:_MOST].decode("utf-8", "replace")


def _reset(headers: httpx.Headers, now: float) -> float | None:
    """When to try again, in seconds since the epoch: Retry-After (RFC 9110, 10.2.3), else what limits usually say."""
    value = headers.get("retry-after", "").strip()
    if value:
        seconds = _number(value)
        if seconds is not None:
            return now + seconds
        try:
            return parsedate_to_datetime(value).timestamp()
        except ValueError:
            pass
    for name in ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset"):
        if (found := _moment(headers.get(name, "").strip(), now)) is not None:
            return found
    return None


def _moment(value: str, now: float) -> float | None:
    """A number of seconds, `6m0s`, or a time since the epoch in seconds or milliseconds."""
    number = _number(value)
    if number is not None:
        if number > 1e12:
            return number / 1000
        return number if number > 1e9 else now + number
    match = _DURATION.match(value)
    if not value or not match or not any(match.groups()):
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in match.groups())
    return now + hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
