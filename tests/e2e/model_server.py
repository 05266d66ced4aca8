"""The other end of an endpoint, in the test's own process: it answers as it is told, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: Any  # None where there is none


class Http(BaseHTTPRequestHandler):
    """What an answer writes by."""

    asked: Asked

    def send(self, status: int, body: bytes | str, kind: str = "application/json", **headers: str) -> None:
        """A whole response."""
        data = body.encode() if isinstance(body, str) else body
        self.begin(status, kind, **headers, content_length=str(len(data)))
        self.wfile.write(data)

    def begin(self, status: int, kind: str, **headers: str) -> None:
        """The head of a response whose end is the end of the connection."""
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def stream(self, *events: dict[str, Any] | str) -> None:
        """Server-sent events, with what ends them."""
        self.begin(200, "text/event-stream")
        for event in [*events, "[DONE]"]:
            self.event(event)

    def event(self, event: dict[str, Any] | str) -> None:
        data = event if isinstance(event, str) else json.dumps(event)
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


Answer = Callable[[Http], None]


def piece(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def call(name: str, arguments: str) -> dict[str, Any]:
    made = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [made]}}]}


END: dict[str, Any] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE: dict[str, Any] = {"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 5}}


def listing(*names: str) -> Answer:
    return lambda http: http.send(200, json.dumps({"object": "list", "data": [{"id": name} for name in names]}))


def says(*texts: str) -> Answer:
    return lambda http: http.stream(*map(piece, texts), END, USAGE)


def calls(name: str = "report_number", arguments: str = '{"number": 7}') -> Answer:
    return lambda http: http.stream(call(name, arguments), END, USAGE)


def refuses(status: int, message: str, **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message, "type": "error"}})
    return lambda http: http.send(status, body, **headers)


class ModelServer:
    """Serves on loopback while it is a context. Its three answers can be replaced; by default it is as it should be."""

    def __init__(self) -> None:
        self.models: Answer = listing("m", "other")
        self.chat: Answer = says("one", " two", " three")
        self.tool: Answer = calls()  # to a request that offers tools
        self.asked: list[Asked] = []
        outer = self

        class Handler(Http):
            def do_GET(self) -> None:
                self.answer(None)

            def do_POST(self) -> None:
                self.answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def answer(self, body: Any) -> None:
                self.asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                outer.asked.append(self.asked)
                try:
                    outer._answer(self.asked)(self)
                except OSError:  # the other side has gone
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/models" and asked.body is None:
            return self.models
        if asked.path == "/v1/chat/completions" and asked.body is not None:
            return self.tool if asked.body.get("tools") else self.chat
        return refuses(404, f"there is no {asked.path}")
