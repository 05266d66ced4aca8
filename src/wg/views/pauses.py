"""The paused routes, in words and as JSON."""

from __future__ import annotations

from wg.graph.pause import RoutePause
from wg.text import printable

_NAMED = 3  # of the profiles that would go on


def pause_lines(pauses: list[RoutePause], go_on: list[str], now: float) -> list[str]:
    """Each route with why and until when, and what would go on; `go_on` are names of profiles."""
    if not pauses:
        return []
    lines = ["Paused routes:"]
    for pause in pauses:
        lines.append(f"  {printable(pause.describe(now))}")
        if pause.until > now:
            lines.append(f"      to try it at once: wg service unpause {printable(pause.route)}")
    others = ", or ".join(f"wg profile use {printable(name)}" for name in go_on[:_NAMED])
    return [*lines, f"  to go on meanwhile: {others}"] if others else lines


def pause_object(pause: RoutePause, now: float) -> dict[str, object]:
    """A paused route as --json prints it; not `holding`: its time has come, and the next task tries it."""
    return {**pause._asdict(), "holding": pause.until > now}
