"""A first reading of the original's file: which tasks there are, their ids here, and what depends on what."""

from __future__ import annotations

from typing import Any, BinaryIO

from wg.graph.interchange import cycles, names, times
from wg.graph.interchange.cycles import Found
from wg.graph.interchange.lines import Object, Problems, objects
from wg.graph.interchange.report import CYCLE, DEPENDENCY, LOOP, NO_TASK, RENAMED, SYSTEM, TWICE, Report
from wg.records import NamedTuple

_MARK = "."  # system tasks begin with it


class Node(NamedTuple):
    """What the first reading keeps of a task."""

    line: int
    after: list[str]
    config: Object | None  # its cycle_config
    iteration: int  # its loop_iteration, from 0 on
    converged: bool
    created: float


class Outline(NamedTuple):
    """The tasks that are to be imported, by their old ids."""

    nodes: dict[str, Node]
    names: dict[str, str]  # old id -> ours
    after: dict[str, list[str]]  # without what is left out; old ids
    held: dict[str, list[str]]  # dependencies that cannot be expressed, so that the task must not run by itself
    cut: dict[str, list[str]]  # dependencies at which cycles were opened
    loops: dict[str, Found]  # by their last task
    looped: set[str]  # tasks whose cycle_config has become a loop
    resources: dict[str, Object]


def outline(file: BinaryIO, problems: Problems, report: Report, *, with_system: bool) -> Outline:
    """Read the file once. Raises Refused if a line cannot be read."""
    nodes, resources = _nodes(file, problems, report)
    if problems.found:
        problems.refuse()
    taken = nodes if with_system else {name: node for name, node in nodes.items() if not name.startswith(_MARK)}
    for name in nodes.keys() - taken.keys():
        report.note(SYSTEM, nodes[name].line, name, "the original made it for itself; --with-system imports it too")
    ours = names.mapped(taken)
    for name, new in ours.items():
        if name != new:
            report.note(RENAMED, nodes[name].line, name, f"is {new} here")
    after, held = _dependencies(taken, nodes, report)
    configured = {name for name, node in taken.items() if node.config is not None}
    untangled = cycles.untangle(after, configured, {name: node.created for name, node in taken.items()})
    cut: dict[str, list[str]] = {}
    for name, dependency in untangled.cut:
        after[name].remove(dependency)
        cut.setdefault(name, []).append(dependency)
        report.note(CYCLE, nodes[name].line, name, f"does not depend on {dependency}: they depended on each other")
    for loop in untangled.loops:
        after[loop.head].remove(loop.tail)
        text = f"a loop: after {loop.tail} it begins again with {loop.head} ({len(loop.members)} tasks)"
        report.note(LOOP, nodes[loop.tail].line, loop.tail, text)
    loops = {loop.tail: loop for loop in untangled.loops}
    looped = {loop.configured for loop in untangled.loops}
    return Outline(taken, ours, after, held, cut, loops, looped, resources)


def _nodes(file: BinaryIO, problems: Problems, report: Report) -> tuple[dict[str, Node], dict[str, Object]]:
    nodes: dict[str, Node] = {}
    resources: dict[str, Object] = {}
    for line, found in objects(file, problems, comments=True):
        kind, name = found.get("kind"), found.get("id")
        if kind == "resource" and isinstance(name, str):
            resources[name] = found
            report.note(NO_TASK, line, name, "a resource: it is kept with the tasks that require it")
        elif kind == "actor":
            report.note(NO_TASK, line, str(name), "an actor: the original skips those, too")
        elif kind != "task":
            problems.add(line, f"kind {kind!r} is neither task, resource nor actor")
        elif not isinstance(name, str) or not name:
            problems.add(line, "the task has no id")
        else:
            try:
                node = _node(found, line)
            except ValueError as error:
                problems.add(line, str(error))
                continue
            if name in nodes:
                text = f"this line is left out: the one in line {line} counts, as it does in the original"
                report.note(TWICE, nodes[name].line, name, text)
            nodes[name] = node
    return nodes, resources


def _node(found: Object, line: int) -> Node:
    tags: Any = found.get("tags")
    config, iteration = found.get("cycle_config"), found.get("loop_iteration")
    return Node(
        line,
        _listed(found),
        config if isinstance(config, dict) else None,
        iteration if isinstance(iteration, int) and iteration > 0 else 0,
        isinstance(tags, list) and "converged" in tags,
        _created(found),
    )


def _listed(found: Object) -> list[str]:
    """What `after`, or its older name `blocked_by`, lists, each once. Raises ValueError."""
    listed: list[str] = []
    for name in ("after", "blocked_by"):
        value = found.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValueError(f"{name}: must be a list of ids")
        listed += value
    return list(dict.fromkeys(listed))


def _created(found: Object) -> float:
    """When, or 0 where that cannot be read: it only says which of two tasks was there first."""
    try:
        return times.read(str(found.get("created_at")))
    except ValueError:
        return 0.0


def _dependencies(
    taken: dict[str, Node], nodes: dict[str, Node], report: Report
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What each task depends on among those that are taken, and what else it waits for."""
    after: dict[str, list[str]] = {}
    held: dict[str, list[str]] = {}
    for name, node in taken.items():
        after[name] = [each for each in node.after if each in taken]
        for each in node.after:
            if each in taken:
                continue
            if each.startswith(_MARK):
                why = f"{each}, a task of the system"
            else:
                held.setdefault(name, []).append(each)
                why = f"{each}, a task of another project" if ":" in each else f"{each}, which is not in the file"
            report.note(DEPENDENCY, node.line, name, f"depended on {why}")
    return after, held
