"""What is wrong with a config, all at once: each problem with its line, what was expected and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from wg.config import resolver
from wg.config.abilities import CANNOT_CHANGE, keeps_from_changing
from wg.config.addresses import has_secret
from wg.config.lines import dotted
from wg.config.schema import (
    ENDPOINT_KEYS,
    ENDPOINTS,
    KEYS,
    PROVIDERS,
    ROLES,
    SECTIONS,
    TIERS,
    Key,
    section_of,
    split_model,
)
from wg.text import closest, parse_duration

if TYPE_CHECKING:
    from wg.config.load import Config, Problem


def check(config: Config) -> list[Problem]:
    """Every problem of a config that is valid TOML, in the order of its lines."""
    problems = [*_values(config, "", config.values), *_endpoint_problems(config), *_missing(config)]
    if not any(problem.severity == "error" for problem in problems):
        problems += [*_unused(config), *_mixed_providers(config), *_idle_agent(config), *_absent_tuning(config)]
    return sorted(problems, key=lambda problem: problem.line)


def value_error(key: Key, value: Any) -> str:
    """Why `value` will not do for `key`, or ""."""
    kinds: dict[str, type] = {"integer": int, "boolean": bool, "strings": list}
    wanted = kinds.get(key.kind, str)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return f"{key.name} must be {_kind_name(key)}, not {_toml(value)}"
    return _CHECKS.get(key.kind, _anything)(key, value)


def _model_error(key: Key, value: Any) -> str:
    return _error_of(split_model, value, key)


def _duration_error(key: Key, value: Any) -> str:
    return _error_of(parse_duration, value, key)


def _choice_error(key: Key, value: Any) -> str:
    allowed = TIERS if key.kind == "tier" else key.choices
    return "" if value in allowed else f"{key.name} must be one of {', '.join(allowed)}, not {value!r}"


def _integer_error(key: Key, value: Any) -> str:
    return "" if value >= key.minimum else f"{key.name} must be at least {key.minimum}, not {value}"


def _strings_error(key: Key, value: Any) -> str:
    if not all(isinstance(item, str) for item in value):
        return f"{key.name} must be a list of strings"
    check = _choice_error if key.choices else _string_error
    return next(filter(None, (check(key, item) for item in value)), "")


def _string_error(key: Key, value: Any) -> str:
    # no program, argument or environment variable can carry one
    return f"{key.name} holds a null byte" if "\0" in value else ""


def _anything(key: Key, value: Any) -> str:
    return ""


_CHECKS: dict[str, Callable[[Key, Any], str]] = {
    "model": _model_error,
    "duration": _duration_error,
    "choice": _choice_error,
    "tier": _choice_error,
    "integer": _integer_error,
    "string": _string_error,
    "strings": _strings_error,
}


def _error_of(parse: Callable[[str], object], value: str, key: Key) -> str:
    try:
        parse(value)
    except ValueError as error:
        return f"{key.name}: {error}"
    return ""


def _kind_name(key: Key) -> str:
    article = {"integer": "an integer", "boolean": "true or false", "strings": "a list of strings"}
    return article.get(key.kind, "a string")


def _toml(value: Any) -> str:
    names = {bool: "the boolean", int: "the integer", str: "the string", float: "the number", list: "a list"}
    name = names.get(type(value), "a table" if isinstance(value, dict) else "the value")
    return (
        name
        if isinstance(value, (list, dict))
        else f"{name} {str(value).lower() if isinstance(value, bool) else repr(value)}"
    )


def _problem(severity: str, line: int, message: str) -> Problem:
    from wg.config.load import Problem

    return Problem(severity, line, message)


def _values(config: Config, prefix: str, table: dict[str, Any]) -> Iterator[Problem]:
    """Wrong types and unknown keys, table by table."""
    for name, value in table.items():
        full = dotted(prefix, name)
        line = config.line(full)
        if full in KEYS:
            error = value_error(KEYS[full], value)
            if error:
                yield _problem("error", line, error)
        elif full == ENDPOINTS:
            continue
        elif _is_section(full):
            if isinstance(value, dict):
                yield from _values(config, full, value)
            else:
                yield _problem("error", line, f"[{full}] must be a table, not {_toml(value)}")
        else:
            yield _problem("warning", line, _unknown(full, isinstance(value, dict)))


def _is_section(name: str) -> bool:
    return any(section == name or section.startswith(f"{name}.") for section in SECTIONS)


def _unknown(name: str, is_table: bool) -> str:
    near = closest(name, [*KEYS, *SECTIONS])
    what = f"unknown section [{name}]" if is_table else f"unknown key {name}"
    return f"{what}: nothing reads it" + (f"; did you mean {near}?" if near else "")


def _endpoint_problems(config: Config) -> Iterator[Problem]:
    listed = config.raw(ENDPOINTS)
    if listed is None:
        return
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        yield _problem("error", config.line(ENDPOINTS), f"{ENDPOINTS} must be blocks that begin with [[{ENDPOINTS}]]")
        return
    for index, block in enumerate(listed):
        yield from _one_endpoint(config, f"{ENDPOINTS}[{index}]", block)


def _one_endpoint(config: Config, place: str, block: dict[str, Any]) -> Iterator[Problem]:
    for name, value in block.items():
        line = config.line(f"{place}.{name}")
        if name not in ENDPOINT_KEYS:
            near = closest(name, list(ENDPOINT_KEYS))
            way_out = "; name the variable in api_key_env or the file in api_key_file" if name == "api_key" else ""
            meant = f"; did you mean {near}?" if near and not way_out else ""
            yield _problem(
                "warning", line, f"unknown key {name} in [[{ENDPOINTS}]]: nothing reads it{way_out or meant}"
            )
        elif error := value_error(ENDPOINT_KEYS[name], value):
            # an endpoint for others (the original knew `anthropic`) harms nothing while no role names it
            severity = "warning" if name == "provider" else "error"
            yield _problem(severity, line, f"[[{ENDPOINTS}]] {error}")
        elif name == "url" and has_secret(value):
            text = "the url has a name, a password or a query in it: keys belong into api_key_env or api_key_file"
            yield _problem("warning", line, f"[[{ENDPOINTS}]] {text}")
    # one that lacks something, but that nothing asks for, harms nothing either: the original knew default addresses
    severity = "error" if _is_asked_for(config, block) else "warning"
    for name in ("name", "url"):
        if name not in block:
            yield _problem(severity, config.line(place), f"this [[{ENDPOINTS}]] block has no {name}")


def _is_asked_for(config: Config, block: dict[str, Any]) -> bool:
    """Whether a model of the file is of the provider that the block serves, or a role names the block."""
    if "provider" not in block or any(config.raw(f"models.{role}.endpoint") == block.get("name", "") for role in ROLES):
        return True
    models = [str(config.raw(key.name)) for key in KEYS.values() if key.kind == "model"]
    return any(model.startswith(f"{block['provider']}:") for model in models)


def _missing(config: Config) -> Iterator[Problem]:
    """What must be there and is not: [agent].model, and the tiers and endpoints that something names."""
    if config.raw("agent.model") is None:
        line = config.line("agent") or 1
        yield _problem("error", line, '[agent].model is missing; write one, as in: model = "claude:opus"')
    names = [block.get("name") for block in config.endpoints()]
    for role in ROLES:
        tier = config.raw(f"models.{role}.tier")
        if tier in TIERS and config.raw(f"tiers.{tier}") is None:
            line = config.line(f"models.{role}.tier")
            yield _problem("error", line, f"models.{role}.tier asks for {tier}, and there is no [tiers].{tier}")
        endpoint = config.raw(f"models.{role}.endpoint")
        if isinstance(endpoint, str) and endpoint not in names:
            line = config.line(f"models.{role}.endpoint")
            yield _problem(
                "error",
                line,
                f"models.{role}.endpoint names {endpoint!r}, which no [[{ENDPOINTS}]] block is called",
            )


def _unused(config: Config) -> Iterator[Problem]:
    """Routing keys that decide nothing; one that would have said something else is a warning."""
    for key, winner in resolver.hidden_keys(config).items():
        same = resolver.model_at(config, key) == resolver.model_at(config, winner)
        text = f"{key} is not used: hidden by [{section_of(winner)}], line {config.line(winner)}"
        yield _problem("note" if same else "warning", config.line(key), text)


def _mixed_providers(config: Config) -> Iterator[Problem]:
    used: dict[str, list[str]] = {}
    for role in ROLES:
        used.setdefault(resolver.resolve(config, role).provider, []).append(role)
    if len(used) > 1:
        listed = "; ".join(f"{provider}: {', '.join(roles)}" for provider, roles in used.items())
        yield _problem("warning", 0, f"roles are on different providers ({listed})")
    for provider in used:
        if PROVIDERS[provider] == "nex" and resolver.endpoint_for(config, "default", provider) is None:
            yield _problem("warning", 0, f"no [[{ENDPOINTS}]] block serves the provider {provider}")


def _idle_agent(config: Config) -> Iterator[Problem]:
    key = keeps_from_changing(config)
    if key and resolver.resolve(config, "task_agent").executor == "nex":
        yield _problem("warning", config.line(key), f"{key} {CANNOT_CHANGE}")


def _absent_tuning(config: Config) -> Iterator[Problem]:
    absent = [
        f"{key.name} = {format_value(key.default)}"
        for key in KEYS.values()
        if key.default is not None and config.raw(key.name) is None
    ]
    if absent:
        yield _problem("warning", 0, f"absent, so the documented default holds: {', '.join(absent)}")


def format_value(value: Any) -> str:
    """`value` as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(format_value(item) for item in value)}]"
    return '"' + "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\U{ord(c):08X}") for c in str(value)) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
