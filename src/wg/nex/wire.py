"""One streamed chat completion: the request, and the answer put together from its server-sent events.

What endpoints send differs (calls without ids or indexes, arguments as objects, whole answers where a stream was asked
for, errors inside the stream), and none of it is trusted: every size is bounded, and no answer or error holds the key.
Source of the format: OpenAI's API reference, chat completions, streaming.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from wg.executors import failures
from wg.nex import stream
from wg.nex.answer import Answer, Assembly
from wg.nex.client import client_for
from wg.nex.refusal import WireError, is_error, of_event, of_response, redacted
from wg.records import NamedTuple
from wg.text import whole_characters

BOUNDS = stream.Bounds(answer=32 * 1024 * 1024, event=8 * 1024 * 1024)  # no model's real answer comes near them
_SAID = 200  # characters of what is no answer that are told
_JSON = {"content-type": "application/json"}

Say = Callable[[str], None]


class Target(NamedTuple):
    """Where a model is served."""

    url: str  # the base address, up to and including /v1
    model: str
    key: str = ""  # a secret; "" for none
    silence: float = 600.0  # seconds that the endpoint may say nothing: a local model may read a long prompt first


def new_client(target: Target) -> httpx.Client:
    """A client for that target alone. Raises ProxyError."""
    return client_for(target.url, target.key, httpx.Timeout(target.silence, connect=stream.CONNECT_SECONDS))


def complete(client: httpx.Client, target: Target, request: dict[str, Any], say: Say) -> Answer:
    """Ask for the next message; `say` gets its text while it comes, as it comes. Raises WireError.

    `request` has the messages, and the tools if there are any. A gateway may repeat the headers that it got, and a
    model what it has read somewhere: the key is cut out of the answer before anybody writes it down.
    """
    answer = stream.ask({"model": target.model, **request}, lambda body: _asked(client, target, body, say))
    return answer.changed(lambda text: redacted(text, target.key))


def _asked(client: httpx.Client, target: Target, body: dict[str, Any], say: Say) -> Answer:
    address = f"{target.url.rstrip('/')}/chat/completions"
    try:
        with client.stream("POST", address, content=_encoded(body), headers=_JSON) as response:
            if response.status_code != 200:
                raise of_response(response, target.key)
            return _read(response, target.key, say)
    except stream.EndlessError as error:
        raise WireError(failures.EXIT, f"the answer does not end: {error}", is_passing=False) from None
    except httpx.TimeoutException as error:
        raise WireError(failures.NETWORK, f"{target.url} did not answer in time ({type(error).__name__})") from None
    except httpx.InvalidURL as error:
        raise WireError(failures.EXIT, f"{target.url} is no address: {error}", is_passing=False) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        said = redacted(str(error), target.key) or type(error).__name__  # it may quote what came
        raise WireError(failures.NETWORK, f"{target.url}: {said}") from None


def _encoded(body: dict[str, Any]) -> bytes:
    """As JSON in UTF-8, whatever a person's prompt, a file's name or an older journal has brought into it."""
    return whole_characters(json.dumps(body, ensure_ascii=False)).encode()


def _read(response: httpx.Response, key: str, say: Say) -> Answer:
    assembly = Assembly(say)
    body = stream.Body(response, BOUNDS)
    if not body.is_stream:  # an endpoint that does not stream
        assembly.take(_event(body.whole(), key))
        return assembly.answer()
    for data in body.events():
        if data == stream.DONE:
            return assembly.answer()
        assembly.take(_event(data, key))
    if not assembly.is_ended:
        raise WireError(failures.NETWORK, "the answer broke off in the middle")
    return assembly.answer()


def _event(text: str, key: str) -> dict[str, Any]:
    """One chunk, or a whole answer. What went wrong comes in either, also where the status says that all is well."""
    value = stream.parsed(text)
    if value is None:
        said = redacted(text, key)[:_SAID]  # in this order: half a key is one too
        raise WireError(failures.NETWORK, f"the endpoint sent what is no answer: {said!r}")
    if is_error(value):
        raise of_event(value, key)
    return value
