"""The original's `cycle_config` as a loop of ours."""

from __future__ import annotations

from typing import Any

from wg.graph.interchange.lines import Object
from wg.graph.interchange.outline import Outline
from wg.graph.interchange.record import Loop
from wg.graph.interchange.values import LARGEST, positive, text
from wg.graph.task import STATUSES
from wg.text import parse_duration


def loop_of(tail: str, shape: Outline) -> Loop | None:
    """The loop that ends with the task. Raises ValueError where its limits make no sense: it might never end."""
    found = shape.loops.get(tail)
    if found is None:
        return None
    node = shape.nodes[found.configured]
    assert node.config is not None
    said, _ = _express(node.config, shape)
    converged = not node.config.get("no_converge") and any(shape.nodes[each].converged for each in found.members)
    return Loop(shape.names[found.head], iteration=min(node.iteration, LARGEST - 1) + 1, converged=converged, **said)


def left_of(config: Object, shape: Outline) -> Object:
    """What a loop of ours cannot say of it."""
    return _express(config, shape)[1]


def is_stopped(config: Object, shape: Outline) -> bool:
    """Whether its guard cannot be said here, so that the loop does not run again by itself."""
    guard = left_of(config, shape).get("guard")
    return guard is not None and not _is_limit(guard)


def _express(config: Object, shape: Outline) -> tuple[dict[str, Any], Object]:
    """Fields of Loop, and what is left of the config."""
    left = dict(config)
    most = left.pop("max_iterations", 0)
    limit = None if most == 0 and not isinstance(most, bool) else _limit(most)
    said: dict[str, Any] = {"max_iterations": limit}
    try:
        said["delay"] = parse_duration(text(left["delay"]))
        del left["delay"]
    except (KeyError, ValueError):
        pass
    guard: Any = left.get("guard")
    if guard == "Always":
        del left["guard"]
    elif status := _status_guard(guard, shape):
        said["guard"] = status
        del left["guard"]
    elif _is_limit(guard):
        fewer = max(1, _limit(guard["IterationLessThan"]))
        said["max_iterations"] = fewer if limit is None else min(limit, fewer)
    elif guard is not None:  # without it the loop might run when it must not
        said["max_iterations"] = 1
        left |= {name: value for name, value in config.items() if name == "max_iterations"}
    return said, left


def _limit(value: object) -> int:
    try:
        return positive(value)
    except ValueError as error:
        raise ValueError(f"cycle_config: the number of iterations {error}") from None


def _is_limit(guard: object) -> bool:
    return isinstance(guard, dict) and "IterationLessThan" in guard


def _status_guard(guard: object, shape: Outline) -> str:
    """As ours; "" for what is another guard, or names a task that is not imported or a status that is none here."""
    value = guard.get("TaskStatus") if isinstance(guard, dict) else None
    if not isinstance(value, dict):
        return ""
    task, status = value.get("task"), value.get("status")
    if not isinstance(task, str) or task not in shape.names or status not in STATUSES:
        return ""
    return f"{shape.names[task]}={status}"
