"""The three ways in which nex is run: an attempt at a task, one prompt, a conversation at a terminal."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from wg.config.addresses import check_url
from wg.config.endpoints import find
from wg.config.load import Config
from wg.config.resolver import TaskRequest, endpoint_of, resolve
from wg.config.route import Endpoint
from wg.errors import ConfigError, NotFoundError, UsageError, WgError
from wg.executors import failures
from wg.nex import journal as journals
from wg.nex.client import ProxyError
from wg.nex.endpoint import key_of
from wg.nex.events import FinalEvents, JsonEvents, TextEvents
from wg.nex.form import Schema, read_schema
from wg.nex.limits import Spent
from wg.nex.loop import End
from wg.nex.session import Events, Session
from wg.nex.settings import Settings, of_config, of_options
from wg.nex.tools.base import BARE, FULL, LIGHT
from wg.nex.tools.standard import ToolSettings, standard_toolbox
from wg.nex.wire import Target
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_ROLE = "task_agent"
_PROMPT = "nex> "


class _InterruptedError(BaseException):
    """A signal asked it to end. No tool may take it for a failure of its own, which it would answer with words."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def attempt(arguments: argparse.Namespace) -> int:
    """An attempt at a task, as `executors.nex` plans it: prompt on stdin, JSON lines on stdout, exit code 0 or 1."""
    if not (arguments.url and arguments.model and arguments.journal):
        raise UsageError("--agent needs --model, --url and --journal", "the dispatcher gives them: wg explain TASK")
    events = JsonEvents()
    settings = of_options(arguments)
    endpoint = Endpoint("", arguments.url, arguments.api_key_env, arguments.api_key_file)
    prompt = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        target = Target(endpoint.url, arguments.model, key_of(endpoint), settings.silence)
        session = _session(target, settings, events, arguments.journal, arguments.resume, endpoint, in_task=True)
    except ConfigError as error:
        failure = failures.NETWORK if isinstance(error, ProxyError) else failures.AUTH
        events.ended(End(False, f"{error.message} ({error.hint})", failure), Spent())
        return 1
    try:
        _listen(signal.SIGTERM, signal.SIGINT)
        end = session.run(prompt)
    except _InterruptedError as error:
        end = End(False, f"ended by {error}", failures.KILLED)
        session.ended(end)
    return 0 if end.ok else 1


def one_shot(arguments: argparse.Namespace, config: Config) -> int:
    """One prompt in the current directory; the answer alone on stdout, or all that happens as JSON lines.

    At a terminal it comes as it is written, with what is said on the way there.
    """
    schema = read_schema(arguments.output_schema) if arguments.output_schema else None
    events = _events(arguments, is_streamed=schema is None and sys.stdout.isatty())
    with _ended_by_signals() as ended, _journal(arguments) as journal:
        session = _of_config(arguments, config, events, journal, schema)
        try:
            return 0 if session.run(arguments.prompt).ok else 1
        finally:
            session.close()
    return ended.exit_code


def _events(arguments: argparse.Namespace, *, is_streamed: bool) -> Events:
    if arguments.json:
        return JsonEvents()
    return TextEvents() if is_streamed else FinalEvents()


def interactive(arguments: argparse.Namespace, config: Config) -> int:
    """One prompt after the other, until the end of the input."""
    with _ended_by_signals() as ended, _journal(arguments) as journal:
        session = _of_config(arguments, config, TextEvents(), journal)
        try:
            while (prompt := _ask()) is not None:
                _answer(session, prompt)
            return 0
        finally:
            session.close()
    return ended.exit_code


def _answer(session: Session, prompt: str) -> None:
    try:
        if prompt.strip():
            session.run(prompt)
    except KeyboardInterrupt:
        session.mend()
        print("\n[interrupted]", file=sys.stderr)


class _Ended:
    exit_code = 0


@contextmanager
def _ended_by_signals() -> Iterator[_Ended]:
    """SIGTERM and SIGHUP end what is inside as Ctrl-C does: with what it has started, and with its files removed."""
    ended = _Ended()
    _listen(signal.SIGTERM, signal.SIGHUP)
    try:
        yield ended
    except _InterruptedError as error:
        ended.exit_code = error.exit_code


@contextmanager
def _journal(arguments: argparse.Namespace) -> Iterator[str]:
    """The file that was asked for, else one that is gone afterwards, with what was spilled beside it."""
    if arguments.journal:
        yield arguments.journal
        return
    with tempfile.TemporaryDirectory(prefix="wg-nex-") as directory:
        yield os.path.join(directory, "journal.jsonl")


def _ask() -> str | None:
    """A line of the user's, None at the end."""
    try:
        if sys.stdin.isatty():
            import readline  # editing and history, where people type

            assert readline
            return input(_PROMPT)
        return input()
    except KeyboardInterrupt:  # the line is given up
        print(file=sys.stderr)
        return ""
    except EOFError:
        return None


def _of_config(
    arguments: argparse.Namespace, config: Config, events: Events, journal: str, schema: Schema | None = None
) -> Session:
    """A session as the config in force and the options say. A journal that cannot be gone on with is an error."""
    if arguments.resume:
        _require_conversation(arguments.resume)
    model, endpoint = _route(arguments, config)
    settings = of_options(arguments, of_config(config))
    if arguments.read_only and settings.mode == FULL:
        settings = settings._replace(mode=LIGHT)
    if schema is not None:
        settings = settings._replace(mode=BARE, schema=schema)
    target = Target(endpoint.url, model, key_of(endpoint), settings.silence)
    return _session(target, settings, events, journal, arguments.resume, endpoint, in_task=False)


def _require_conversation(path: str) -> None:
    if not os.path.exists(path):
        raise NotFoundError(f"there is no journal {path} to go on with")
    if journals.read(path) is None:
        raise WgError(f"{path} is no journal that can be read, or has no conversation in it yet")


def _route(arguments: argparse.Namespace, config: Config) -> tuple[str, Endpoint]:
    """The model's own name and its endpoint, by the one resolver; an endpoint that is given hides the config's."""
    asked = arguments.model or ""
    if asked and ":" not in asked:
        asked = f"nex:{asked}"
    route = resolve(config, _ROLE, TaskRequest(model=asked, executor="" if asked else "nex"))
    if route.executor != "nex":
        raise UsageError(f"{route.spec} runs on {route.executor}", "name a model of an endpoint: -m nex:NAME")
    endpoint = _endpoint(arguments, config) or route.endpoint
    if endpoint is None:
        raise ConfigError(
            f"{config.path} names no endpoint that serves {route.spec}",
            f"add one: wg endpoints add NAME URL --provider {route.provider}",
        )
    if arguments.api_key_env or arguments.api_key_file:
        endpoint = endpoint._replace(api_key_env=arguments.api_key_env, api_key_file=arguments.api_key_file)
    return route.model, endpoint


def _endpoint(arguments: argparse.Namespace, config: Config) -> Endpoint | None:
    """The one that is asked for; an address of no endpoint's has no key of the config's."""
    asked = arguments.url or arguments.endpoint
    if arguments.url or (asked and asked.startswith(("http://", "https://"))):
        return Endpoint("", check_url(asked), "", "")
    return endpoint_of(config.endpoints()[find(config, asked)]) if asked else None


def _session(
    target: Target,
    settings: Settings,
    events: Events,
    journal: str,
    resume: str | None,
    endpoint: Endpoint,
    *,
    in_task: bool,
) -> Session:
    hidden = tuple(dict.fromkeys(name for name in (endpoint.api_key_env, *settings.hidden) if name))
    secrets = (target.key, *(os.environ.get(name, "").strip() for name in hidden))
    tools = standard_toolbox(
        ToolSettings(
            root=os.getcwd(),
            spill=os.path.join(os.path.dirname(os.path.abspath(journal)), "outputs"),
            mode=settings.mode,
            deny=settings.deny,
            timeout=settings.tool_timeout,
            writable=settings.writable,
            hidden=hidden,
            keys=tuple(dict.fromkeys(key for key in secrets if key)),
            graph=in_task or (settings.mode == BARE and settings.schema is None),
        )
    )
    try:
        return Session(target, settings, tools, events, journal, resume or "")
    except OSError as error:
        raise WgError(f"the journal {journal} cannot be written: {error.strerror}") from None


def _listen(*numbers: signal.Signals) -> None:
    """From now on these raise _InterruptedError, but for those that are ignored (nohup)."""
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough: what is left is being ended
    raise _InterruptedError(number)
