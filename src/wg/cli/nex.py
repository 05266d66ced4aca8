"""`wg nex`: one prompt, a conversation at a terminal, or, as the supervisor runs it, a whole attempt."""

from __future__ import annotations

from wg.cli.arguments import Parser, command, number, refusal, seconds
from wg.cli.streams import standard_input
from wg.config.schema import KEYS, NEX_TOOLS
from wg.errors import UsageError
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_MODES = ("full", "light", "bare")


def parser() -> Parser:
    """The command line of `wg nex`."""
    made = command(
        "nex",
        "Talk to the agent in the box: a model at any OpenAI-compatible endpoint, with tools for files, commands and "
        "the work graph, in this directory. Without -p it asks for one prompt after the other; Ctrl-C interrupts an "
        "answer, Ctrl-D ends. Its commands run as you, without a sandbox.",
        run,
    )
    made.add_argument("-p", "--prompt", metavar="TEXT", help="do this, and end; with --json as lines of JSON")
    made.add_argument("-m", "--model", metavar="MODEL", help="the model, instead of the config's")
    made.add_argument("-e", "--endpoint", metavar="NAME|URL", help="the endpoint, instead of the config's")
    made.add_argument("--read-only", action="store_true", help="it may look at files and change nothing")
    made.add_argument("--exec-mode", metavar="MODE", choices=_MODES, help="full, light (only reads) or bare (no files)")
    made.add_argument(
        "--output-schema", metavar="FILE", help="with -p: answer at once, without tools, with JSON of this JSON Schema"
    )
    made.add_argument("--journal", metavar="FILE", help="keep the conversation in this file")
    made.add_argument("--resume", metavar="FILE", help="go on with the conversation of that journal")
    where = made.add_argument_group("where the model is served, instead of an endpoint of the config's")
    where.add_argument("--url", metavar="URL", default="", help="the base address, up to and including /v1")
    where.add_argument("--api-key-env", metavar="NAME", default="", help="the variable that holds the key")
    where.add_argument("--api-key-file", metavar="FILE", default="", help="the file that holds the key")
    limits = made.add_argument_group("instead of what the config says, in [executors.nex]")
    limits.add_argument("--max-turns", metavar="N", type=number, help="how many answers it may take; 0 for no limit")
    limits.add_argument("--max-tokens", metavar="N", type=number, help="tokens in all, in and out; 0 for no limit")
    limits.add_argument("--max-cost-cents", metavar="N", type=number, help="US cents in all; 0 for no limit")
    limits.add_argument("--window", metavar="TOKENS", type=_window, help="how long the conversation may get")
    limits.add_argument("--retries", metavar="N", type=number, help="how often a failing request is repeated")
    limits.add_argument("--silence", metavar="TIME", type=seconds, help="how long the endpoint may say nothing")
    limits.add_argument("--tool-timeout", metavar="TIME", type=seconds, help="how long a command may take")
    more = made.add_argument_group("in addition to what the config says; each may be given several times")
    more.add_argument(
        "--deny", metavar="TOOL", action="append", default=[], choices=NEX_TOOLS, help="a tool that it does not get"
    )
    more.add_argument(
        "--writable", metavar="DIR", action="append", default=[], help="a directory that its file tools may write in"
    )
    more.add_argument(
        "--hide",
        metavar="NAME",
        action="append",
        default=[],
        help="a variable with a key, which its commands do not get",
    )
    inner = made.add_argument_group("as the dispatcher runs it (wg explain shows the whole command line)")
    inner.add_argument("--agent", action="store_true", help="an attempt at a task: the prompt comes on stdin")
    return made


def _window(text: str) -> int:
    """As the config has it: in less there is no room for anything."""
    least = KEYS["executors.nex.context_window"].minimum
    if (tokens := number(text)) < least:
        raise refusal(f"{text} tokens are too few: {least} at least")
    return tokens


def run(arguments: argparse.Namespace) -> int:
    """Choose what it is to be."""
    from wg.nex import running  # httpx is for this command alone

    _check(arguments)
    if arguments.agent or arguments.prompt is None:
        standard_input("the prompt")  # whether there is one
    if arguments.agent:
        return running.attempt(arguments)
    from wg.cli.inforce import file_in_force
    from wg.config.load import require_valid

    config = require_valid(file_in_force(arguments)[2])
    if arguments.prompt is not None:
        return running.one_shot(arguments, config)
    return running.interactive(arguments, config)


def _check(arguments: argparse.Namespace) -> None:
    """Raises UsageError for options that do not go together: none is passed over in silence."""
    if arguments.api_key_env and arguments.api_key_file:
        raise UsageError("--api-key-env and --api-key-file are both given", "the key is in one of them")
    if arguments.agent:
        for name in ("prompt", "endpoint", "read_only", "output_schema"):
            if getattr(arguments, name) not in (None, False):
                raise UsageError(
                    f"--agent does not take --{name.replace('_', '-')}", "wg explain TASK shows what it takes"
                )
    elif arguments.url and arguments.endpoint:
        raise UsageError("-e and --url are both given", "the model is served at one of them")
    elif arguments.prompt is None and arguments.output_schema:
        raise UsageError("--output-schema is for one answer", "say what is asked: -p TEXT")
    elif arguments.prompt is None and arguments.json:
        raise UsageError("--json is for one answer", "say what is asked: -p TEXT")
