"""`wg attach`: follow what an agent prints."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable

from wg.cli.arguments import Parser, command, number
from wg.cli.reader import is_read
from wg.graph.attempt import Attempt
from wg.graph.events import agent
from wg.graph.store import Store
from wg.locations import Project, require_project
from wg.records import TYPE_CHECKING
from wg.text import printable
from wg.views.agents import ending_line

if TYPE_CHECKING:
    import argparse

    from wg.dispatch.attached import Attached, Said

_LOOK_SECONDS = 0.2


def parser() -> Parser:
    """The command line of `wg attach`."""
    made = command(
        "attach",
        "Follow what an agent prints, as readable text, until it ends. Ctrl-C ends the following, not the agent. "
        "Its standard error goes to ours.",
        run,
    )
    made.add_argument("agent", metavar="AGENT|TASK", help="agent-N, or a task: then its newest agent")
    made.add_argument(
        "-n", metavar="N", type=number, dest="last", help="begin with the last N lines (default: with the first line)"
    )
    made.add_argument("--raw", action="store_true", help="the lines exactly as the agent prints them")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print until the attempt ends, until interrupted, or until nobody reads it any more."""
    gc.enable()  # the entry point turns it off for commands that end at once
    from wg.dispatch.agents import attempt_named

    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        attempt = attempt_named(store, arguments.agent)
        try:
            ended = _follow(arguments, project, store, attempt)
        except KeyboardInterrupt:
            sys.stdout.flush()
            print(f"\nDetached; {agent(attempt.fence)} goes on", file=sys.stderr)
            return 0
    if ended is not None:
        _print_end(arguments, ended)
    return 0


def _follow(arguments: argparse.Namespace, project: Project, store: Store, attempt: Attempt) -> Attempt | None:
    """The attempt as it ended; None if the reader has gone."""
    from wg.dispatch.attached import Attached, has_output, is_over

    attached: Attached | None = None
    while True:
        attempt = store.attempt(attempt.fence)
        over = is_over(attempt)  # asked before the last look, so that nothing is missed
        if attached is None and has_output(attempt):
            attached = Attached(project, attempt, raw=arguments.raw)
            if arguments.last is not None:
                _print(arguments, attached.last(arguments.last))
        if attached is not None:
            _print(arguments, attached.new())
        if over:
            if attached is not None:
                _print(arguments, attached.rest())
            return store.attempt(attempt.fence)
        if not is_read(_LOOK_SECONDS):
            return None


def _print(arguments: argparse.Namespace, said: Iterable[Said]) -> None:
    for each in said:
        if arguments.json:
            import json  # only where it is asked for

            print(json.dumps(each._asdict()))
            continue
        stream = sys.stderr if each.stream == "stderr" else sys.stdout
        exact = arguments.raw and not stream.isatty()
        print(each.text if exact else printable(each.text, multiline=True), file=stream)
    sys.stdout.flush()


def _print_end(arguments: argparse.Namespace, attempt: Attempt) -> None:
    if arguments.json:
        import json

        from wg.cli.show import whole_attempt

        print(json.dumps({"ended": whole_attempt(attempt)}))
    else:
        sys.stderr.flush()
        print(ending_line(attempt))
