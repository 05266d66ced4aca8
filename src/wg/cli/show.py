"""`wg show`: one task in full."""

from __future__ import annotations

import argparse
import time

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store, task_named
from wg.graph.attempt import Attempt, Outcome
from wg.graph.events import agent
from wg.graph.task import NORMAL, PRIORITIES, VISIBILITIES, LogEntry, Neighbour, Task
from wg.text import duration, printable

_LOG_LINES = 50


def parser() -> Parser:
    """The command line of `wg show`."""
    made = command(
        "show", f"Show a task, its dependencies, its attempts, and the last {_LOG_LINES} lines of its log.", run
    )
    made.add_argument("id", metavar="ID", nargs="?", help="the task; its first letters do, if no other begins so")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the task."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        task = store.task(task_id)
        dependencies = store.dependencies(task_id)
        dependents = store.dependents(task_id)
        attempts = store.attempts_of(task_id)
        log = store.log_entries(task_id, _LOG_LINES)
        labels = store.labels(task_id)
    if arguments.json:
        print(_as_json(task, labels, dependencies, dependents, attempts, log))
        return 0
    lines = _facts(task, labels)
    if task.description:
        lines += ["", "Description:", *_indented(task.description)]
    lines += _neighbours("Depends on:", dependencies) + _neighbours("Required by:", dependents)
    if attempts:
        lines += ["", "Attempts:"]
        for attempt in attempts:
            lines += _attempt(attempt)
    if log:
        lines += ["", "Log:"]
        lines += [f"  {log_line(entry)}" for entry in log]
    print("\n".join(lines))
    return 0


def log_line(entry: LogEntry) -> str:
    """An entry of a log, as `wg show` and `wg log` print it; lines after its first are set in: none can be forged."""
    message = printable(entry.message, multiline=True).replace("\n", "\n    ")
    return f"{_time(entry.at)} {message} [{printable(entry.actor)}]"


def _facts(task: Task, labels: dict[str, list[str]]) -> list[str]:
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
        *((f"{kind.capitalize()}s", ", ".join(values)) for kind, values in labels.items()),
        ("Visibility", task.visibility if task.visibility != VISIBILITIES[0] else ""),
        ("Model", task.model),
        ("Tier", task.tier),
        ("Command", task.exec),
        ("Check", task.check),
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
    elif task.status == "open" and not task.paused:
        remarks.append("ready")
    return f"{task.status} ({', '.join(remarks)})" if remarks else task.status


def _priority(number: int) -> str:
    names = [name for name, value in PRIORITIES.items() if value == number]
    return "" if number == NORMAL else (names or [str(number)])[0]


def _neighbours(heading: str, tasks: list[Neighbour]) -> list[str]:
    if not tasks:
        return []
    return ["", heading, *(f"  - {task.id} ({task.status}) {printable(task.title)}" for task in tasks)]


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
        ("agent says", f"{attempt.claim}{': ' if attempt.claim_reason else ''}{attempt.claim_reason}"),
    ]
    if attempt.outcome:
        facts += _outcome(attempt.outcome)
    lines = [f"  {agent(attempt.fence)} {attempt.state}{': ' if attempt.verdict else ''}{printable(attempt.verdict)}"]
    return lines + [f"    {name}: {printable(value)}" for name, value in facts if value]


def _outcome(outcome: Outcome) -> list[tuple[str, str]]:
    usage = outcome.usage
    tokens = f"{usage.input_tokens} in ({usage.cached_tokens} cached), {usage.output_tokens} out"
    code = "never started" if outcome.exit_code is None else f"exit {outcome.exit_code}"
    return [
        ("ended", f"{_time(outcome.ended_at)} {code}{', ' if outcome.failure_class else ''}{outcome.failure_class}"),
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


def _as_json(
    task: Task,
    labels: dict[str, list[str]],
    dependencies: list[Neighbour],
    dependents: list[Neighbour],
    attempts: list[Attempt],
    log: list[LogEntry],
) -> str:
    import json  # only where it is asked for

    return json.dumps(
        {
            **task._asdict(),
            **{f"{kind}s": values for kind, values in labels.items()},
            "depends_on": [each._asdict() for each in dependencies],
            "required_by": [each._asdict() for each in dependents],
            "attempts": [_attempt_object(each) for each in attempts],
            "log": [each._asdict() for each in log],
        }
    )


def _attempt_object(attempt: Attempt) -> dict[str, object]:
    found = attempt._asdict()
    found["agent"] = agent(attempt.fence)
    for name in ("route", "workplace", "supervisor", "outcome"):
        if found[name] is not None:
            found[name] = found[name]._asdict()
    if attempt.outcome:
        found["outcome"]["usage"] = attempt.outcome.usage._asdict()
    return found
