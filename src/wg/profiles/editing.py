"""Edits of the config file in force: through the link, under the lock, and never to an invalid result."""

from __future__ import annotations

from collections.abc import Callable

from wg import locations
from wg.config.edit import change, set_default_endpoint, set_model
from wg.config.load import Config, require_valid, require_valid_result
from wg.config.schema import Value, split_model
from wg.locations import Project
from wg.profiles import entry, heal, names, snapshots, state, swap
from wg.profiles.authoring import roles_elsewhere, served_provider
from wg.profiles.names import snapshot_path
from wg.profiles.selection import select
from wg.records import NamedTuple


class Edit(NamedTuple):
    """One key to be set, or removed where `value` is None."""

    key: str
    value: Value | None
    all_profiles: bool


class RouteEdit(NamedTuple):
    """The file after `wg config -m`, and the roles that are still on another provider."""

    config: Config
    elsewhere: tuple[str, ...]


def apply(project: Project | None, profile: str, edit: Edit) -> list[Config]:
    """Make the edit in the file in force, or in every snapshot; returns the files as they are now.

    Raises ConfigError if any result would be invalid; then none is written.
    """
    with state.locked(locations.home()):
        heal.heal(locations.home())
        paths = [_path_in_force(project, profile)]
        if edit.all_profiles:
            paths = _every_snapshot(project)
        texts = [(path, change(_text(path), {edit.key: edit.value})) for path in paths]
        for path, text in texts:
            require_valid_result(Config(path, text.encode()))
        return [snapshots.write(path, text) for path, text in texts]


def rewrite(project: Project | None, profile: str, edit: Callable[[Config], str]) -> tuple[Config, Config]:
    """Write what `edit` makes of the file in force; returns the file before and after.

    Raises ConfigError if there is no TOML to edit, or the result would be invalid; then nothing is written.
    """
    with state.locked(locations.home()):
        heal.heal(locations.home())
        path = _path_in_force(project, profile)
        before = Config(path, _text(path).encode())
        return before, snapshots.write(path, edit(before))


def set_route(project: Project | None, profile: str, model: str, url: str, all_roles: bool) -> RouteEdit:
    """`wg config -m MODEL -e URL`: what works on tasks, and the default endpoint; empty texts leave them."""
    with state.locked(locations.home()):
        heal.heal(locations.home())
        path = _path_in_force(project, profile)
        text = _text(path)
        if model:
            text = set_model(text, model)
        if model and all_roles:
            text = set_model(text, model, _elsewhere(path, text, model))
        if url:
            text = set_default_endpoint(text, served_provider(Config(path, text.encode())), url)
        config = snapshots.write(path, text)
    return RouteEdit(config, _elsewhere(path, text, model) if model else ())


def _elsewhere(path: str, text: str, model: str) -> tuple[str, ...]:
    return roles_elsewhere(require_valid_result(Config(path, text.encode())), split_model(model)[0])


def _path_in_force(project: Project | None, profile: str) -> str:
    return snapshots.editable_path(select(project, profile))


def _every_snapshot(project: Project | None) -> list[str]:
    """Every snapshot of both scopes, and what is in force without being one."""
    home = locations.home()
    paths = []
    for directory in [*([project.dir] if project else []), home]:
        paths += [snapshot_path(directory, name) for name in names.installed(directory)]
        found = entry.look(directory, home)
        if found.kind == entry.DETACHED:
            paths.append(found.path)
    return paths


def _text(path: str) -> str:
    config = Config(path, swap.read(path))
    # an edit may mend a wrong value, but there must be TOML to edit
    return config.text if config.is_toml else require_valid(config).text
