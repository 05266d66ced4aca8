"""The text of new and of edited config files; loads tomlkit, so only commands that edit come here."""

from __future__ import annotations

from wg.config.addresses import check_url
from wg.config.check import value_error
from wg.config.edit import change, set_default_endpoint, set_model
from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import KEYS, PROVIDERS, ROLES, Value, split_model
from wg.config.starters import one_model
from wg.errors import NotFoundError, UsageError
from wg.locations import Project
from wg.profiles import snapshots


def new_text(
    project: Project | None, source: str | None, model: str | None, url: str | None, description: str | None
) -> str:
    """The text of a new profile: a copy of `source`, edited; or a complete file with one model everywhere."""
    if model:
        check_model(model)
    if source:
        _, text = snapshots.read_snapshot(project, source)
        text = set_model(text, model) if model else text
    elif model:
        text = one_model(description or f"{model} for everything", model, None)
    else:
        raise UsageError("a new profile needs a source", "name a profile with --from, or a model with -m")
    if url:
        text = set_default_endpoint(text, served_provider(Config("", text.encode())), check_url(url))
    return change(text, {"description": description}) if description else text


def check_model(model: str) -> str:
    """`model` itself. Raises UsageError if it is no provider:model."""
    try:
        split_model(model)
    except ValueError as error:
        raise UsageError(str(error), "name the provider too, as in codex:gpt-5.5") from None
    return model


def served_provider(config: Config) -> str:
    """The provider whose default endpoint `-e` is about: that of the model which works on tasks, else nex."""
    if config.errors:  # which the edit may mend
        return "nex"
    provider = resolve(config, "task_agent").provider
    return provider if PROVIDERS[provider] == "nex" else "nex"


def roles_elsewhere(config: Config, provider: str) -> tuple[str, ...]:
    """The roles that run on another provider than `provider`."""
    return tuple(role for role in ROLES if resolve(config, role).provider != provider)


def parse_value(key: str, text: str) -> Value:
    """What `text` on the command line means for `key`.

    Raises NotFoundError for a key that does not exist, UsageError for a value that it cannot have.
    """
    if key not in KEYS:
        from wg.text import closest

        near = closest(key, list(KEYS))
        raise NotFoundError(
            f"there is no key {key!r}",
            f"did you mean {near}?" if near else "wg config show prints the file, with all its keys",
        )
    kind = KEYS[key].kind
    value: Value = text
    if kind == "boolean" and text in ("true", "false"):
        value = text == "true"
    elif kind == "integer" and text.removeprefix("-").isdecimal():
        value = int(text)
    elif kind == "strings":
        value = _parse_list(text)
    if error := value_error(KEYS[key], value):
        raise UsageError(error, f"wg config get {key} shows what it is now")
    return value


def _parse_list(text: str) -> Value:
    """A TOML list, else the words of `text`."""
    import tomllib

    if not text.startswith("["):
        return text.split()
    try:
        parsed = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{text!r} is no list: {error}", 'write it as ["one", "two"]') from None
    return parsed  # type: ignore[no-any-return]  # value_error judges it next
