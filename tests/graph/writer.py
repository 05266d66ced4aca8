"""A process that writes to a store and prints what is done: python -m tests.graph.writer PATH WHAT NAME COUNT."""

from __future__ import annotations

import sys

from tests.graph.records import ROUTE, run_to_end
from wg.errors import BusyError, WgError
from wg.graph.attempt import Settlement
from wg.graph.store import Store
from wg.graph.task import NewTask


def add(store: Store, name: str, count: int) -> None:
    """Add, log and finish tasks of its own."""
    for number in range(count):
        task_id = store.add(NewTask("same title"), 1.0, name).id
        store.log(task_id, f"{name} {number}", 2.0, name)
        store.person_done(task_id, 3.0, name)
        print(task_id, flush=True)


def claim(store: Store, name: str, count: int) -> None:
    """Claim whatever is ready; every process goes for the same tasks."""
    for task in store.ready(count):
        if store.claim(task.id, ROUTE, 60.0, 1.0, 2.0):
            print(task.id, flush=True)


def mixed(store: Store, name: str, count: int) -> None:
    """Add, log and finish tasks of its own, after a common one; claim by hand what everybody goes for."""
    for number in range(count):
        task_id = store.add(NewTask("same title", after=("common",), paused=True), 1.0, name).id
        store.log(task_id, f"{name} {number}", 2.0, name)
        store.remove_dependency(task_id, "common", 3.0, name)
        store.person_done(task_id, 4.0, name)
        print(f"done:{task_id}", flush=True)
        try:
            store.person_claim(f"shared-{number}", 5.0, name)
        except BusyError:
            raise
        except WgError:
            continue  # somebody else was first
        print(f"claimed:shared-{number}", flush=True)


def work(store: Store, name: str, count: int) -> None:
    """Run whole attempts, one after the other."""
    for _ in range(count):
        task_id = store.add(NewTask("work"), 1.0, name).id
        fence = run_to_end(store, task_id)
        store.settle(fence, Settlement("succeeded", "", ""), 5.0)
        print(task_id, flush=True)


if __name__ == "__main__":
    _, path, what, name, count = sys.argv
    with Store.open(path) as opened:
        {"add": add, "claim": claim, "mixed": mixed, "work": work}[what](opened, name, int(count))
