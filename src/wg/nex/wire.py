"""One streamed chat completion: the request, and the answer put together from its server-sent events.

What endpoints send differs (calls without ids or indexes, arguments as objects, whole answers where a stream was asked
for, errors inside the stream), and none of it is trusted: every size is bounded, and every error says no key.
Source of the format: OpenAI's API reference, chat completions, streaming.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from wg.executors import failures
from wg.nex import stream
from wg.nex.answer import Answer, Assembly
from wg.nex.client import client_for
from wg.nex.refusal import WireError, of_event, of_response
from wg.records import NamedTuple

BOUNDS = stream.Bounds(answer=32 * 1024 * 1024, event=8 * 1024 * 1024)  # no model's real answer comes near them

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
    """Ask for the next message; `say` gets its text while it comes. Raises WireError.

    `request` has the messages, and the tools if there are any.
    """
    return stream.ask({"model": target.model, **request}, lambda body: _asked(client, target, body, say))


def _asked(client: httpx.Client, target: Target, body: dict[str, Any], say: Say) -> Answer:
    address = f"{target.url.rstrip('/')}/chat/completions"
    try:
        with client.stream("POST", address, json=body) as response:
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
        raise WireError(failures.NETWORK, f"{target.url}: {error or type(error).__name__}") from None


def _read(response: httpx.Response, key: str, say: Say) -> Answer:
    assembly = Assembly(say)
    if not stream.is_stream(response):  # an endpoint that does not stream
        assembly.take(_object(stream.whole(response, BOUNDS)))
        return assembly.answer()
    for data in stream.events(response, BOUNDS):
        if data == "[DONE]":
            return assembly.answer()
        event = _object(data)
        if "error" in event:
            raise of_event(event, key)
        assembly.take(event)
    if not assembly.is_ended:
        raise WireError(failures.NETWORK, "the answer broke off in the middle")
    return assembly.answer()


def _object(text: str) -> dict[str, Any]:
    value = stream.parsed(text)
    if value is None:
        raise WireError(failures.NETWORK, f"the endpoint sent what is no answer: {text[:200]!r}")
    return value
