"""The original's cycles of dependencies, made into loops, or opened (section 1.9 of what is known of it).

There a cycle is a strongly connected component of `after`, and the task with a `cycle_config` is its last one.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable

from wg.records import NamedTuple

After = dict[str, list[str]]  # task -> what it depends on


class Found(NamedTuple):
    """A loop from `head` to `tail`, which depends on it, directly or through others."""

    tail: str
    head: str
    configured: str  # the task that has the cycle_config
    members: set[str]


class Untangled(NamedTuple):
    """What became of the cycles: without the edges of `loops` (head on tail) and `cut` there is none left."""

    loops: list[Found]
    cut: list[tuple[str, str]]  # left out: the cycle is opened there


def untangle(after: After, configured: set[str], created: dict[str, float]) -> Untangled:
    """Find the cycles and what to make of them."""
    found = Untangled([], [])
    for members in components(after):
        inside = {task: [each for each in after[task] if each in members] for task in sorted(members)}
        named = sorted(configured & members)
        made = _loops(inside, named, created) if named else None
        if made is None:
            found.cut.extend(_back_edges(inside))
        else:
            found.loops.extend(made.loops)
            found.cut.extend(made.cut)
    return found


def components(after: After) -> list[set[str]]:
    """The sets of tasks that all depend on each other; of one task only if it depends on itself."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_tasks: list[str] = []
    is_open: set[str] = set()
    found = []
    for root in sorted(after):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_tasks.append(root)
        is_open.add(root)
        path = [(root, iter(after[root]))]
        while path:
            task, left = path[-1]
            step = next((each for each in left if each not in index or each in is_open), None)
            if step is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[task])
                if low[task] == index[task]:
                    found.append(_close(task, open_tasks, is_open))
            elif step in index:
                low[task] = min(low[task], index[step])
            else:
                index[step] = low[step] = len(index)
                open_tasks.append(step)
                is_open.add(step)
                path.append((step, iter(after[step])))
    return [members for members in found if len(members) > 1 or any(each in after[each] for each in members)]


def _close(task: str, open_tasks: list[str], is_open: set[str]) -> set[str]:
    """Take a finished component off the stack."""
    members = set()
    while task not in members:
        members.add(open_tasks.pop())
    is_open -= members
    return members


def _loops(inside: After, named: list[str], created: dict[str, float]) -> Untangled | None:
    """The cycle as loops, one for each task with a cycle_config; None where other cycles are left."""
    only = named[0]
    others = [created[task] for task in inside if task != only]
    if len(named) == 1 and others and created[only] < min(others):  # the first one has it: it is the head
        kept = {task: [] if task == only else list(deps) for task, deps in inside.items()}
        if has_cycle(kept):
            return None
        return _choose(kept, [(tail, only, only) for tail in inside[only]])
    kept = {task: [each for each in deps if each not in named] for task, deps in inside.items()}
    if has_cycle(kept):
        return None
    back = []
    edges = [(task, each) for task, deps in inside.items() for each in deps if each in named]
    # what was added later depends on what was there, rather than the other way round
    for task, dependency in sorted(edges, key=lambda edge: (created[edge[0]] <= created[edge[1]], edge)):
        if task in _above(kept, dependency):
            back.append((dependency, task, dependency))
        else:
            kept[task].append(dependency)
    return _choose(kept, back)


def _choose(kept: After, back: list[tuple[str, str, str]]) -> Untangled:
    """For each configured task the back edge (tail, head, configured) around the most tasks; the others are cut."""
    best: dict[str, Found] = {}
    below: After = {task: [] for task in kept}
    for task, deps in kept.items():
        for each in deps:
            below[each].append(task)
    for tail, head, configured in sorted(back):
        members = _above(kept, tail) & _above(below, head)
        if configured not in best or len(members) > len(best[configured].members):
            best[configured] = Found(tail, head, configured, members)
    loops = list(best.values())
    used = {(loop.tail, loop.head) for loop in loops}
    return Untangled(loops, [(head, tail) for tail, head, _ in sorted(back) if (tail, head) not in used])


def _back_edges(inside: After) -> list[tuple[str, str]]:
    """The edges that lead back in a search from the first in alphabetical order on, from each to its dependents."""
    below: After = {task: [] for task in inside}
    for task in sorted(inside):
        for each in inside[task]:
            below[each].append(task)
    found, seen, on_path = [], set(), set()
    for root in sorted(inside):
        path = [] if root in seen else [(root, iter(below[root]))]
        seen.add(root)
        on_path.update([root] if path else [])
        while path:
            task, left = path[-1]
            step = next(left, None)
            if step is None:
                on_path.discard(path.pop()[0])
            elif step in on_path:
                found.append((step, task))
            elif step not in seen:
                seen.add(step)
                on_path.add(step)
                path.append((step, iter(below[step])))
    return found


def has_cycle(after: After) -> bool:
    """Whether tasks depend on each other."""
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError:
        return True
    return False


def _above(after: After, start: str) -> set[str]:
    """`start` and all that it depends on."""
    found, todo = {start}, [start]
    while todo:
        new: Iterable[str] = [each for each in after[todo.pop()] if each not in found]
        found.update(new)
        todo.extend(new)
    return found
