"""What depends on a task, by distance."""

from __future__ import annotations

from wg.graph.relations import Graph
from wg.graph.task import SATISFYING, Summary
from wg.records import NamedTuple
from wg.text import printable
from wg.views.line import more, task_line


class Impact(NamedTuple):
    """All that depends on `task`, each once, in the level of its shortest way: the first depends on it directly."""

    task: Summary
    levels: list[list[Summary]]

    @property
    def total(self) -> int:
        return sum(len(level) for level in self.levels)

    @property
    def unfinished(self) -> int:
        return sum(task.status not in SATISFYING for level in self.levels for task in level)


def impact_of(task_id: str, graph: Graph) -> Impact:
    """`graph` holds the task and all that depends on it."""
    tasks = {task.id: task for task in graph.tasks}
    dependents: dict[str, list[str]] = {}
    for edge in graph.edges:
        dependents.setdefault(edge.dependency, []).append(edge.task)
    seen = {task_id}
    level = [task_id]
    levels = []
    while level:
        level = list(dict.fromkeys(each for parent in level for each in dependents.get(parent, ()) if each not in seen))
        seen.update(level)
        if level:
            levels.append([tasks[each] for each in level])
    return Impact(tasks[task_id], levels)


def impact_lines(impact: Impact, limit: int) -> list[str]:
    """At most `limit` tasks (a negative limit: all of them)."""
    count = impact.total
    head = f"{impact.task.id} - {printable(impact.task.title)}"
    if not count:
        return [f"{head}: nothing depends on it"]
    tasks = "1 task depends" if count == 1 else f"{count} tasks depend"
    lines = [f"{head}: {tasks} on it, {len(impact.levels[0])} directly; not finished: {impact.unfinished}"]
    left = limit if limit >= 0 else count
    for number, level in enumerate(impact.levels, start=1):
        if left <= 0:
            break
        lines.append(f"Level {number} ({len(level)}):")
        lines += [f"  {task_line(task)}" for task in level[:left]]
        left -= len(level)
    return lines + more(min(count, limit) if limit >= 0 else count, count)
