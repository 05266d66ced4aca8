"""What the original's eleven statuses are here, and which tasks must not run before a person has looked at them."""

from __future__ import annotations

from typing import Any, Protocol

from wg.graph import events
from wg.graph.conditions import of_file
from wg.graph.interchange import values
from wg.graph.interchange.lines import Object
from wg.graph.interchange.outline import Outline
from wg.graph.task import STATUSES, Condition
from wg.records import NamedTuple

STATUS = {
    "open": "open",
    "in-progress": "open",  # claimed by a person it stays in progress; an agent has to start anew
    "waiting": "waiting",
    "done": "done",
    "blocked": "open",  # that is computed here
    "failed": "failed",
    "abandoned": "abandoned",
    "pending-validation": "open",
    "pending-eval": "open",
    "failed-pending-eval": "open",
    "incomplete": "open",
    "pending-review": "done",
}
_ACCEPT = "its work is done, but not accepted: wg done accepts it, wg resume has it done again"
_UNJUDGED = {"pending-validation": _ACCEPT, "pending-eval": _ACCEPT}


class Judgement(NamedTuple):
    """How a task stands."""

    before: str  # its status in the original
    status: str
    claimed_by: str = ""
    waits: tuple[Condition, ...] = ()
    any_of: bool = False
    pausing: tuple[str, ...] = ()  # why it is paused, beside what the original says


class Fields(Protocol):
    """What is needed of the task's fields."""

    name: str
    left: Object

    def drop(self, name: str) -> None:
        """The field is expressed."""


def judge(fields: Fields, shape: Outline, root: str) -> Judgement:
    """How the task stands here; what that says of its fields is dropped. Raises ValueError for an unknown status."""
    before = fields.left.get("status", "open")
    if before not in STATUS:
        raise ValueError(f"status: {before!r} is none of the original's")
    made = Judgement(before, STATUS[before])
    assigned = fields.left.get("assigned")
    if before == "in-progress" and isinstance(assigned, str) and assigned and not events.is_agent(assigned):
        made = made._replace(status=before, claimed_by=values.text(assigned))
        fields.drop("assigned")
    if before == "waiting":
        made = _waiting(made, fields, shape, root)
    if made.status == before:
        fields.drop("status")
    if made.status in ("open", "waiting"):
        made = made._replace(pausing=(*made.pausing, *_reasons(fields, shape, before)))
    return made


def _reasons(fields: Fields, shape: Outline, before: str) -> list[str]:
    """Why the task must not simply run."""
    found = []
    if before in _UNJUDGED:
        found.append(_UNJUDGED[before])
    if fields.name in shape.held:
        found.append(f"it depends on what is not here: {', '.join(shape.held[fields.name])}")
    if fields.left.get("cron_enabled") or fields.left.get("cron_schedule"):
        found.append("it is to run at fixed times, which cannot be said here")
    if fields.name.startswith("."):
        found.append("the original made it for itself, and its command may be the original's")
    return found


def _waiting(made: Judgement, fields: Fields, shape: Outline, root: str) -> Judgement:
    """It goes on waiting if all that it waits for can be said here."""
    wanted: Any = fields.left.get("wait_condition")
    try:
        listed = wanted["conditions"]
        conditions = tuple(_condition(each, shape, root) for each in listed)
        mode = values.one_of("all", "any")(wanted.get("mode", "all"))
    except (KeyError, TypeError, AttributeError, ValueError):
        conditions, mode = (), ""
    if not conditions:
        return made._replace(status="open", pausing=("it waited for something that cannot be said here",))
    fields.drop("wait_condition")
    return made._replace(waits=conditions, any_of=mode == "any")


def _condition(value: Object, shape: Outline, root: str) -> Condition:
    """Raises one of several errors for what cannot be said."""
    kind = value["type"]
    if kind == "task-status":
        return Condition("task", shape.names[value["task_id"]], values.one_of(*STATUSES)(value["status"]))
    if kind == "timer":
        return Condition("timer", "", repr(values.moment(value["resume_after"])))
    if kind == "message":
        return Condition("message", "", "0")
    if kind == "human-input":
        return Condition("human", "", "")
    if kind == "file-changed":
        return of_file(values.text(value["path"]), root)
    raise ValueError(kind)
