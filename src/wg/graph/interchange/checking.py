"""Whether staged records fit together, and to what the database holds: what does not is a problem of its line."""

from __future__ import annotations

import sqlite3

from wg.graph.interchange.lines import Problems
from wg.graph.interchange.shape import Shape

_NAMES_SHOWN = 10
# the tasks that a line names, and as what
_NAMED = """SELECT line, id, 'after' AS field FROM staged_after
    UNION ALL SELECT line, head, 'loop' FROM staged_loops
    UNION ALL SELECT line, substr(guard, 1, instr(guard, '=') - 1), 'loop guard' FROM staged_loops WHERE guard <> ''
    UNION ALL SELECT line, subject, 'wait' FROM staged_waits WHERE kind = 'task'
    UNION ALL SELECT line, superseded_by, 'superseded_by' FROM staged WHERE superseded_by <> ''"""
_UNKNOWN = f"""SELECT line, id, field FROM ({_NAMED}) JOIN staged_keys USING (line)
    WHERE id NOT IN (SELECT id FROM staged) AND id NOT IN (SELECT id FROM main.tasks) ORDER BY line"""
_TWICE = """SELECT other.line, staged.line, staged.id FROM staged
    JOIN staged AS other ON other.id = staged.id AND other.line > staged.line GROUP BY other.line ORDER BY other.line"""
_NUMBER = "(SELECT number - 1 FROM staged_keys WHERE staged_keys.line = {})"
_PAIRS = f"""SELECT {_NUMBER.format("staged_after.line")} AS task, {_NUMBER.format("staged.line")} AS dependency
    FROM staged_after JOIN staged ON staged.id = staged_after.id WHERE task IS NOT NULL AND dependency IS NOT NULL"""
_LOOPS = f"""SELECT staged_loops.line, head, {_NUMBER.format("staged_loops.line")},
    (SELECT {_NUMBER.format("staged.line")} FROM staged WHERE staged.id = head)
    FROM staged_loops JOIN staged_keys USING (line) ORDER BY staged_loops.line"""


def present(connection: sqlite3.Connection) -> list[str]:
    """The ids of the staged tasks that the database holds already."""
    found = connection.execute("SELECT id FROM staged WHERE id IN (SELECT id FROM main.tasks) ORDER BY id")
    return [row[0] for row in found]


def refuse_present(connection: sqlite3.Connection, problems: Problems) -> None:
    """Raises Refused, which names the numbered tasks that are there already, if any is."""
    numbered = "SELECT line, id FROM staged JOIN staged_keys USING (line)"
    for line, task_id in connection.execute(f"{numbered} WHERE id IN (SELECT id FROM main.tasks) ORDER BY line"):
        problems.add(line, f"there is a task {task_id} already")
    if problems.found:
        problems.refuse("wg import --skip-existing leaves those tasks as they are, and imports the others")


def require_sound(connection: sqlite3.Connection, problems: Problems) -> None:
    """Find all that does not fit, and the members of the loops. Raises Refused if there was any problem."""
    for line, before, task_id in connection.execute(_TWICE):
        problems.add(line, f"the id {task_id} stands in line {before} already")
    for line, task_id, field in connection.execute(_UNKNOWN):
        problems.add(line, f"{field}: there is no task {task_id}")
    if problems.found:
        problems.refuse()
    tasks: int = connection.execute("SELECT count(*) FROM staged_keys").fetchone()[0]
    shape = Shape(tasks, connection.execute(_PAIRS))
    _require_no_cycle(connection, shape, problems, "depend on each other, and no loop is declared: ")
    outside = _loops(connection, shape, problems)
    if outside:
        linked = Shape(tasks, [*shape.pairs(), *outside])
        _require_no_cycle(connection, linked, problems, "wait for the ends of loops that cross each other: ")
    if problems.found:
        problems.refuse()


def _require_no_cycle(connection: sqlite3.Connection, shape: Shape, problems: Problems, what: str) -> None:
    circle = shape.cycle()
    if not circle:
        return
    query = "SELECT line, id FROM staged JOIN staged_keys USING (line) WHERE number = ?"
    found = [connection.execute(query, (number + 1,)).fetchone() for number in circle]
    names = [name for _, name in found]
    shown = " -> ".join([*names[:_NAMES_SHOWN], "…" if len(names) > _NAMES_SHOWN else names[0]])
    problems.add(min(line for line, _ in found), f"tasks {what}{shown}")
    problems.refuse()


def _loops(connection: sqlite3.Connection, shape: Shape, problems: Problems) -> list[tuple[int, int]]:
    """Stage the members of each loop. Returns who waits for the end of which, depending on a task inside."""
    outside = set()
    for line, name, tail, head in connection.execute(_LOOPS).fetchall():
        inside = shape.between(head, tail) if head is not None else set()
        if not inside:
            problems.add(line, f"loop: this task must depend on {name}, in the same file, directly or through others")
        connection.executemany(
            "INSERT INTO staged_members SELECT line, ? FROM staged_keys WHERE number = ?",
            [(line, member + 1) for member in sorted(inside)],
        )
        dependents = {each for member in inside - {tail} for each in shape.dependents(member)}
        outside |= {(each, tail) for each in dependents - inside}
    return sorted(outside)
