"""Graphs of records as hypothesis makes them: every field, loops, waits, logs, messages."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from wg.graph.interchange.record import Loop, Message, Record
from wg.graph.task import CONTEXTS, LABELS, STATUSES, VISIBILITIES, WORKPLACES, Condition, LogEntry, Task

LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXTS = st.text(LETTERS, max_size=12)
LINES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=9)
IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,6}", fullmatch=True)
# SQLite knows no -0.0
MOMENTS = (st.floats(0.0, 2.0e10) | st.floats(allow_nan=False, allow_infinity=False)).map(lambda moment: moment + 0.0)
SECONDS = st.floats(min_value=0, max_value=1e6) | st.integers(1, 9000).map(float)
MAYBE = st.none()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# all that goes with any status
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "paused": st.booleans(),
    "reason": TEXTS,
    "priority": st.integers(0, 1000),
    "description": TEXTS,
    "exec": TEXTS,
    "check": TEXTS,
    "model": st.just("") | LINES.map(lambda name: f"codex:{name}"),
    "tier": TEXTS,
    "executor": TEXTS,
    "needs_work": st.booleans(),
    "approval": st.booleans(),
    "timeout": MAYBE | SECONDS,
    "max_attempts": MAYBE | st.integers(1, 99),
    "context": st.sampled_from(["", *CONTEXTS]),
    "workplace": st.sampled_from(["", *WORKPLACES]),
    "visibility": st.sampled_from(VISIBILITIES),
    "started_at": MAYBE | MOMENTS,
    "completed_at": MAYBE | MOMENTS,
    "not_before": MAYBE | MOMENTS,
    "failures": st.integers(0, 9),
    "rejections": st.integers(0, 9),
    "extra": st.just("") | st.dictionaries(TEXTS, JSON, min_size=1, max_size=3).map(_json),
}
PLAIN = Task("", "", "open", "", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)


@st.composite
def graphs(draw: st.DrawFn) -> list[Record]:
    """Records sorted by id, each after some that are earlier in a random order."""
    ids = draw(st.lists(IDS, min_size=1, max_size=7, unique=True))
    after: dict[str, tuple[str, ...]] = {}
    records = []
    for number, task_id in enumerate(ids):
        after[task_id] = tuple(sorted(draw(st.sets(st.sampled_from(ids[:number]), max_size=3)))) if number else ()
        records.append(draw(_record(task_id, ids, after)))
    return sorted(records, key=lambda record: record.task.id)


@st.composite
def _record(draw: st.DrawFn, task_id: str, ids: list[str], after: dict[str, tuple[str, ...]]) -> Record:
    status = draw(st.sampled_from([each for each in STATUSES if each != "pending-eval"]))
    changed = draw(st.fixed_dictionaries({}, optional=FIELDS))
    messages = tuple(Message(*each) for each in draw(st.lists(st.tuples(MOMENTS, TEXTS, TEXTS), max_size=3)))
    task = PLAIN._replace(id=task_id, title=draw(LINES), status=status, created_at=draw(MOMENTS), **changed)
    if status == "in-progress":
        task = task._replace(claimed_by=draw(LINES))
    if draw(st.booleans()):
        task = task._replace(superseded_by=draw(st.sampled_from(ids)))
    conditions = st.lists(_condition(ids, len(messages)), min_size=1, max_size=3)
    readers = draw(st.dictionaries(TEXTS, st.integers(1, len(messages)), max_size=2)) if messages else {}
    return Record(
        task,
        after=after[task_id],
        loop=draw(MAYBE | _loop(task_id, ids, after)),
        waits=tuple(draw(conditions)) if status == "waiting" else (),
        any_of=status == "waiting" and draw(st.booleans()),
        labels=tuple(sorted(draw(st.sets(st.tuples(st.sampled_from(LABELS), LINES), max_size=4)))),
        log=tuple(LogEntry(*each) for each in draw(st.lists(st.tuples(MOMENTS, TEXTS, TEXTS), max_size=3))),
        messages=messages,
        readers=tuple(sorted(readers.items())),
    )


@st.composite
def _condition(draw: st.DrawFn, ids: list[str], messages: int) -> Condition:
    kind = draw(st.sampled_from(["task", "timer", "message", "human", "file"]))
    made = {
        "task": Condition(kind, draw(st.sampled_from(ids)), draw(st.sampled_from(STATUSES))),
        "timer": Condition(kind, "", repr(draw(MOMENTS))),
        "message": Condition(kind, "", str(draw(st.integers(0, messages)))),
        "human": Condition(kind, "", ""),
        "file": Condition(kind, draw(LINES), draw(TEXTS)),
    }
    return made[kind]


@st.composite
def _loop(draw: st.DrawFn, tail: str, ids: list[str], after: dict[str, tuple[str, ...]]) -> Loop:
    """A loop from the task back to itself, or to something that it depends on."""
    above, todo = {tail}, [tail]
    while todo:
        new = [each for each in after[todo.pop()] if each not in above]
        above.update(new)
        todo += new
    guard = st.tuples(st.sampled_from(ids), st.sampled_from(STATUSES)).map("=".join)
    return Loop(
        draw(st.sampled_from(sorted(above))),
        draw(MAYBE | st.integers(1, 99)),
        draw(st.just("") | guard),
        draw(st.just(0.0) | SECONDS),
        draw(st.integers(1, 9)),
        draw(st.booleans()),
    )
