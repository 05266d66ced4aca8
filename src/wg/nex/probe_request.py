"""One request of `wg endpoints test`: bounded in time and size, and an answer or one sentence on why there is none.

Nothing in an answer is trusted. No redirect is followed: it would carry the key elsewhere. Whatever an endpoint says
has the key cut out before it is shortened, so that not even a part of it is shown.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from wg.errors import WgError
from wg.nex import stream
from wg.nex.client import ProxyError, client_for
from wg.nex.probe_reply import Reading, Reply
from wg.nex.refusal import REDIRECT_HINT, is_error, message_of, redacted, redirect_of
from wg.records import NamedTuple

T = TypeVar("T")
_SAID = 300  # characters of what an endpoint says that are shown
_BOUNDS = stream.Bounds(answer=4 * 1024 * 1024, event=4 * 1024 * 1024)


class ProbeError(WgError):
    """An endpoint did not answer as one should. `status` is that of HTTP where it is the trouble, else 0."""

    def __init__(self, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status


class Unreachable(ProbeError):
    """It did not answer at all, so that it is no use to ask for more."""


class Place(NamedTuple):
    """Whom to ask."""

    url: str  # the base address, up to and including /v1
    key: str  # a secret; "" for none
    seconds: float  # that one request may take

    def hide(self, text: str) -> str:
        """`text` without the key."""
        return redacted(text, self.key)

    def short(self, text: str) -> str:
        """What an endpoint says, on one line, without the key, of a length to be shown."""
        line = self.hide(" ".join(self.hide(text).split()))
        return line if len(line) <= _SAID else f"{line[:_SAID]}…"


def models(place: Place) -> tuple[str, ...]:
    """The models that the endpoint lists. Raises ProbeError."""

    def read(response: httpx.Response) -> tuple[str, ...]:
        value = _json(place, response, stream.Body(response, _BOUNDS).whole())
        listed = value.get("data", value.get("models"))
        if not isinstance(listed, list):
            raise ProbeError("what it gives for a list of models is none")
        names = [each.get("id") or each.get("name") for each in listed if isinstance(each, dict)]
        return tuple(place.hide(name) for name in names if isinstance(name, str) and name)

    return _request(place, "GET", "models", None, read)


def chat(place: Place, model: str, prompt: str, tools: list[dict[str, Any]]) -> Reply:
    """The model's answer, streamed. Raises ProbeError."""
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    if tools:
        body["tools"] = tools
    begun = time.monotonic()

    def read(response: httpx.Response) -> Reply:
        reading = Reading(begun)
        body = stream.Body(response, _BOUNDS)
        if not body.is_stream:
            reading.take(_event(place, _json(place, response, body.whole())))
            return reading.reply(is_stream=False)
        for data in body.events():
            if data == stream.DONE:
                return reading.reply()
            reading.take(_event(place, _json(place, response, data)))
            if reading.is_long:
                return reading.reply(ended=False)
        if not reading.is_ended:
            raise ProbeError("its answer breaks off in the middle, or is no answer at all")
        return reading.reply()

    return stream.ask(body, lambda asked: _request(place, "POST", "chat/completions", asked, read))


def _request(place: Place, method: str, path: str, body: object, read: Callable[[httpx.Response], T]) -> T:
    address = f"{place.url.rstrip('/')}/{path}"

    def send() -> T:
        timeout = httpx.Timeout(place.seconds, connect=min(stream.CONNECT_SECONDS, place.seconds))
        with (
            client_for(place.url, place.key, timeout) as client,
            client.stream(method, address, json=body) as response,
        ):
            if response.status_code != 200:
                raise _refusal(place, response)
            return read(response)

    try:
        return _within(place.seconds, send)
    except ProxyError as error:
        raise Unreachable(error.message, error.hint) from None
    except stream.EndlessError as error:
        raise ProbeError(f"its answer does not end: {error}") from None
    except httpx.ConnectTimeout:
        raise Unreachable("it does not take the connection", "is the address right, and reachable from here?") from None
    except (httpx.TimeoutException, TimeoutError):
        raise Unreachable(f"no whole answer within {place.seconds:g} s", "--timeout gives it longer") from None
    except httpx.ConnectError as error:
        hint = "is the server running there? docs/endpoints.md says how to start one"
        raise Unreachable(f"no connection: {place.short(str(error))}", hint) from None
    except httpx.RemoteProtocolError:
        raise Unreachable("it breaks off its answer, or does not speak HTTP") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise Unreachable(f"the request fails: {place.short(str(error)) or type(error).__name__}") from None


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives. TimeoutError if that takes longer: httpx limits each wait, and not their sum."""
    found: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(call())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError
    return found[0]


def _refusal(place: Place, response: httpx.Response) -> ProbeError:
    status = response.status_code
    if 300 <= status < 400:
        return ProbeError(place.short(redirect_of(response, place.key)), REDIRECT_HINT, status)
    said = message_of(stream.Body(response, _BOUNDS).whole())
    return ProbeError(f"it answers {status}: {place.short(said)}", "", status)


def _event(place: Place, event: dict[str, Any]) -> dict[str, Any]:
    """The event itself. Raises ProbeError for one that says what went wrong after the stream had begun."""
    if is_error(event):
        raise ProbeError(f"it breaks off its answer: {place.short(message_of(json.dumps(event)))}")
    return event


def _json(place: Place, response: httpx.Response, data: str) -> dict[str, Any]:
    value = stream.parsed(data)
    if value is None:
        kind = place.short(response.headers.get("content-type", "")) or "of no type"
        hint = "is the url the base address of an OpenAI-compatible server, up to and including /v1?"
        raise ProbeError(f"what it sends is not the JSON that it should be ({kind})", hint)
    return value
