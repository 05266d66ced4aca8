"""What a provider says when it refuses: the body and the headers that clients look for."""

from __future__ import annotations

import os
import time
from typing import Any

from wg.records import NamedTuple
from wg.rehearsal.script import Trouble

RESETS_AT = 4102444800  # when a rate limit ends that no `reset` was given for: 2100-01-01, in seconds since 1970
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class Refusal(NamedTuple):
    """An HTTP answer without the model."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


def refusal(status: int, message: str = "", error_type: str = "", reset: float | None = None) -> Refusal:
    """An error in a form that all three interfaces understand. `reset` is in how many seconds a limit ends."""
    kind = error_type or _TYPES.get(status, "api_error")
    error: dict[str, Any] = {"type": kind, "code": kind, "message": message or "refused by the rehearsal"}
    headers: dict[str, str] = {}
    if status == 429:
        ends = RESETS_AT if reset is None else int(time.time() + reset)
        error["resets_at"] = ends
        headers = {
            "anthropic-ratelimit-unified-status": "rejected",
            "anthropic-ratelimit-unified-reset": str(ends),
            "anthropic-ratelimit-unified-representative-claim": "five_hour",
        }
    if reset is not None:
        headers["retry-after"] = f"{reset:g}"
        for what in ("requests", "tokens"):
            headers |= {f"x-ratelimit-remaining-{what}": "0", f"x-ratelimit-reset-{what}": f"{reset:g}s"}
    return Refusal(status, {"type": "error", "error": error}, headers)


def due(trouble: Trouble) -> Trouble:
    """The trouble with the first of its `once` that has not been yet; from now on that has been."""
    for what, file in trouble.once:
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # of two requests one meets with it
        except FileExistsError:
            continue
        return trouble._replace(cut=True) if what == "cut" else trouble._replace(status=int(what), error_type="")
    return trouble
