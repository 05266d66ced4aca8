"""Tasks of the original's `graph.jsonl` as records. What has no field here is kept in `extra` under its own name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from wg.graph.conditions import describe_all
from wg.graph.interchange import looping, values
from wg.graph.interchange.judgement import Judgement, judge
from wg.graph.interchange.lines import Object, Problems, extra_text, objects
from wg.graph.interchange.outline import Outline, outline
from wg.graph.interchange.record import Record
from wg.graph.interchange.report import CHANGED, KEPT, PAUSED, Report
from wg.graph.task import CONTEXTS, NORMAL, PRIORITIES, VISIBILITIES, LogEntry, Task
from wg.graph.texts import TITLE_LENGTH
from wg.text import parse_duration

_PLAIN = Task("", "", "open", "", False, "", "", "", "", True, None, "", "", 0, 0.0, None, None)
_LABELS = {"tags": "tag", "skills": "skill", "deliverables": "deliverable", "artifacts": "artifact"}
_STOPPED = (
    "cycle_config: its guard names a task that is not here, or cannot be said here; it is in extra, and the loop does "
    "not run again by itself: wg edit of its last task sets --max-iterations and --guard"
)
_READ_ONLY = ("bare", "light")  # of exec_mode: an agent that changes nothing


class Reading:
    """The fields of one task: those that are taken are expressed as ours, what is left goes into `extra`."""

    def __init__(self, found: Object, line: int, report: Report) -> None:
        self.name: str = found["id"]
        self.line = line
        self.report = report
        self.left = {name: value for name, value in found.items() if name not in ("kind", "id")}
        self.added: Object = {}  # for `extra`, beside what is left

    def take(self, name: str, check: Callable[[Any], Any], missing: Any = None) -> Any:
        """The value of a field as ours; `missing` if it is absent, or cannot be expressed and is left."""
        value = self.left.get(name)
        if value is None:
            return missing
        try:
            made = check(value)
        except ValueError as error:
            self.note(KEPT, f"{name}: {error}")
            return missing
        self.drop(name)
        return made

    def drop(self, name: str) -> None:
        """A field is expressed as one of ours."""
        if self.left.pop(name, None) is not None:
            self.report.field(name, kept=False)

    def note(self, kind: str, text: str) -> None:
        """Something is not as it was."""
        self.report.note(kind, self.line, self.name, text)


def records(
    file: BinaryIO, problems: Problems, report: Report, *, with_system: bool, root: str, now: float
) -> Iterator[Record]:
    """The tasks of a file of the original. `root` is the directory that paths in it start from."""
    shape = outline(file, problems, report, with_system=with_system)
    file.seek(0)
    for line, found in objects(file, problems, comments=True):
        name = found.get("id")
        if found.get("kind") != "task" or name not in shape.nodes or shape.nodes[name].line != line:
            continue
        try:
            yield _record(Reading(found, line, report), shape, root, now)
        except ValueError as error:
            problems.add(line, str(error))


def _record(reading: Reading, shape: Outline, root: str, now: float) -> Record:
    name = reading.name
    judged = judge(reading, shape, root)
    task = _PLAIN._replace(
        id=shape.names[name], title=_title(reading, shape.names[name]), **_texts(reading), **_limits(reading)
    )
    task = _times(reading, task, judged, now)
    paused = bool(reading.take("paused", values.flag, False))
    for reason in judged.pausing:
        reading.note(PAUSED, reason)
    task = task._replace(
        status=judged.status,
        paused=paused or bool(judged.pausing),
        claimed_by=judged.claimed_by,
        reason=_reason(reading, judged),
        superseded_by=_superseded(reading, shape, judged),
    )
    reading.report.status(judged.before, task.status, paused=bool(judged.pausing))
    made = Record(
        task,
        after=tuple(sorted(shape.names[each] for each in shape.after[name])),
        loop=looping.loop_of(name, shape),
        any_of=judged.any_of,
        waits=judged.waits,
        labels=tuple(sorted(set(_labels(reading)))),
        log=tuple(_log(reading)),
        line=reading.line,
    )
    _edges(reading, shape)
    _cycle(reading, shape)
    return made._replace(task=task._replace(extra=_extra(reading, shape)))


def _title(reading: Reading, task_id: str) -> str:
    """In one line that can be printed, and not empty; the whole one is kept if that is another."""
    old = reading.left.get("title")
    if not isinstance(old, str):
        raise ValueError("title: must be a string")
    words = "".join(c if c.isprintable() else " " for c in old).split(" ")
    title = old if old.isprintable() and old.strip() else " ".join(word for word in words if word) or task_id
    title = title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"
    if title == old:
        reading.drop("title")
    else:
        reading.note(CHANGED, "its title is shortened to one line; the whole one is in extra")
    return values.title(title)


def _texts(reading: Reading) -> Object:
    """Description, commands, and who or what is to run it."""
    shell = bool(reading.left.get("exec"))
    found = {
        "description": reading.take("description", values.text, ""),
        "exec": reading.take("exec", values.text, ""),
        "check": reading.take("verify", values.text, ""),
        "model": reading.take("model", values.model, ""),
        "tier": reading.take("tier", values.text, ""),
        "context": reading.take("context_scope", values.one_of(*CONTEXTS), ""),
        "visibility": reading.take("visibility", values.one_of(*VISIBILITIES), VISIBILITIES[0]),
    }
    mode = reading.left.get("exec_mode")
    if mode == "full" or (mode == "shell" and shell):
        reading.drop("exec_mode")
    elif mode in _READ_ONLY:
        found |= {"workplace": "read-only", "needs_work": False}
        reading.note(CHANGED, f"exec_mode {mode} is the workplace read-only here, and no work is asked for as evidence")
    if reading.left.get("validation") == "external":
        found["approval"] = True
        reading.drop("validation")
    return found


def _limits(reading: Reading) -> Object:
    return {
        "priority": reading.take("priority", _priority, NORMAL),
        "timeout": reading.take("timeout", _duration),
        "max_attempts": reading.take("max_retries", values.positive),
    }


def _times(reading: Reading, task: Task, judged: Judgement, now: float) -> Task:
    """An open task has neither been started nor completed; of two times to wait for, the later one counts."""
    over = judged.status in ("done", "failed", "abandoned")
    started = over or judged.status == "in-progress"
    waits = [reading.take(name, values.moment) for name in ("not_before", "ready_after")]
    known = [each for each in waits if each is not None]
    return task._replace(
        created_at=reading.take("created_at", values.moment, now),
        started_at=reading.take("started_at", values.moment) if started else None,
        completed_at=reading.take("completed_at", values.moment) if over else None,
        not_before=max(known) if known else None,
    )


def _reason(reading: Reading, judged: Judgement) -> str:
    if judged.status in ("failed", "abandoned"):
        return str(reading.take("failure_reason", values.text, ""))
    return describe_all(judged.waits, any_of=judged.any_of) if judged.waits else ""


def _superseded(reading: Reading, shape: Outline, judged: Judgement) -> str:
    """The first of the tasks that took its place; if there are more, all are kept beside."""
    named = reading.left.get("superseded_by")
    if judged.status != "abandoned" or not isinstance(named, list) or not named:
        return ""
    if not isinstance(named[0], str) or named[0] not in shape.names:
        return ""
    if len(named) == 1:
        reading.drop("superseded_by")
    else:
        reading.note(KEPT, f"superseded_by: {shape.names[named[0]]}, the first of {len(named)}, counts; all are kept")
    return shape.names[named[0]]


def _labels(reading: Reading) -> Iterator[tuple[str, str]]:
    for field, kind in _LABELS.items():
        for each in reading.take(field, values.list_of(values.label(kind)), ()):
            yield kind, each


def _log(reading: Reading) -> Iterator[LogEntry]:
    """Each entry has one actor here: the users beside the agents are kept, by the number of the entry."""
    users: Object = {}
    for number, (entry, user) in enumerate(reading.take("log", values.list_of(_entry), ())):
        yield entry
        if user:
            users[str(number)] = user
    if users:
        reading.added["log_users"] = users


def _entry(value: object) -> tuple[LogEntry, str]:
    """The entry, and its user if it names an actor beside."""
    if not isinstance(value, dict) or value.keys() - {"timestamp", "actor", "user", "message"}:
        raise ValueError("an entry is not {timestamp, actor, user, message}")
    actor, user = values.text(value.get("actor") or ""), values.text(value.get("user") or "")
    at, message = values.moment(value.get("timestamp")), values.text(value.get("message"))
    return LogEntry(at, actor or user, message), user if actor else ""


def _cycle(reading: Reading, shape: Outline) -> None:
    """Of a cycle_config that has become a loop only what that cannot say is left."""
    if reading.name in shape.looped:
        config = reading.left["cycle_config"]
        left = looping.left_of(config, shape)
        if looping.is_stopped(config, shape):
            reading.note(CHANGED, _STOPPED)
        reading.drop("cycle_config")
        reading.drop("loop_iteration")
        if left:
            reading.left["cycle_config"] = left
    elif "cycle_config" in reading.left:
        reading.note(KEPT, "cycle_config: no task depends on this one in a circle that could be a loop")


def _edges(reading: Reading, shape: Outline) -> None:
    """`after` is expressed; `before` says it once more, from the other side."""
    reading.drop("after")
    reading.drop("blocked_by")
    for field in ("before", "blocks"):
        listed = reading.left.get(field)
        if isinstance(listed, list) and all(reading.name in _after_of(shape, each) for each in listed):
            reading.drop(field)
        elif listed:
            reading.note(KEPT, f"{field}: not all of these depend on it by their own `after`, which is what counts")


def _after_of(shape: Outline, name: object) -> list[str]:
    node = shape.nodes.get(name) if isinstance(name, str) else None
    return node.after if node else []


def _extra(reading: Reading, shape: Outline) -> str:
    name = reading.name
    for field in reading.left:
        reading.report.field(field, kept=True)
    kept = {**reading.left, **reading.added}
    if shape.names[name] != name:
        kept["id"] = name
    if name in shape.held:
        kept["after_elsewhere"] = shape.held[name]
    if name in shape.cut:
        kept["after_in_cycle"] = shape.cut[name]
    required: Any = kept.get("requires")
    if isinstance(required, list):
        known = {each: shape.resources[each] for each in required if each in shape.resources}
        if known:
            kept["resources"] = known
    return extra_text(kept)


def _priority(value: object) -> int:
    if isinstance(value, str) and value in PRIORITIES:
        return PRIORITIES[value]
    return values.count(value)


def _duration(value: object) -> float:
    return parse_duration(values.text(value))
