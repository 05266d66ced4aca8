"""Dependencies as numbers, for what is asked of the whole graph: does it have a cycle, what is inside a loop?

Tasks are numbered from 0 on. Everything is held in arrays: a hundred thousand tasks need a few megabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator


class Shape:
    """Which task depends on which."""

    def __init__(self, tasks: int, pairs: Iterable[tuple[int, int]]) -> None:
        """`pairs` are (task, dependency)."""
        self.tasks = tasks
        self._from, self._to = array("i"), array("i")
        for task, dependency in pairs:
            self._from.append(task)
            self._to.append(dependency)
        self._up = _index(tasks, self._from, self._to)
        self._down = _index(tasks, self._to, self._from)

    def dependencies(self, task: int) -> array[int]:
        """What it depends on."""
        return _slice(self._up, task)

    def dependents(self, task: int) -> array[int]:
        """What depends on it."""
        return _slice(self._down, task)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All of (task, dependency)."""
        return zip(self._from, self._to, strict=True)

    def cycle(self) -> list[int]:
        """Tasks that depend on each other in a circle, each on the next; empty if there is none."""
        waits = array("i", [len(self.dependencies(task)) for task in range(self.tasks)])
        free = [task for task in range(self.tasks) if not waits[task]]
        while free:
            for dependent in self.dependents(free.pop()):
                waits[dependent] -= 1
                if not waits[dependent]:
                    free.append(dependent)
        stuck = next((task for task in range(self.tasks) if waits[task]), None)
        if stuck is None:
            return []
        path = {stuck: 0}  # every stuck task depends on a stuck one
        while True:
            stuck = next(each for each in self.dependencies(stuck) if waits[each])
            if stuck in path:
                return list(path)[path[stuck] :]
            path[stuck] = len(path)

    def between(self, head: int, tail: int) -> set[int]:
        """Both, and what `tail` depends on that depends on `head`; empty if `tail` does not depend on `head`."""
        above = _closure(tail, self.dependencies)
        if head not in above:
            return set()
        return _closure(head, lambda task: [each for each in self.dependents(task) if each in above])


def _closure(start: int, following: Callable[[int], Iterable[int]]) -> set[int]:
    found, todo = {start}, [start]
    while todo:
        for each in following(todo.pop()):
            if each not in found:
                found.add(each)
                todo.append(each)
    return found


_Index = tuple["array[int]", "array[int]"]


def _index(tasks: int, keys: array[int], values: array[int]) -> _Index:
    """For each key where its values begin, and the values."""
    begins = array("i", bytes(4 * (tasks + 1)))
    for key in keys:
        begins[key + 1] += 1
    for key in range(tasks):
        begins[key + 1] += begins[key]
    following, sorted_values = begins[:], values[:]
    for key, value in zip(keys, values, strict=True):
        sorted_values[following[key]] = value
        following[key] += 1
    return begins, sorted_values


def _slice(index: _Index, key: int) -> array[int]:
    begins, found = index
    return found[begins[key] : begins[key + 1]]
