"""Our form of a task as one line of JSON: docs/interchange.md describes it.

Fields stand in the order of FIELDS, and what is as it is without saying so is left out: the same tasks make the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from wg.graph.interchange import times, values
from wg.graph.interchange.lines import Object, Problems, extra_text, objects
from wg.graph.interchange.record import Loop, Message, Record
from wg.graph.task import (
    CONDITIONS,
    CONTEXTS,
    LABELS,
    STATUSES,
    VISIBILITIES,
    WORKPLACES,
    Condition,
    LogEntry,
    Task,
)

# the fields of Task, in the order in which they are written, each with its check
FIELDS: dict[str, values.Check] = {
    "id": values.task_id,
    "title": values.title,
    "status": values.one_of(*STATUSES),
    "paused": values.flag,
    "reason": values.text,
    "claimed_by": values.text,
    "superseded_by": values.task_id,
    "priority": values.count,
    "description": values.text,
    "exec": values.text,
    "check": values.text,
    "model": values.model,
    "tier": values.text,
    "executor": values.text,
    "needs_work": values.flag,
    "approval": values.flag,
    "timeout": values.seconds,
    "max_attempts": values.positive,
    "context": values.one_of(*CONTEXTS),
    "workplace": values.one_of(*WORKPLACES),
    "visibility": values.one_of(*VISIBILITIES),
    "created_at": values.moment,
    "started_at": values.moment,
    "completed_at": values.moment,
    "not_before": values.moment,
    "failures": values.count,
    "rejections": values.count,
}
_TIMES = ("created_at", "started_at", "completed_at", "not_before")
_REQUIRED = ("id", "title", "status", "created_at")
_PLAIN = Task("", "", "", "", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)
_DEFAULTS = {name: getattr(_PLAIN, name) for name in FIELDS if name not in _REQUIRED}
_LABEL_FIELDS = {f"{kind}s": kind for kind in LABELS}
_LOOP: dict[str, values.Check] = {
    "to": values.task_id,
    "max_iterations": values.positive,
    "guard": values.text,
    "delay": values.seconds,
    "iteration": values.positive,
    "converged": values.flag,
}
_CONDITION: dict[str, values.Check] = {
    "kind": values.one_of(*CONDITIONS),
    "subject": values.text,
    "value": values.text,
    "at": values.moment,
}
_LOG: dict[str, values.Check] = {"at": values.moment, "actor": values.text, "message": values.text}
_MESSAGE: dict[str, values.Check] = {"at": values.moment, "sender": values.text, "body": values.text}
# what stands behind the fields of Task
_BESIDE = ("after", "loop", "wait", *_LABEL_FIELDS, "log", "messages", "readers", "extra")


def line(record: Record) -> str:
    """One task as a line of text, with its line end. Raises ValueError if its `extra` is no JSON."""
    task = record.task
    made: Object = {}
    for name in FIELDS:
        value = getattr(task, name)
        if name in _DEFAULTS and value == _DEFAULTS[name]:
            continue
        made[name] = times.written(value) if name in _TIMES else _short(value)
    made["after"] = list(record.after)
    made["loop"] = _loop_object(record.loop) if record.loop else {}
    made["wait"] = _wait_object(record)
    for name, kind in _LABEL_FIELDS.items():
        made[name] = [value for other, value in record.labels if other == kind]
    made["log"] = [{**entry._asdict(), "at": times.written(entry.at)} for entry in record.log]
    made["messages"] = [{**message._asdict(), "at": times.written(message.at)} for message in record.messages]
    made["readers"] = dict(record.readers)
    made["extra"] = json.loads(task.extra) if task.extra else {}
    for name in _BESIDE:
        if not made[name]:
            del made[name]
    return _one_line(json.dumps(made, ensure_ascii=False, separators=(",", ":")))


def records(file: BinaryIO, problems: Problems) -> Iterator[Record]:
    """The tasks of a file of ours; what cannot be read is a problem."""
    for number, found in objects(file, problems, comments=False):
        try:
            yield record(found, number)
        except ValueError as error:
            problems.add(number, str(error))


def record(found: Object, number: int) -> Record:
    """The task that a line says. Raises ValueError saying what is wrong with it."""
    if "kind" in found:
        raise ValueError("this line is of the original's form, and the first line is not")
    given = {name: value for name, value in found.items() if value is not None}
    for name in _REQUIRED:
        if name not in given:
            raise ValueError(f"lacks {name}")
    own = {name: _checked(given, name, check) for name, check in FIELDS.items() if name in given}
    labels = [
        (kind, value)
        for name, kind in _LABEL_FIELDS.items()
        for value in _checked(given, name, values.list_of(values.label(kind)), ())
    ]
    waits, any_of = _checked(given, "wait", _wait, ((), False))
    made = Record(
        _PLAIN._replace(**own, extra=_extra(given)),
        after=_checked(given, "after", _after, ()),
        loop=_checked(given, "loop", _loop),
        waits=waits,
        any_of=any_of,
        labels=tuple(sorted(set(labels))),
        log=tuple(LogEntry(**each) for each in _list(given, "log", _LOG)),
        messages=tuple(Message(**each) for each in _list(given, "messages", _MESSAGE)),
        readers=_checked(given, "readers", _readers, ()),
        line=number,
    )
    _require_sense(made)
    return made


def _require_sense(record: Record) -> None:
    """ValueError for a status that nothing here can go on from."""
    task = record.task
    if task.status == "pending-eval":
        raise ValueError("status: pending-eval needs the attempt that is evaluated, and those are not imported")
    if (task.status == "in-progress") != bool(task.claimed_by):
        raise ValueError("status: in-progress and claimed_by (the person who works on it) need each other")
    if (task.status == "waiting") != bool(record.waits):
        raise ValueError("status: waiting and wait (what for) need each other")
    if any(number > len(record.messages) for _, number in record.readers):
        raise ValueError("readers: somebody has got more messages than there are")
    if any(each.kind == "message" and int(each.value) > len(record.messages) for each in record.waits):
        raise ValueError("wait: it counts more messages than there are")


def _checked(given: Object, name: str, check: values.Check, missing: Any = None) -> Any:
    if name not in given:
        return missing
    try:
        return check(given[name])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _list(given: Object, name: str, checks: dict[str, values.Check]) -> list[Object]:
    one = values.list_of(lambda value: values.fields(value, checks, tuple(checks)))
    return list(_checked(given, name, one, ()))


def _after(value: object) -> tuple[str, ...]:
    found = values.list_of(values.task_id)(value)
    if len(set(found)) != len(found):
        raise ValueError("names a task twice")
    return tuple(sorted(found))


def _loop(value: object) -> Loop:
    found = values.fields(value, _LOOP, ("to",))
    guard = found.get("guard", "")
    if guard:
        task_id, _, status = guard.partition("=")
        values.task_id(task_id)
        values.one_of(*STATUSES)(status)
    return Loop(found.pop("to"), **found)


def _wait(value: object) -> tuple[tuple[Condition, ...], bool]:
    found = values.fields(
        value, {"mode": values.one_of("all", "any"), "conditions": values.list_of(_condition)}, ("mode", "conditions")
    )
    if not found["conditions"]:
        raise ValueError("conditions: there is none")
    return found["conditions"], found["mode"] == "any"


def _condition(value: object) -> Condition:
    found = values.fields(value, _CONDITION, ("kind",))
    kind, subject, text = found["kind"], found.get("subject", ""), found.get("value", "")
    if kind == "task":
        values.task_id(subject)
        values.one_of(*STATUSES)(text)
    elif kind == "file" and not subject:
        raise ValueError("subject: the path of the file is missing")
    elif kind == "timer":
        if "at" not in found:
            raise ValueError("at: the time is missing")
        text = repr(found["at"])
    elif kind == "message":
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(values.LARGEST))):
            raise ValueError("value: must be the number of messages that there were")
        text = str(int(text))
    return Condition(kind, subject, text)


def _readers(value: object) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return tuple(sorted((values.text(reader), values.positive(number)) for reader, number in value.items()))


def _extra(given: Object) -> str:
    """`extra`, and with it the fields of the line that are none of ours."""
    kept = given.get("extra", {})
    if not isinstance(kept, dict):
        raise ValueError("extra: must be an object")
    unknown = {name: value for name, value in given.items() if name not in FIELDS and name not in _BESIDE}
    twice = kept.keys() & unknown.keys()
    if twice:
        raise ValueError(f"{min(twice)!r} stands in extra and beside it")
    return extra_text({**kept, **unknown})


def _loop_object(loop: Loop) -> Object:
    plain = Loop("")
    changed = {name: _short(value) for name, value in loop._asdict().items() if value != getattr(plain, name)}
    return {"to": changed.pop("head"), **changed}


def _wait_object(record: Record) -> Object:
    if not record.waits:
        return {}
    return {"mode": "any" if record.any_of else "all", "conditions": [_condition_object(each) for each in record.waits]}


def _condition_object(condition: Condition) -> Object:
    if condition.kind == "timer":
        return {"kind": "timer", "at": times.written(float(condition.value))}
    return {name: value for name, value in condition._asdict().items() if value}


def _short(value: object) -> object:
    """A number without a fraction is written as one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _one_line(text: str) -> str:
    """With escapes for all that is not printable: some programs end a line there, and terminals do as they are told."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text + "\n"
