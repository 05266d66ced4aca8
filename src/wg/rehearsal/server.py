"""The HTTP server of the rehearsal: on loopback, by the standard library alone, without any state.

Each answer follows from its request, so any number of agents can share one server.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from wg.config.starters import STARTERS
from wg.errors import BusyError
from wg.patience import Patience
from wg.rehearsal.answers import Chosen, Entry, choose
from wg.rehearsal.chat import CHAT
from wg.rehearsal.conversation import Answer, Body, Interface, Request, ToolCall
from wg.rehearsal.messages import MESSAGES
from wg.rehearsal.refusal import Refusal, due, refusal
from wg.rehearsal.responses import RESPONSES
from wg.rehearsal.script import Call, ScriptError

HOST = "127.0.0.1"
_INTERFACES = {"/v1/chat/completions": CHAT, "/v1/responses": RESPONSES, "/v1/messages": MESSAGES}
_LONGEST_WAIT = 300.0  # seconds
_SLOW_PARTS = 20  # that a slow answer comes in
_EXCERPT = 2000  # characters of the prompt that are recorded
_KEY_HEADERS = {"authorization", "x-api-key"}
_MODELS = ("rehearsal", STARTERS["nex"].worker.partition(":")[2])  # the names that it lists; it answers to all


class Server(ThreadingHTTPServer):
    """The server, with its script and the file where it records each request (private to the user).

    `port` 0 lets the system choose. BusyError if somebody else has it.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, entries: tuple[Entry, ...] = (), record: str = "") -> None:
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise BusyError(f"cannot listen on {HOST}:{port}: {error.strerror}", "--port 0 takes a free one") from None
        self.entries = entries
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if record else -1
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client may be gone at any moment: agents are killed."""
        error = sys.exception()
        if not isinstance(error, OSError):
            print(f"wg rehearse: internal error: {error!r}", file=sys.stderr, flush=True)

    def record(self, entry: Body) -> None:
        """Append one request to the record, if there is one."""
        if self._record >= 0:
            with self._lock:
                os.write(self._record, f"{json.dumps(entry)}\n".encode())


class Handler(BaseHTTPRequestHandler):
    """The requests of a client on one connection."""

    server: Server
    protocol_version = "HTTP/1.1"  # clients keep their connection, as they do with real providers
    disable_nagle_algorithm = True  # else each answer on a kept connection waits 40 ms for the client's delayed ACK

    def do_HEAD(self) -> None:
        """claude looks whether the server is there."""
        self._record("messages")
        self._answer(200, "text/plain", b"")

    def do_GET(self) -> None:
        """The list of models."""
        if self.path.partition("?")[0] != "/v1/models":
            self._record("unknown")
            self._refuse(refusal(404))
            return
        self._record("models")
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "wg rehearse"} for name in _MODELS]
        self._answer_json(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        """One turn of a conversation."""
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        interface = _INTERFACES.get(self.path.partition("?")[0])
        if interface is None:
            self._record("unknown")
            self._refuse(refusal(404))
            return
        if "origin" in self.headers:  # a page in a browser; directives can make files
            self._record(interface.name)
            self._refuse(refusal(403, "not for web pages"))
            return
        try:
            body = json.loads(raw)
            request = interface.read(body)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self._record(interface.name)
            self._refuse(refusal(400, f"not a request of this interface: {type(error).__name__}: {error}"))
            return
        self._take(interface, body, request)

    def _take(self, interface: Interface, body: Body, request: Request) -> None:
        try:
            chosen = choose(self.server.entries, request)
        except ScriptError as error:
            self._record(interface.name, model=request.model)
            self._refuse(refusal(400, str(error)))
            return
        self._record(interface.name, model=request.model, prompt=chosen.prompt[:_EXCERPT], turn=chosen.done)
        trouble = chosen.script.trouble
        if trouble.wait:
            _await_file(trouble.wait)
        try:
            trouble = due(trouble)
        except OSError as error:
            self._refuse(refusal(400, f"{error.filename}: {error.strerror}"))
            return
        if trouble.status:
            self._refuse(refusal(trouble.status, trouble.saying, trouble.error_type, trouble.reset))
            return
        answer = answer_to(interface, request, chosen)
        if request.stream:
            kind, text = "text/event-stream", "".join(_event(*each) for each in interface.stream(body, answer))
        else:
            kind, text = "application/json", json.dumps(interface.whole(body, answer))
        self._answer(200, kind, text.encode(errors="replace"), cut=trouble.cut, slow=trouble.slow)

    def _record(self, protocol: str, model: str = "", prompt: str = "", turn: int = 0) -> None:
        names = sorted(name.lower() for name in self.headers)
        self.server.record(
            {
                "time": time.time(),
                "protocol": protocol,
                "method": self.command,
                "path": self.path,
                "model": model,
                "turn": turn,
                "prompt": prompt,
                "headers": names,
                "api_key": bool(_KEY_HEADERS.intersection(names)),
                "user_agent": self.headers.get("user-agent", ""),
            }
        )

    def _refuse(self, refused: Refusal) -> None:
        self._answer_json(refused.status, refused.body, refused.headers)

    def _answer_json(self, status: int, body: Body, headers: dict[str, str] | None = None) -> None:
        self._answer(status, "application/json", json.dumps(body).encode(), headers)

    def _answer(
        self,
        status: int,
        content_type: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        cut: bool = False,
        slow: float = 0.0,
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        body = body[: len(body) // 2] if cut else body
        size = max(1, -(-len(body) // _SLOW_PARTS) if slow else len(body))
        try:
            self.end_headers()
            for start in range(0, len(body), size):
                time.sleep(slow / _SLOW_PARTS)  # never behind the end: a client may use the connection again at once
                self.wfile.write(body[start : start + size])
            self.close_connection = self.close_connection or cut
        except OSError:
            self.close_connection = True  # the agent was ended while its answer was held

    def log_message(self, format: str, *args: Any) -> None:
        """Requests go to the record, not to stderr."""


def answer_to(interface: Interface, request: Request, chosen: Chosen) -> Answer:
    """What the script says now, in the client's words."""
    step = chosen.script.step(chosen.done)
    mark = f"{len(request.items)}_{chosen.done}"
    calls: list[ToolCall] = []
    for wanted in step.calls:
        made = interface.call(wanted, request)
        if made is None:
            return Answer(request.model, _unable(wanted), (), step.usage, mark)
        calls.append(made)
    return Answer(request.model, step.text, tuple(calls), step.usage, mark)


def _unable(wanted: Call) -> str:
    return f"The script says: {wanted.verb} {wanted.subject}; but no tool is offered that could do it."


def _event(name: str, said: Body | str) -> str:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)}\n\n"


def _await_file(path: str) -> None:
    patience = Patience(_LONGEST_WAIT)
    while not os.path.exists(path) and not patience.is_over():
        time.sleep(0.02)
