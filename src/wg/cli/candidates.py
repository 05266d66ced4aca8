"""What could stand where the cursor is, for the shell functions that `wg completion` prints.

By argcomplete: it reads our parsers at the moment of the TAB. shtab, the other choice, prints all parsers as shell
code, which an upgrade leaves behind, and still has to call wg for ids, through code of our own for each shell.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable

from argcomplete.completers import DirectoriesCompleter, SuppressCompleter
from argcomplete.finders import CompletionFinder

from wg.cli.argparser import FullParser, full_parser
from wg.cli.arguments import command
from wg.cli.main import ALIASES, COMMANDS, load
from wg.graph.task import CONTEXTS, EXECUTORS, PRIORITIES
from wg.locations import find_project

Find = Callable[..., Iterable[str]]  # argcomplete gives prefix=, how the word begins, and parsed_args=, what is before
_MOST = 200  # ids: more than anybody reads


def answer() -> None:
    """Hand the candidates to the shell, and end the process. Whatever fails, nothing is said: somebody is typing."""
    try:
        CompletionFinder()(_parser(), always_complete_options=False, default_completer=SuppressCompleter())
    except Exception:
        os._exit(1)


def _parser() -> FullParser:
    """`wg` with all its commands, of which only those that are named are loaded."""
    declared = command("", "")
    declared.add_argument("-V", "--version", action="store_true")
    made = full_parser(declared)
    _equip(made)
    group = made.add_subparsers(prog="wg")
    named = os.environ["COMP_LINE"].split()
    for name, module in {**{name: name for name in COMMANDS}, **ALIASES}.items():
        group.add_parser(name, help=COMMANDS[module], add_help=False)
        if name in named:
            parser = full_parser(load(module).parser())
            for action in parser._actions:
                if action.dest in ("dir", "profile", "json"):
                    action.default = argparse.SUPPRESS  # what stands before the command counts, too
            _equip(parser)
            group._name_parser_map[name] = parser
    return made


def _equip(parser: argparse.ArgumentParser) -> None:
    """Give each argument what finds its candidates, by what help calls its value."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _equip(each)
        elif action.metavar in _FINDERS:
            action.completer = _FINDERS[action.metavar]  # type: ignore[attr-defined]  # as argcomplete has it
        elif action.metavar == "DIR":
            action.completer = DirectoriesCompleter()  # type: ignore[attr-defined]


def _tasks(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    from wg.graph.store import Store

    project = find_project(parsed_args.dir)
    if project is None:
        return ()
    with Store.open(project.database) as store:
        return store.ids(prefix, _MOST)


def _several_tasks(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    before, comma, last = prefix.rpartition(",")
    return [before + comma + task_id for task_id in _tasks(last, parsed_args)]


def _profiles(parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    from wg.config.starters import STARTERS
    from wg.profiles.selection import known_names

    return [*known_names(find_project(parsed_args.dir)), *STARTERS]


def _keys(**_: object) -> Iterable[str]:
    from wg.config.schema import KEYS

    return KEYS


def _values(parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    """Of the config key that stands before."""
    from wg.config.schema import KEYS, TIERS

    key = KEYS.get(parsed_args.key)
    by_kind = {"boolean": ("true", "false"), "tier": TIERS, "model": _models()}
    return (key.choices or by_kind.get(key.kind, ())) if key else ()


def _models(**_: object) -> Iterable[str]:
    from wg.config.schema import PROVIDERS

    return [f"{provider}:" for provider in PROVIDERS]


def _tiers(**_: object) -> Iterable[str]:
    from wg.config.schema import TIERS

    return TIERS


def _roles(**_: object) -> Iterable[str]:
    from wg.config.schema import ROLES

    return ROLES


def _routes(**_: object) -> Iterable[str]:
    from wg.profiles.routes import ROUTES

    return ROUTES


def _endpoints(parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    """Of the file in force. The home is not brought up to date first: a TAB changes nothing."""
    from wg.config.load import load
    from wg.profiles.selection import select

    config = load(select(find_project(parsed_args.dir), parsed_args.profile or "").path)
    return [str(block["name"]) for block in config.endpoints() if "name" in block]


def _providers(**_: object) -> Iterable[str]:
    from wg.config.schema import ENDPOINT_KEYS

    return ENDPOINT_KEYS["provider"].choices


# what help calls a value -> what finds candidates for it
_FINDERS: dict[object, Find] = {
    **dict.fromkeys(("ID", "DEP", "TASK"), _tasks),
    "ID[,ID]": _several_tasks,
    **dict.fromkeys(("NAME", "OLD", "A", "B"), _profiles),
    "KEY": _keys,
    "VALUE": _values,
    **dict.fromkeys(("MODEL", "PROVIDER:MODEL"), _models),
    "TIER": _tiers,
    "ROLE": _roles,
    "ENDPOINT": _endpoints,
    "PROVIDER": _providers,
    "ROUTE": _routes,
    "PRIORITY": lambda **_: PRIORITIES,
    "AGENT": lambda **_: EXECUTORS,
    "CONTEXT": lambda **_: CONTEXTS,
}
