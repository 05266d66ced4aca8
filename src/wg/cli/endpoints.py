"""`wg endpoints`: where models are served, in the config file in force."""

from __future__ import annotations

import os
import re

from wg.cli.arguments import Parser, command, seconds, subcommand, subcommands
from wg.cli.inforce import file_in_force, print_json, project_here, say
from wg.config.load import Config, require_valid
from wg.config.schema import ENDPOINT_KEYS, ROLES, Value
from wg.errors import UsageError, WgError
from wg.records import TYPE_CHECKING
from wg.text import closest, printable

if TYPE_CHECKING:
    import argparse

    from wg.config.endpoints import Listed

_DESCRIPTION = """Where models for the agent in the box are served: the [[llm_endpoints.endpoints]] of the one config
file that is in force here. Comments and layout survive every edit. There is no option that takes a key: what stands on
a command line is seen by every process and kept in the shell's history, and config files are shown, copied and
committed. Name the variable or the private file that holds the key instead; docs/endpoints.md says how."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def parser() -> Parser:
    """The command line of `wg endpoints`."""
    made = command("endpoints", _DESCRIPTION)
    group = subcommands(made)
    subcommand(group, "list", "list the endpoints: which is used for what, and whether its key is there", _list)
    add = subcommand(group, "add", "add an endpoint", _add)
    add.add_argument("name", metavar="ENDPOINT", help="what a role's endpoint key will call it")
    add.add_argument("url", metavar="URL", help="the base address, up to and including /v1")
    add.add_argument(
        "--provider", metavar="PROVIDER", help="whose models are served there, as in PROVIDER:MODEL (default: nex)"
    )
    key = add.add_mutually_exclusive_group()
    key.add_argument("--api-key-env", metavar="VARIABLE", help="the environment variable that holds the key")
    key.add_argument("--api-key-file", metavar="FILE", help="the file that holds the key; only you may read it")
    add.add_argument("--default", action="store_true", help="take it where a role names no endpoint")
    remove = subcommand(group, "remove", "remove an endpoint", _remove)
    remove.add_argument("name", metavar="ENDPOINT")
    default = subcommand(group, "default", "take this endpoint where a role of its provider names none", _default)
    default.add_argument("name", metavar="ENDPOINT")
    test = subcommand(group, "test", "ask an endpoint, and say whether tasks can run on it; exit code 1 if not", _test)
    test.add_argument("name", metavar="ENDPOINT", nargs="?", help="(default: the one that tasks use)")
    test.add_argument("-m", "--model", metavar="MODEL", help="(default: what a role runs there, else the first listed)")
    test.add_argument(
        "--timeout", metavar="TIME", type=seconds, default="2m", help="how long one answer may take (default: 2m)"
    )
    return made


def _list(arguments: argparse.Namespace) -> int:
    from wg.config.addresses import shown
    from wg.config.endpoints import listed

    _, _, config = file_in_force(arguments)
    endpoints = listed(require_valid(config))
    if arguments.json:
        print_json({"config": config.path, "endpoints": [_object(endpoint) for endpoint in endpoints]})
        return 0
    for endpoint in endpoints:
        mark = f" (default of {endpoint.provider})" if endpoint.default else f" ({endpoint.provider})"
        print(f"{printable(endpoint.name)}{mark}")
        print(f"  url    {printable(shown(endpoint.url))}")
        print(f"  key    {printable(_key_state(endpoint))}")
        print(f"  roles  {_roles(endpoint.roles) or 'none'}")
    if not endpoints:
        say("note", f"{config.path} has no endpoints; wg endpoints add NAME URL adds one")
    return 0


def _object(endpoint: Listed) -> dict[str, object]:
    from wg.config.addresses import shown
    from wg.config.endpoints import key_trouble

    trouble = key_trouble(endpoint.api_key_env, endpoint.api_key_file)
    key = {"env": endpoint.api_key_env or None, "file": endpoint.api_key_file or None}
    key["problem"] = trouble.message if trouble else None
    return {
        "name": endpoint.name,
        "provider": endpoint.provider,
        "url": shown(endpoint.url),
        "default": endpoint.default,
        "roles": list(endpoint.roles),
        "key": key if endpoint.api_key_env or endpoint.api_key_file else None,
    }


def _key_state(endpoint: Listed) -> str:
    from wg.config.endpoints import key_trouble

    if trouble := key_trouble(endpoint.api_key_env, endpoint.api_key_file):
        return f"missing: {trouble.message} ({trouble.remedy})"
    if endpoint.api_key_env:
        return f"in the variable {endpoint.api_key_env}, which is set"
    return f"in the file {endpoint.api_key_file}" if endpoint.api_key_file else "none"


def _roles(roles: tuple[str, ...]) -> str:
    return "all" if len(roles) == len(ROLES) else ", ".join(roles)


def _add(arguments: argparse.Namespace) -> int:
    from wg.config import endpoint_edit, endpoints
    from wg.config.addresses import is_open
    from wg.profiles import editing

    block = _block(arguments)

    def edit(config: Config) -> str:
        if any(each.get("name") == arguments.name for each in config.endpoints()):
            hint = f"choose another name, or first: wg endpoints remove {arguments.name}"
            raise WgError(f"{config.path} has an endpoint {arguments.name!r} already", hint)
        text = endpoint_edit.add(config, block)
        if not arguments.default:
            return text
        added = Config(config.path, text.encode())
        return endpoint_edit.make_default(added, len(added.endpoints()) - 1)

    _, config = editing.rewrite(project_here(arguments), arguments.profile or "", edit)
    warnings = endpoints.warnings_on(config)
    if (arguments.api_key_env or arguments.api_key_file) and is_open(arguments.url):
        warnings.append("the key goes there unencrypted: the address begins with http, and is not on this machine")
    if arguments.api_key_env and (trouble := endpoints.key_trouble(arguments.api_key_env, "")):
        warnings.append(trouble.message)
    added = next(each for each in endpoints.listed(config) if each.name == arguments.name)
    said = f"Added {arguments.name}: models written {added.provider}:NAME are asked for at {added.url}"
    if not added.roles:
        said += f"\nNo role uses it; wg endpoints default {arguments.name} makes it the default of {added.provider}"
    return _report(arguments, config, added, warnings, said)


def _block(arguments: argparse.Namespace) -> dict[str, Value]:
    """The new block. Raises UsageError for what it cannot hold, WgError for a key file that others may read."""
    from wg.config.addresses import check_url
    from wg.config.endpoints import key_trouble

    if not _NAME.fullmatch(arguments.name):
        raise UsageError("the name is letters, digits, . _ and -, at most 64", "as in: wg endpoints add office URL")
    providers = ENDPOINT_KEYS["provider"].choices
    provider = arguments.provider or "nex"
    if provider not in providers:
        near = closest(provider, list(providers))
        hint = f"did you mean {near}?" if near else f"there are: {', '.join(providers)}"
        raise UsageError(f"no endpoint can be of the provider {provider!r}", hint)
    block: dict[str, Value] = {"name": arguments.name, "provider": provider, "url": check_url(arguments.url)}
    if arguments.api_key_env is not None:
        if not _VARIABLE.fullmatch(arguments.api_key_env):  # it may be the key itself: it is not repeated
            raise UsageError(
                "--api-key-env takes the name of a variable, not the key", "as in --api-key-env OPENROUTER_API_KEY"
            )
        block["api_key_env"] = arguments.api_key_env
    if arguments.api_key_file is not None:
        path = arguments.api_key_file if arguments.api_key_file[:1] == "~" else os.path.abspath(arguments.api_key_file)
        if trouble := key_trouble("", path):
            raise WgError(trouble.message, trouble.remedy)
        block["api_key_file"] = path
    return block


def _remove(arguments: argparse.Namespace) -> int:
    from wg.config import edit as config_edit
    from wg.config import endpoint_edit, endpoints
    from wg.profiles import editing

    def edit(config: Config) -> str:
        text = endpoint_edit.remove(config, endpoints.find(config, arguments.name))
        named = endpoints.roles_naming(config, arguments.name)
        return config_edit.change(text, {f"models.{role}.endpoint": None for role in named})

    before, config = editing.rewrite(project_here(arguments), arguments.profile or "", edit)
    was = next(each for each in endpoints.listed(before) if each.name == arguments.name)
    now = {role: each.name for each in endpoints.listed(config) for role in each.roles}
    warnings = [
        f"models.{role}.endpoint named it, and is removed as well"
        for role in endpoints.roles_naming(before, arguments.name)
    ]
    for other in sorted({now.get(role, "") for role in was.roles}):
        moved = _roles(tuple(role for role in was.roles if now.get(role, "") == other))
        warnings.append(f"roles that used it: {moved}; now they use {other or 'no endpoint: they cannot run'}")
    return _report(arguments, config, was, warnings + endpoints.warnings_on(config), f"Removed {arguments.name}")


def _default(arguments: argparse.Namespace) -> int:
    from wg.config import endpoint_edit, endpoints
    from wg.profiles import editing

    def edit(config: Config) -> str:
        return endpoint_edit.make_default(config, endpoints.find(config, arguments.name))

    _, config = editing.rewrite(project_here(arguments), arguments.profile or "", edit)
    now = next(each for each in endpoints.listed(config) if each.name == arguments.name)
    said = f"Default of {now.provider}: {arguments.name}; used by: {_roles(now.roles) or 'no role'}"
    return _report(arguments, config, now, endpoints.warnings_on(config), said)


def _report(arguments: argparse.Namespace, config: Config, endpoint: Listed, warnings: list[str], said: str) -> int:
    if arguments.json:
        print_json({"config": config.path, "endpoint": _object(endpoint), "warnings": warnings})
        return 0
    print(printable(said, multiline=True))
    print(f"Wrote {config.path}")
    for text in warnings:
        say("warning", text)
    return 0


def _test(arguments: argparse.Namespace) -> int:
    from wg.cli import endpointreport

    _, _, config = file_in_force(arguments)
    return endpointreport.test(arguments, require_valid(config))
