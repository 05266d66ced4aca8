"""`wg config`: read and edit the config file in force (SPEC-profiles.md, section 8)."""

from __future__ import annotations

import os

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.inforce import file_in_force, print_json, project_here, say, what_hides
from wg.cli.profile import print_problems, problem_object, report_switch, switched_object
from wg.config.load import require_valid
from wg.config.schema import KEYS
from wg.errors import NotFoundError, UsageError
from wg.records import TYPE_CHECKING
from wg.text import closest, printable

if TYPE_CHECKING:
    import argparse

if TYPE_CHECKING:  # editing loads tomlkit: only the commands that edit do
    from wg.config.load import Config
    from wg.profiles.editing import Edit

_DESCRIPTION = """Read and edit the one config file that is in force here. Comments and layout survive every edit, and a
result that would be invalid is not written. With -m or -e and no command, set the model or the endpoint."""


def parser() -> Parser:
    """The command line of `wg config`."""
    made = command("config", _DESCRIPTION, _quick)
    made.add_argument("-m", "--model", metavar="MODEL", help="what works on tasks, as provider:model")
    made.add_argument(
        "-e", "--endpoint", metavar="URL", help="the address of the default endpoint of the task model's provider"
    )
    made.add_argument("--all-roles", action="store_true", help="with -m: also the roles that name another provider")
    group = subcommands(made, required=False)
    init = subcommand(group, "init", "write a complete config for a route, and put it in force", _init)
    init.add_argument("--route", metavar="ROUTE", help="claude-cli, codex-cli, nex, nex-custom or openrouter")
    init.add_argument("-x", dest="old_route", choices=("codex", "claude"), help="old spelling of --route")
    init.add_argument("-m", "--model", dest="route_model", metavar="MODEL", help="for nex-custom and openrouter")
    init.add_argument("-e", "--endpoint", dest="route_endpoint", metavar="URL", help="for nex-custom")
    init.add_argument("--force", action="store_true", help="write it anew; the old one is kept under another name")
    scope = init.add_mutually_exclusive_group()
    scope.add_argument("--global", dest="globally", action="store_true", help="in the home (what happens anyway)")
    scope.add_argument("--project", action="store_true", help="as this project's own, and pin the project to it")
    setter = subcommand(group, "set", "set a key", _set)
    setter.add_argument("key", metavar="KEY")
    setter.add_argument("value", metavar="VALUE")
    setter.add_argument("--all-profiles", action="store_true", help="in every snapshot")
    get = subcommand(group, "get", "print a key's value", _get)
    get.add_argument("key", metavar="KEY")
    unset = subcommand(group, "unset", "remove a key", _unset)
    unset.add_argument("key", metavar="KEY")
    subcommand(group, "show", "print the file in force", _show)
    subcommand(group, "which", "which file is in force, why, and what it hides", _which)
    subcommand(group, "lint", "everything that is wrong or worth knowing about the file in force", _lint)
    subcommand(group, "path", "print the path of the file in force", _path)
    return made


def _quick(arguments: argparse.Namespace) -> int:
    """`wg config -m MODEL` and `-e URL`."""
    from wg.config.addresses import check_url
    from wg.profiles import authoring, editing

    if not arguments.model and not arguments.endpoint:
        raise UsageError("wg config needs a command, -m or -e", "wg config --help")
    project = project_here(arguments)
    model = authoring.check_model(arguments.model) if arguments.model else ""
    url = check_url(arguments.endpoint) if arguments.endpoint else ""
    edited = editing.set_route(project, arguments.profile or "", model, url, arguments.all_roles)
    config = edited.config
    result = {"config": config.path, "model": model or None, "endpoint": url or None, "elsewhere": edited.elsewhere}
    if arguments.json:
        print_json(result)
    else:
        print(f"Wrote {config.path}" + (f": {model} works on tasks" if model else f": endpoint {url}"))
        if edited.elsewhere:
            say("note", f"on another provider still: {', '.join(edited.elsewhere)}; --all-roles moves them as well")
        for name in _with_key(config, url):
            say("note", f"the key that the endpoint {name} names goes to {url} from now on")
        for problem in config.warnings:
            say("warning", problem.at(config.path))
    return 0


def _with_key(config: Config, url: str) -> list[str]:
    """The endpoints at that address that have a key."""
    blocks = [block for block in config.endpoints() if block.get("url") == url]
    return [block["name"] for block in blocks if block.get("api_key_env") or block.get("api_key_file")]


def _init(arguments: argparse.Namespace) -> int:
    from wg.profiles import routes

    project = project_here(arguments)
    old = {"codex": "codex-cli", "claude": "claude-cli"}.get(arguments.old_route or "")
    route = routes.find(arguments.route or old or "", arguments.route_model, arguments.route_endpoint)
    switched = routes.init(project, route, arguments.project, arguments.force)
    hidden = what_hides(project, arguments, os.path.dirname(switched.config))
    if arguments.json:
        print_json(switched_object(switched, hidden))
        return 0
    print(f"Active profile: {switched.name} (was: {switched.was})")
    print(f"{switched.config} -> {switched.target}")
    report_switch(switched, hidden)
    return 0


def _set(arguments: argparse.Namespace) -> int:
    from wg.profiles import authoring, editing

    value = authoring.parse_value(arguments.key, arguments.value)
    return _change(arguments, editing.Edit(arguments.key, value, arguments.all_profiles))


def _unset(arguments: argparse.Namespace) -> int:
    from wg.profiles import editing

    _require_key(arguments.key)
    return _change(arguments, editing.Edit(arguments.key, None, False))


def _change(arguments: argparse.Namespace, edit: Edit) -> int:
    from wg.profiles import editing

    project = project_here(arguments)
    configs = editing.apply(project, arguments.profile or "", edit)
    warnings = [text for config in configs for text in _warnings_on(config, edit.key)]
    if arguments.json:
        files = [config.path for config in configs]
        print_json({"key": edit.key, "value": edit.value, "files": files, "warnings": warnings})
        return 0
    for config in configs:
        print(f"Wrote {config.path}")
    for text in warnings:
        say("warning", text)
    return 0


def _warnings_on(config: Config, key: str) -> list[str]:
    """What is to be said of the line that `key` stands on."""
    line = config.line(key)
    return [problem.at(config.path) for problem in config.problems if line and problem.line == line]


def _get(arguments: argparse.Namespace) -> int:
    from wg.config.check import format_value

    _require_key(arguments.key)
    _, _, config = file_in_force(arguments)
    require_valid(config)  # of a file that is not, the default would be no answer
    value = config.raw(arguments.key)
    line = config.line(arguments.key)
    if value is None:
        value = KEYS[arguments.key].default
    if arguments.json:
        print_json({"key": arguments.key, "value": value, "line": line or None, "config": config.path})
        return 0
    if value is None:
        raise NotFoundError(f"{config.path} does not have the key {arguments.key}")
    print(printable(value) if isinstance(value, str) else format_value(value))
    if not line:
        say("note", f"the documented default; {config.path} does not have it")
    return 0


def _require_key(key: str) -> None:
    if key not in KEYS:
        near = closest(key, list(KEYS))
        raise NotFoundError(
            f"there is no key {key!r}",
            f"did you mean {near}?" if near else "wg config show prints the file, with all its keys",
        )


def _show(arguments: argparse.Namespace) -> int:
    _, _, config = file_in_force(arguments)
    if arguments.json:
        print_json({"config": config.path, "digest": config.digest, "values": config.values})
    else:
        print(printable(config.text, multiline=True), end="")
    if config.errors:
        print_problems(config)
    return 5 if config.errors else 0


def _which(arguments: argparse.Namespace) -> int:
    _, selected, config = file_in_force(arguments)
    if arguments.json:
        print_json(
            {
                "config": config.path,
                "entry": selected.entry.path,
                "target": selected.entry.target or None,
                "active": selected.name,
                "why": selected.reason,
                "hides": selected.hides,
            }
        )
        return 0
    print(config.path)
    print(f"because {selected.reason}: {selected.entry.describe()}")
    for hidden in selected.hides:
        print(f"hides {hidden}")
    return 0


def _lint(arguments: argparse.Namespace) -> int:
    _, _, config = file_in_force(arguments)
    if arguments.json:
        print_json([problem_object(problem, config) for problem in config.problems])
    else:
        for problem in config.problems:
            print(f"{problem.severity}: {printable(problem.at(config.path))}")
        if not config.problems:
            print(f"{config.path}: nothing to say")
    return 5 if config.errors else 0


def _path(arguments: argparse.Namespace) -> int:
    _, _, config = file_in_force(arguments)
    if arguments.json:
        print_json({"config": config.path})
    else:
        print(config.path)
    return 0
