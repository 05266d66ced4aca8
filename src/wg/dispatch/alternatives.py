"""Which profiles would go on, while routes of the one in force are paused."""

from __future__ import annotations

from wg.config.load import load
from wg.dispatch.pauses import names_of, pauses_of
from wg.dispatch.plans import obstacle, settings_for
from wg.graph.pause import RoutePause
from wg.locations import Project
from wg.profiles import overview
from wg.profiles.selection import find_snapshot, known_names


def profiles_that_go_on(project: Project, pauses: list[RoutePause], in_force: str) -> list[str]:
    """Names of the installed profiles of which no route is paused, and whose programs are there.

    Empty while nothing is paused, and if the profile `in_force` is one of them.
    """
    if not pauses:
        return []
    names = _going_on(project, pauses)
    return [] if in_force in names else names


def _going_on(project: Project, pauses: list[RoutePause]) -> list[str]:
    return [name for name in dict.fromkeys(known_names(project)) if _goes_on(find_snapshot(project, name), pauses)]


def _goes_on(path: str, pauses: list[RoutePause]) -> bool:
    try:
        config = load(path)
    except OSError:
        return False
    routes = overview.routes(config)  # none, if it is invalid
    return bool(routes) and not any(
        pauses_of(names_of(route), pauses) or obstacle(route, settings_for(config, route.executor)) for route in routes
    )
