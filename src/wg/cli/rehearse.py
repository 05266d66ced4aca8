"""`wg rehearse`: a scripted model, for trying, teaching and testing."""

from __future__ import annotations

import gc
import sys

from wg.cli.arguments import Parser, command, number, refusal
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """Serve a scripted model on 127.0.0.1, and run COMMAND with claude and codex pointed at it: everything
works but the model, without an account and without a token spent. The script is in FILE and in the prompts. nex goes
where the config says: for the profile nex it is --port 8088. Without COMMAND it serves until Ctrl-C and prints how to
point each program at it. docs/rehearsal.md says more."""
_LAST_PORT = 65535


def parser() -> Parser:
    """The command line of `wg rehearse`."""
    made = command("rehearse", _DESCRIPTION, run)
    made.add_argument("--script", metavar="FILE", default="", help="what the model answers, in TOML")
    made.add_argument("--record", metavar="FILE", default="", help="append each request, one JSON object a line")
    made.add_argument(
        "--port", metavar="N", type=_port, default=0, help="where to listen (default: a free one; 8088 for nex)"
    )
    made.add_argument("command", metavar="COMMAND", nargs="...", help="what to run, with its arguments; -- may precede")
    return made


def run(arguments: argparse.Namespace) -> int:
    """The command's exit code; 0 where there is none."""
    gc.enable()  # the entry point turns it off for commands that end at once
    from wg.rehearsal import running

    argv = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if argv:
        return running.run(arguments.port, arguments.script, arguments.record, argv, _note)
    running.serve(
        arguments.port, arguments.script, arguments.record, _print_object if arguments.json else _print_pointers
    )
    return 0


def _port(text: str) -> int:
    port = number(text)
    if port > _LAST_PORT:
        raise refusal(f"a port is at most {_LAST_PORT}")
    return port


def _note(port: int) -> None:
    """On standard error: what the command prints is its own."""
    from wg.rehearsal.pointing import url

    print(f"wg rehearse: the model is a script, at {url(port)}", file=sys.stderr, flush=True)


def _print_object(port: int, env: dict[str, str]) -> None:
    import json  # only where it is asked for

    print(json.dumps({"port": port, "url": env["OPENAI_BASE_URL"], "env": env}), flush=True)


def _print_pointers(port: int, env: dict[str, str]) -> None:
    import shlex

    from wg.rehearsal.pointing import NEX_PORT, url

    print(f"The model is a script, at {url(port)}, until Ctrl-C. In the shell that claude or codex is started from:\n")
    for name, value in env.items():
        print(f"export {name}={shlex.quote(value)}")
    if port == NEX_PORT:
        print("\nnex goes where the config says; the profile nex, as it is installed, says this one")
    else:
        print(f"\nnex goes where the config says: give its endpoint the url {url(port)}")
    sys.stdout.flush()
