"""The soak itself: tasks are fed, agents misbehave, chaos kills, a person looks; then all is drained and judged."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Protocol

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from tests.soak.chaos import Chaos
from tests.soak.person import Person
from tests.soak.plan import Planned, Planner
from tests.soak.verdict import History, leftovers, problems

DRAIN_SECONDS = 240.0  # within which all must be over, once nothing is killed any more; a loaded machine needs some
_LOOK_SECONDS = 0.2
_UNFINISHED = 40  # tasks that there are at a time: so a long soak keeps its graph busy
CONFIG: dict[str, int | str] = {
    "max_agents": 8,
    "poll_interval": 1,
    "retry_delay": "1s",
    "max_attempts": 5,
    "max_attempts_per_hour": 200,
    "conflict_rounds": 50,
}


class Soak(NamedTuple):
    """How it went."""

    figures: str
    problems: list[str]


class Plans(Protocol):
    """Makes one task after the other."""

    planned: dict[str, Planned]

    def next(self) -> Planned: ...


class Rules(NamedTuple):
    """How long, how much, and how hard."""

    seconds: float  # with chaos, or until all tasks are over
    tasks: int | None  # all of which are to get done, also after the chaos; None: as many as there is time for
    seed: int
    kills: float  # seconds between two of them, on average


def soak(box: Box, *, seconds: float, tasks: int | None, seed: int) -> Soak:
    """With scripted agents: chaos for `seconds`, or until `tasks` tasks are over; then the rest, without."""
    service = ServiceBox(box)
    records = make_records(service)
    service.limit("codex", **CONFIG)
    agent = Path(__file__).with_name("agent.py")
    for name in ("codex", "claude"):
        program = service.bin / name
        program.write_text(f"#!/bin/sh\nexec {sys.executable} -I -S {agent} {name}\n")
        program.chmod(0o755)
    return run(service, Planner(seed, str(records)), records, Rules(seconds, tasks, seed, kills=0.5))


def make_records(service: ServiceBox) -> Path:
    """Where agents note what they do, outside of their worktrees: `$SOAK`."""
    records = service.box.root / "soak"
    service.box.env["SOAK"] = str(records)
    for name in ("plans", "locks", "runs", "wrote", "shell"):
        (records / name).mkdir(parents=True)
    return records


def run(service: ServiceBox, plans: Plans, records: Path, rules: Rules) -> Soak:
    """Feed tasks, kill, look after it; then drain and judge."""
    began = time.monotonic()
    own = _leave_the_users_work(service.box)
    chaos, person = Chaos(service, rules.seed, rules.kills), Person(service, plans.planned)
    feeder = Feeder(service, plans, records, rules.tasks)
    feeder.feed(0)
    service.start()
    chaos.start()
    try:
        while time.monotonic() - began < rules.seconds and not feeder.is_over:
            feeder.feed(person.look())
            time.sleep(_LOOK_SECONDS)
    finally:
        chaos.stop()
    drained = time.monotonic()
    found = _drain(service, person, feeder)
    history = History(service, plans.planned, records)
    found += problems(history)
    found += [
        f"the user's own {name} is not what it was" for name, text in own.items() if not _is(service.box, name, text)
    ]
    attempts = sum(map(len, history.attempts.values()))
    figures = (
        f"{len(history.tasks)} tasks, {attempts} attempts, {len(history.merges)} merges; killed: {_told(chaos.kills)};"
        f" a person: {_told(person.deeds)}; {time.monotonic() - began:.0f} s,"
        f" {time.monotonic() - drained:.0f} of them after the last kill (seed {rules.seed})"
    )
    return Soak(figures, found)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "-"


def _leave_the_users_work(box: Box) -> dict[str, str]:
    """Uncommitted files of the user's in the main checkout, one of them tracked."""
    own = {"README": "changed by the user, not committed\n", "mine.txt": "the user's own\n"}
    for name, text in own.items():
        (box.project / name).write_text(text)
    return own


def _is(box: Box, name: str, text: str) -> bool:
    path = box.project / name
    return path.exists() and path.read_bytes() == text.encode()


class Feeder:
    """Adds tasks, so that there are always some that are not over."""

    def __init__(self, service: ServiceBox, plans: Plans, records: Path, tasks: int | None) -> None:
        self.is_over = False  # all are fed, and over
        self._service = service
        self._plans = plans
        self._records = records
        self._tasks = tasks

    def feed(self, unfinished: int) -> None:
        """Add what is missing, `unfinished` tasks being there."""
        count = _UNFINISHED - unfinished
        if self._tasks is not None:
            count = min(count, self._tasks - len(self._plans.planned))
            self.is_over = unfinished == count == 0
        with self._service.store() as store:
            for _ in range(count):
                planned = self._plans.next()
                (self._records / "plans" / planned.id).write_text(json.dumps(_script(planned)))
                store.add(planned.new, time.time(), "soak")

    def drain(self, unfinished: int) -> bool:
        """Whether all is over; feeds what there still is of a given number."""
        if self._tasks is not None:
            self.feed(unfinished)
            return self.is_over
        return unfinished == 0


def _script(planned: Planned) -> dict[str, object]:
    """What the scripted agent reads."""
    return {"runs": planned.runs, "needs": planned.needs, "shared": planned.shared, "seconds": planned.seconds}


def _drain(service: ServiceBox, person: Person, feeder: Feeder) -> list[str]:
    """Until all is over; what is not, within the time, is a finding."""
    try:
        wait_for(lambda: feeder.drain(person.look()), "every task is done, or failed as it should", DRAIN_SECONDS)
        wait_for(lambda: not any(leftovers(service)), "all is removed that nobody needs")
    except AssertionError as error:
        return [str(error)]
    finally:
        service.box.wg("service", "stop", code=None)
    return []
