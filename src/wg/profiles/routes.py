"""The routes of `wg config init`: each is a profile's name and the complete file behind it."""

from __future__ import annotations

import shutil

from wg import locations
from wg.config.addresses import check_url
from wg.config.schema import Value, split_model
from wg.config.starters import STARTERS, one_model, starter_text
from wg.errors import NotFoundError, UsageError
from wg.locations import Project
from wg.profiles import pin as pins
from wg.profiles import selection, snapshots, state
from wg.profiles.authoring import check_model
from wg.profiles.switch import AUTO, PROJECT, Switched, keep_aside, use
from wg.records import NamedTuple

_STARTER_ROUTES = {"claude-cli": "claude", "codex-cli": "codex", "nex": "nex", "local": "nex"}
ROUTES = ("claude-cli", "codex-cli", "nex", "nex-custom", "openrouter")


class Init(NamedTuple):
    """A profile to be made: its name and text."""

    profile: str
    text: str


def find(route: str, model: str | None, url: str | None) -> Init:
    """What `route` stands for. Raises UsageError if it is none, or if an option is missing or of no use to it."""
    if not route:
        raise UsageError("which route?", f"--route is one of {', '.join(ROUTES)}")
    if route in _STARTER_ROUTES:
        if model or url:
            raise UsageError(f"the route {route} takes no -m and no -e", "write it first, then: wg config -m MODEL")
        name = _STARTER_ROUTES[route]
        return Init(name, starter_text(name))
    if route == "nex-custom":
        if not model or not url:
            raise UsageError("the route nex-custom needs -m and -e", "as in -m nex:my-model -e http://host:8000/v1")
        return _custom("nex-custom", "nex", model, {"name": "default", "url": check_url(url)})
    if route == "openrouter":
        if not model:
            raise UsageError("the route openrouter needs -m", "as in -m openrouter:anthropic/claude-opus-4-7")
        endpoint: dict[str, Value] = {"name": "openrouter", "url": url or "https://openrouter.ai/api/v1"}
        return _custom("openrouter", "openrouter", model, {**endpoint, "api_key_env": "OPENROUTER_API_KEY"})
    raise UsageError(f"there is no route {route!r}", f"the routes are {', '.join(ROUTES)}")


def init(project: Project | None, made: Init, own: bool, force: bool) -> Switched:
    """Write the route's profile, unless it is there (`force`: anew, the old one kept), and put it in force.

    With `own` it is the project's own snapshot, and the project is pinned to it.
    """
    if own and project is None:
        raise NotFoundError("--project needs a project, and there is none here", "make one with: wg init")
    pin = None if own else selection.pin_of(project)
    if pin and project:
        pins.require_liftable(project, pin)  # before anything is written
    directory = project.dir if own and project else locations.home()
    with state.locked(locations.home()):
        notes = keep_aside(directory) if force and not own else []
        kept = snapshots.put_starter(directory, made.profile, made.text, force)
    switched = use(project, made.profile, PROJECT if own else AUTO)
    switched.notes.extend(notes)
    if kept is None:
        same = " (it is just that already)" if force else ""
        switched.notes.append(f"config.toml.{made.profile} was there and stays as it is{same}")
    elif kept:
        switched.notes.append(kept)
    return switched


def installed_programs() -> list[str]:
    """The starters whose agent program is on PATH."""
    return [name for name in STARTERS if name != "nex" and shutil.which(name)]


def _custom(profile: str, provider: str, model: str, endpoint: dict[str, Value]) -> Init:
    check_model(model)
    if split_model(model)[0] != provider:
        raise UsageError(f"the route {profile} needs a model of {provider}, not {model!r}", f"as in -m {provider}:NAME")
    block: dict[str, Value] = {**endpoint, "provider": provider, "is_default": True}
    return Init(profile, one_model(f"{model} at {block['url']}", model, block))
