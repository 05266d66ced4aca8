"""`wg show`: one task in full."""

from __future__ import annotations

import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store, task_named
from wg.graph.attempt import Attempt, Outcome
from wg.graph.events import agent
from wg.graph.messages import AGENTS
from wg.graph.store import Store
from wg.graph.task import (
    DIRECTORY,
    NORMAL,
    PRIORITIES,
    READ_ONLY,
    VISIBILITIES,
    LogEntry,
    Loop,
    Message,
    Neighbour,
    Task,
    Waiting,
)
from wg.records import TYPE_CHECKING, NamedTuple
from wg.text import duration, printable
from wg.views.line import log_line, loop_line

if TYPE_CHECKING:
    import argparse

_LOG_LINES = 50
_WORKPLACES = {DIRECTORY: "the project directory", READ_ONLY: "a worktree whose changes are not taken"}


def parser() -> Parser:
    """The command line of `wg show`."""
    made = command(
        "show", f"Show a task, its dependencies, its attempts, and the last {_LOG_LINES} lines of its log.", run
    )
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    return made


class _Shown(NamedTuple):
    task: Task
    labels: dict[str, list[str]]
    dependencies: list[Neighbour]
    dependents: list[Neighbour]
    loops: list[Loop]
    waiting: Waiting | None
    messages: list[Message]
    attempts: list[Attempt]
    log: list[LogEntry]


def run(arguments: argparse.Namespace) -> int:
    """Print the task."""
    with open_store(arguments) as store:
        shown = _read(store, task_named(store, arguments.id))
    if arguments.json:
        print(_as_json(shown))
        return 0
    lines = _facts(shown)
    if shown.task.description:
        lines += ["", "Description:", *_indented(shown.task.description)]
    lines += _neighbours("Depends on:", shown.dependencies) + _neighbours("Required by:", shown.dependents)
    if shown.attempts:
        lines += ["", "Attempts:"]
        for attempt in shown.attempts:
            lines += _attempt(attempt)
    if shown.log:
        lines += ["", "Log:"]
        lines += [f"  {log_line(*entry)}" for entry in shown.log]
    print("\n".join(lines))
    return 0


def _read(store: Store, task_id: str) -> _Shown:
    return _Shown(
        store.task(task_id),
        store.labels(task_id),
        store.dependencies(task_id),
        store.dependents(task_id),
        store.loops_around(task_id),
        store.waiting_of(task_id, time.time()),
        store.messages(task_id, AGENTS),
        store.attempts_of(task_id),
        store.log_entries(task_id, _LOG_LINES),
    )


def _facts(shown: _Shown) -> list[str]:
    task = shown.task
    facts = [
        ("Task", task.id),
        ("Title", task.title),
        ("Status", status_line(task)),
        ("Reason", task.reason),
        ("Superseded by", task.superseded_by),
        ("Failures", str(task.failures) if task.failures else ""),
        ("Not started", task.note),
        ("Priority", _priority(task.priority)),
        ("Not before", _time(task.not_before)),
        *((f"{kind.capitalize()}s", ", ".join(values)) for kind, values in shown.labels.items()),
        ("Visibility", task.visibility if task.visibility != VISIBILITIES[0] else ""),
        ("Model", task.model),
        ("Tier", task.tier),
        ("Executor", task.executor),
        ("Context", task.context),
        ("Workplace", _WORKPLACES.get(task.workplace, task.workplace)),
        ("Approval", "a person must approve it before it is merged" if task.approval else ""),
        ("Command", task.exec),
        ("Check", task.check),
        *(("Loop", loop_line(loop)) for loop in shown.loops),
        ("Messages", _messages(shown.messages)),
        ("Evidence", "" if task.needs_work else "none needed"),
        ("Time limit", duration(task.timeout) if task.timeout is not None else ""),
        ("Attempts at most", str(task.max_attempts) if task.max_attempts else ""),
        ("Created", _time(task.created_at)),
        ("Started", _time(task.started_at)),
        ("Completed", _time(task.completed_at)),
    ]
    return [f"{name}: {printable(value)}" for name, value in facts if value]


def status_line(task: Task) -> str:
    """The status, and what an open task waits for."""
    remarks = []
    if task.paused:
        remarks.append("paused")
    if task.claimed_by:
        remarks.append(f"claimed by {task.claimed_by}")
    if task.status == "open" and task.unmet:
        remarks.append(f"blocked by {task.unmet}")
    elif task.status == "open" and task.not_before is not None and task.not_before > time.time():
        remarks.append(f"not before {_time(task.not_before)}")
    elif task.status == "open" and task.resting_until > time.time():
        remarks.append(f"tried again at {_time(task.resting_until)}")
    elif task.status == "open" and not task.paused:
        remarks.append("ready")
    return f"{task.status} ({', '.join(remarks)})" if remarks else task.status


def _messages(messages: list[Message]) -> str:
    unread = sum(message.unread for message in messages)
    remark = f" ({unread} not read by an agent yet)" if unread else ""
    return f"{len(messages)}{remark}" if messages else ""


def _priority(number: int) -> str:
    names = [name for name, value in PRIORITIES.items() if value == number]
    return "" if number == NORMAL else (names or [str(number)])[0]


def _neighbours(heading: str, tasks: list[Neighbour]) -> list[str]:
    if not tasks:
        return []
    return ["", heading, *(f"  - {_neighbour(task)}" for task in tasks)]


def _neighbour(task: Neighbour) -> str:
    remark = ", the end of a loop that it depends on" if task.implied else ""
    return f"{task.id} ({task.status}{remark}) {printable(task.title)}"


def _attempt(attempt: Attempt) -> list[str]:
    route, place, process = attempt.route, attempt.workplace, attempt.supervisor
    facts = [
        ("route", f"{route.executor} {route.model}".strip()),
        ("from", route.source),
        ("config", f"{route.config_path} (sha256 {route.config_digest}, profile {route.profile})"),
        ("directory", place.directory if place else ""),
        ("branch", f"{place.branch} from {place.base_branch} at {place.base_commit}" if place and place.branch else ""),
        ("process", f"{process.pid} on {process.host}" if process and attempt.state == "running" else ""),
        ("claimed", _time(attempt.claimed_at)),
        ("to be ended", _wish(attempt)),
        ("agent says", f"{attempt.claim}{': ' if attempt.claim_reason else ''}{attempt.claim_reason}"),
    ]
    if attempt.outcome:
        facts += _outcome(attempt.outcome)
    lines = [f"  {agent(attempt.fence)} {attempt.state}{': ' if attempt.verdict else ''}{printable(attempt.verdict)}"]
    return lines + [f"    {name}: {printable(value)}" for name, value in facts if value]


def _wish(attempt: Attempt) -> str:
    wish = attempt.kill
    if wish is None or attempt.state == "settled":
        return ""
    return f"by {wish.by}{': ' if wish.reason else ''}{wish.reason}"


def _outcome(outcome: Outcome) -> list[tuple[str, str]]:
    usage = outcome.usage
    tokens = f"{usage.input_tokens} in ({usage.cached_tokens} cached), {usage.output_tokens} out"
    code = "never started" if outcome.exit_code is None else f"exit {outcome.exit_code}"
    return [
        ("ended", f"{_time(outcome.ended_at)} {code}{', ' if outcome.failure_class else ''}{outcome.failure_class}"),
        ("limit ends", _time(outcome.resets_at)),
        ("message", _first_line(outcome.message)),
        ("session", outcome.session_id),
        ("tokens", tokens if usage.input_tokens or usage.output_tokens else ""),
        ("cost", f"${usage.cost:.4f}" if usage.cost is not None else ""),
    ]


def _first_line(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    return f"{first} …" if rest else first


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in printable(text, multiline=True).split("\n")]


def _time(seconds: float | None) -> str:
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _as_json(shown: _Shown) -> str:
    import json  # only where it is asked for

    return json.dumps(
        {
            **shown.task._asdict(),
            **{f"{kind}s": values for kind, values in shown.labels.items()},
            "depends_on": [each._asdict() for each in shown.dependencies],
            "required_by": [each._asdict() for each in shown.dependents],
            "loops": [each._asdict() for each in shown.loops],
            "waits_for": _waiting_object(shown.waiting),
            "messages": [each._asdict() for each in shown.messages],
            "attempts": [whole_attempt(each) for each in shown.attempts],
            "log": [each._asdict() for each in shown.log],
        }
    )


def _waiting_object(waiting: Waiting | None) -> dict[str, object] | None:
    if waiting is None:
        return None
    conditions = [
        {**condition._asdict(), "met": met} for condition, met in zip(waiting.conditions, waiting.met, strict=True)
    ]
    return {"any": waiting.any_of, "conditions": conditions}


def whole_attempt(attempt: Attempt) -> dict[str, object]:
    """All of an attempt, as --json prints it."""
    found = attempt._asdict()
    found["agent"] = agent(attempt.fence)
    for name in ("route", "workplace", "supervisor", "outcome", "kill"):
        if found[name] is not None:
            found[name] = found[name]._asdict()
    if attempt.outcome:
        found["outcome"]["usage"] = attempt.outcome.usage._asdict()
    return found
