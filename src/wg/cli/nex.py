"""`wg nex`: one prompt, a conversation at a terminal, or, as the supervisor runs it, a whole attempt."""

from __future__ import annotations

from wg.cli.arguments import Parser, command, number, seconds
from wg.cli.streams import standard_input
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
    made.add_argument("--max-turns", metavar="N", type=number, help="how many answers it may take")
    inner = made.add_argument_group("as the dispatcher runs it (wg explain shows the whole command line)")
    inner.add_argument("--agent", action="store_true", help="an attempt at a task: the prompt comes on stdin")
    inner.add_argument("--url", metavar="URL", default="", help="where the model is served")
    inner.add_argument("--api-key-env", metavar="NAME", default="", help="the variable that holds the key")
    inner.add_argument("--api-key-file", metavar="FILE", default="", help="the file that holds the key")
    inner.add_argument("--max-tokens", metavar="N", type=number, default=0)
    inner.add_argument("--max-cost-cents", metavar="N", type=number, default=0)
    inner.add_argument("--window", metavar="TOKENS", type=number, default=32768)
    inner.add_argument("--retries", metavar="N", type=number, default=3)
    inner.add_argument("--silence", metavar="TIME", type=seconds, default=600.0)
    inner.add_argument("--tool-timeout", metavar="TIME", type=seconds, default=120.0)
    inner.add_argument("--deny", metavar="TOOL", action="append", default=[])
    inner.add_argument("--writable", metavar="DIR", action="append", default=[])
    return made


def run(arguments: argparse.Namespace) -> int:
    """Choose what it is to be."""
    from wg.nex import running  # httpx is for this command alone

    if arguments.output_schema and arguments.prompt is None:
        raise UsageError("--output-schema is for one answer", "say what is asked: -p TEXT")
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
