"""What must be true when the soak is over: nothing lost, nothing twice, nothing left. Each finding is a sentence."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.service_box import ServiceBox
from tests.soak.plan import Planned
from wg.graph.attempt import Attempt
from wg.graph.relations import Event
from wg.graph.task import Task


class History:
    """All that there is to know, read once: the store, the base branch, and what the agents noted outside."""

    def __init__(self, service: ServiceBox, planned: dict[str, Planned], soak: Path) -> None:
        self.service = service
        self.planned = planned
        self.soak = soak
        with service.store() as store:
            self.tasks: dict[str, Task] = {one.id: store.task(one.id) for one in store.tasks()}
            self.attempts: dict[str, list[Attempt]] = {one: store.attempts_of(one) for one in self.tasks}
            self.events: list[Event] = store.events_after(0)
        self.merges = _merges(service)
        self.base = _base(service)

    def noted(self, kind: str, task_id: str) -> list[str]:
        """Lines that agents noted of that task."""
        path = self.soak / kind / task_id
        return path.read_text().splitlines() if path.exists() else []


def problems(history: History) -> list[str]:
    """Everything that is not as it must be."""
    violations = history.soak / "violations"
    found = violations.read_text().splitlines() if violations.exists() else []
    found += _ends(history)
    found += _merged_once(history)
    found += _work_once(history)
    found += _order(history)
    found += _one_at_a_time(history)
    found += _left(history)
    found += _health(history)
    return found


def _ends(history: History) -> Iterator[str]:
    for task in history.tasks.values():
        expected = "failed" if history.planned[task.id].hopeless else "done"
        if task.status != expected:
            yield f"{task.id} is {task.status}, not {expected}: {task.reason or task.note}"
        if task.status == "failed" and not task.reason:
            yield f"{task.id} has failed without a reason"
        for attempt in history.attempts[task.id]:
            if attempt.state != "settled":
                yield f"attempt {attempt.fence} of {task.id} is {attempt.state}"


def _merged_once(history: History) -> Iterator[str]:
    counts = Counter(task_id for task_id, _ in history.merges)
    for task in history.tasks.values():
        wanted = 1 if task.status == "done" and history.planned[task.id].runs else 0
        if counts[task.id] != wanted:
            yield f"{task.id} is {task.status} and was merged {counts[task.id]} times"
    for task_id, fence in history.merges:
        last = history.attempts[task_id][-1]
        if str(last.fence) != fence or last.outcome is None or not last.outcome.succeeded:
            yield f"{task_id} was merged for attempt {fence}, but attempt {last.fence} ended it"


def _work_once(history: History) -> Iterator[str]:
    """An attempt goes on where the one before it stopped: what any of them wrote is there, and once."""
    for planned in history.planned.values():
        task_id = planned.id
        lines = Counter(history.base.get(f"work/{task_id}.txt", "").split())
        if history.tasks[task_id].status != "done" or not planned.runs:
            if lines:
                yield f"{task_id} is not done, and has work on the base branch"
            continue
        for fence, count in lines.items():
            if count != 1:
                yield f"the line of attempt {fence} of {task_id} is there {count} times"
        for fence in history.noted("wrote", task_id):
            if not lines[fence]:
                yield f"what attempt {fence} of {task_id} wrote is lost"
        if planned.shared:
            count = history.base.get(f"shared/{planned.shared}", "").split().count(task_id)
            if count != 1:
                yield f"the line of {task_id} in the shared file {planned.shared} is there {count} times"


def _order(history: History) -> Iterator[str]:
    """By the history: what a task depends on was done before it was claimed the first time."""
    claimed: dict[str, int] = {}
    done: dict[str, int] = {}
    for event in history.events:
        if event.type != "status" or event.task is None:
            continue
        to = json.loads(event.data)["to"]
        if to == "in-progress":
            claimed.setdefault(event.task, event.seq)
        elif to == "done":
            done.setdefault(event.task, event.seq)
    for planned in history.planned.values():
        for needed in planned.new.after:
            if planned.id in claimed and claimed[planned.id] < done.get(needed, claimed[planned.id] + 1):
                yield f"{planned.id} was claimed before {needed} was done"


def _one_at_a_time(history: History) -> Iterator[str]:
    """By the history: between an attempt's start and its end no other one of its task begins."""
    running: dict[str, int] = {}
    for event in history.events:
        if event.task is None or event.attempt is None:
            continue
        if event.type == "started":
            if event.task in running:
                yield f"attempt {event.attempt} of {event.task} began beside attempt {running[event.task]}"
            running[event.task] = event.attempt
        elif event.type == "ended" and running.get(event.task) == event.attempt:
            del running[event.task]


def leftovers(service: ServiceBox) -> Iterator[str]:
    """Worktrees and branches that are left, and are not kept for the next attempt at a task that has failed."""
    for one in service.box.wg("--json", "worktree", "list").json:
        if one["task"] is None or service.task(one["task"]).status != "failed":
            yield f"the worktree or branch of {one['agent']} ({one['task']}) is left: {one['state']}"


def _left(history: History) -> Iterator[str]:
    for command_line in history.service.box.command_lines():
        yield f"a process is left: {command_line}"
    yield from leftovers(history.service)
    directory = history.service.dir / "worktrees"
    listed = history.service.box.git("worktree", "list", "--porcelain")
    for name in os.listdir(directory) if directory.is_dir() else ():
        if f"worktree {directory / name}\n" not in f"{listed}\n":
            yield f"{directory / name} is no worktree of git's"


def _health(history: History) -> Iterator[str]:
    box = history.service.box
    checked = box.wg("check", code=None)
    if checked.code:
        yield f"wg check: {checked.out}"
    with sqlite3.connect(history.service.dir / "db" / "graph.db") as connection:
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    if integrity != "ok":
        yield f"the database: {integrity}"
    fsck = box.run("git", "fsck", "--no-dangling", "--no-progress", code=None)
    if fsck.code:
        yield f"git fsck: {fsck.out}{fsck.err}"


def _merges(service: ServiceBox) -> list[tuple[str, str]]:
    """(task, attempt) of each merge commit on the base branch."""
    form = "--format=%(trailers:key=Wg-Task,valueonly,separator=)%x09%(trailers:key=Wg-Attempt,valueonly,separator=)"
    lines = service.box.git("log", "--merges", form, "main").splitlines()
    pairs = (line.split("\t") for line in lines)
    return [(task, fence) for task, fence in pairs if task]


def _base(service: ServiceBox) -> dict[str, str]:
    """The files of the base branch that hold the agents' lines."""
    names = service.box.git("ls-tree", "-r", "--name-only", "main", "work", "shared").splitlines()
    return {name: service.box.git("show", f"main:{name}") for name in names if name.endswith(".txt")}
