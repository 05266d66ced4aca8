"""A loopback stand-in for the model: the real codex and claude CLIs run against it without an account.

It speaks OpenAI Responses (codex) and Anthropic Messages (claude), and derives each answer from the request alone,
so that any number of agents can share one. Its script is in the prompt, one line each:

    STANDIN: run COMMAND          call the shell tool with COMMAND; several lines are several turns, in order
    STANDIN: wait FILE            hold every answer until FILE exists (at most 60 s)
    STANDIN: status CODE [TYPE]   answer with this HTTP error
    STANDIN: cut                  break the connection in the middle of the answer

Without a `run` line it makes one file, so that there is work to commit. After the last command it ends the turn.
Run as a program it prints its port first, and only needs the standard library.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

DEFAULT_COMMAND = 'echo "made by the stand-in" > "standin-$WG_TASK_ID.txt"'
FINAL_TEXT = "The stand-in has done what the task asked for."
DIRECTIVE = "STANDIN:"
LONGEST_WAIT = 60.0  # seconds
RESETS_AT = 4102444800  # when a rate limit ends: 2100-01-01, in seconds since 1970
EXCERPT = 2000  # characters of the prompt that are recorded
KEY_HEADERS = {"authorization", "x-api-key"}
# What one request costs; fixed, so that tests can add it up.
INPUT_TOKENS, CACHED_TOKENS, OUTPUT_TOKENS = 100, 20, 10
ERROR_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 500: "api_error"}


class Script(NamedTuple):
    """What a prompt asks the stand-in to do."""

    commands: tuple[str, ...] = (DEFAULT_COMMAND,)
    wait: str = ""
    status: int = 0
    error_type: str = ""
    cut: bool = False


class Conversation(NamedTuple):
    """What one request holds: its prompt, and how many tool results came after it."""

    prompt: str
    results: int


Event = dict[str, Any]


def read_script(prompt: str) -> Script:
    """The script in a prompt. Unknown directives raise ValueError."""
    script = Script()
    commands: list[str] = []
    for line in prompt.splitlines():
        if not line.strip().startswith(DIRECTIVE):
            continue
        verb, _, argument = line.strip().removeprefix(DIRECTIVE).strip().partition(" ")
        if verb == "run":
            commands.append(argument)
        elif verb == "wait":
            script = script._replace(wait=argument)
        elif verb == "status":
            code, _, error_type = argument.partition(" ")
            script = script._replace(status=int(code), error_type=error_type or ERROR_TYPES.get(int(code), "api_error"))
        elif verb == "cut":
            script = script._replace(cut=True)
        else:
            raise ValueError(f"unknown directive: {line.strip()}")
    return script._replace(commands=tuple(commands)) if commands else script


def _text(content: Any) -> str:
    """The text of one message, without the reminders that claude puts before its prompt."""
    if isinstance(content, str):
        return content
    texts = [part["text"] for part in content if "text" in part]
    return "\n".join(text for text in texts if not text.startswith("<system-reminder>"))


def read_responses(body: Event) -> Conversation:
    """The conversation in an OpenAI Responses request: the last user message, and the outputs after it."""
    prompt, results = "", 0
    for item in body["input"]:
        if item.get("role") == "user":
            prompt, results = _text(item["content"]), 0
        elif item["type"] in ("function_call_output", "custom_tool_call_output"):
            results += 1
    return Conversation(prompt, results)


def read_messages(body: Event) -> Conversation:
    """The same in an Anthropic Messages request, where tool results are user messages too."""
    prompt, results = "", 0
    for message in body["messages"]:
        if message["role"] != "user":
            continue
        content = message["content"]
        returned = 0 if isinstance(content, str) else sum(part["type"] == "tool_result" for part in content)
        if returned:
            results += returned
        else:
            prompt, results = _text(content), 0
    return Conversation(prompt, results)


def responses_events(body: Event, command: str | None, turn: int) -> list[Event]:
    """The server-sent events of one codex answer: a call of its shell, or the final text."""
    coded = any(item.get("type") == "additional_tools" for item in body["input"])
    item: Event
    if command is None:
        text = [{"type": "output_text", "text": FINAL_TEXT, "annotations": []}]
        item = {"type": "message", "role": "assistant", "id": f"msg_{turn}", "content": text}
    elif coded:
        script = f"const r = await tools.exec_command({json.dumps({'cmd': command})}); text(r.output)"
        item = {"type": "custom_tool_call", "name": "exec", "namespace": "functions", "input": script}
        item |= {"id": f"ctc_{turn}", "call_id": f"call_{turn}"}
    else:
        item = {"type": "function_call", "name": "exec_command", "arguments": json.dumps({"cmd": command})}
        item |= {"id": f"fc_{turn}", "call_id": f"call_{turn}"}
    item["status"] = "completed"
    usage = {
        "input_tokens": INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": CACHED_TOKENS},
        "output_tokens": OUTPUT_TOKENS,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    response = {"id": f"resp_{turn}", "object": "response", "model": body["model"], "output": []}
    return [
        {"type": "response.created", "response": response | {"status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": item | {"status": "in_progress"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {
            "type": "response.completed",
            "response": response | {"status": "completed", "output": [item], "usage": usage},
        },
    ]


def messages_events(body: Event, command: str | None, turn: int) -> list[Event]:
    """The server-sent events of one claude answer: a call of its Bash tool, or the final text."""
    start: Event
    if command is None:
        start = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": FINAL_TEXT}
    else:
        start = {"type": "tool_use", "id": f"toolu_{turn}", "name": "Bash", "input": {}}
        arguments = {"command": command, "description": "A command of the stand-in"}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    usage = {
        "input_tokens": INPUT_TOKENS - CACHED_TOKENS,
        "cache_read_input_tokens": CACHED_TOKENS,
        "cache_creation_input_tokens": 0,
        "output_tokens": 1,
    }
    message = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": body["model"]}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    stop = {"stop_reason": "end_turn" if command is None else "tool_use", "stop_sequence": None}
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": stop, "usage": usage | {"output_tokens": OUTPUT_TOKENS}},
        {"type": "message_stop"},
    ]


class Interface(NamedTuple):
    """One of the two interfaces of a model: how a request is read, and how an answer is said."""

    name: str
    read: Callable[[Event], Conversation]
    events: Callable[[Event, str | None, int], list[Event]]


INTERFACES = {
    "/v1/responses": Interface("responses", read_responses, responses_events),
    "/v1/messages": Interface("messages", read_messages, messages_events),
}


class Server(ThreadingHTTPServer):
    """The HTTP server, and the file where it records each request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, record: Path | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._record = record.open("a", encoding="utf-8") if record else None
        self._lock = threading.Lock()

    def record(self, entry: Event) -> None:
        """Append one request to the record, if there is one."""
        if self._record:
            with self._lock:
                self._record.write(json.dumps(entry) + "\n")
                self._record.flush()


class Handler(BaseHTTPRequestHandler):
    """One request of a CLI."""

    server: Server

    def do_HEAD(self) -> None:
        """claude looks whether the server is there."""
        self._record("messages")
        self._answer(200, "text/plain", b"")

    def do_POST(self) -> None:
        """One turn of a conversation."""
        raw = self.rfile.read(int(self.headers["content-length"]))
        interface = INTERFACES.get(self.path.partition("?")[0])
        if interface is None:
            self._record("unknown")
            self._error(404, "not_found_error")
            return
        body = json.loads(raw)
        prompt, turn = interface.read(body)
        self._record(interface.name, model=body["model"], prompt=prompt[:EXCERPT], turn=turn)
        try:
            script = read_script(prompt)
        except ValueError as error:
            self._error(400, "invalid_request_error", str(error))
            return
        if script.wait:
            _await_file(script.wait)
        if script.status:
            self._error(script.status, script.error_type)
            return
        command = script.commands[turn] if turn < len(script.commands) else None
        events = interface.events(body, command, turn)
        stream = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()
        self._answer(200, "text/event-stream", stream, cut=script.cut)

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
                "api_key": bool(KEY_HEADERS.intersection(names)),
                "user_agent": self.headers.get("user-agent", ""),
            }
        )

    def _error(self, status: int, error_type: str, message: str = "") -> None:
        error: Event = {"type": error_type, "code": error_type, "message": message or "refused by the stand-in"}
        if status == 429:
            error["resets_at"] = RESETS_AT
        body = json.dumps({"type": "error", "error": error}).encode()
        self._answer(status, "application/json", body)

    def _answer(self, status: int, content_type: str, body: bytes, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        if status == 429:
            self.send_header("anthropic-ratelimit-unified-status", "rejected")
            self.send_header("anthropic-ratelimit-unified-reset", str(RESETS_AT))
            self.send_header("anthropic-ratelimit-unified-representative-claim", "five_hour")
        self.end_headers()
        try:
            self.wfile.write(body[: len(body) // 2] if cut else body)
        except OSError:
            self.close_connection = True  # the agent was ended while its answer was held

    def log_message(self, format: str, *args: Any) -> None:
        """Requests go to the record, not to stderr."""


def _await_file(path: str) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(0.02)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description="A loopback stand-in for the model, for codex and claude.")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose (default)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="append each request, one JSON object a line")
    options = parser.parse_args(argv)
    with Server(options.port, options.record) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
