"""An endpoint that answers with exactly these bytes: for streams that no rehearsal and no good server sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Canned(NamedTuple):
    """One answer."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "text/event-stream"),)
    cut: bool = False  # break the connection before the promised end


class Endpoint:
    """Gives its answers in turn, the last one for ever; `requests` has what it was asked."""

    def __init__(self, answers: list[Canned]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self._answers = answers

    def next(self) -> Canned:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextmanager
def serving(*answers: Canned) -> Iterator[Endpoint]:
    """The endpoint, on loopback."""
    endpoint = Endpoint(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
            answer = endpoint.next()
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body) + (10 if answer.cut else 0)))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
            except OSError:
                pass  # the client has had enough
            self.close_connection = answer.cut

        def log_message(self, format: str, *args: Any) -> None:
            """Tests look at `requests`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()


def events(*parts: dict[str, Any] | str) -> bytes:
    """A stream of these."""
    texts = [part if isinstance(part, str) else json.dumps(part) for part in parts]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def delta(finish: str | None = None, **values: Any) -> dict[str, Any]:
    """One chunk."""
    return {"choices": [{"index": 0, "delta": values, "finish_reason": finish}]}


def refusal(status: int, message: str, **headers: str) -> Canned:
    """An error as most endpoints send it."""
    body = json.dumps({"error": {"message": message, "type": "some_error", "code": None}}).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Canned(body, status, (("content-type", "application/json"), *named))
