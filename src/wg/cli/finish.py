"""What `wg done` and `wg fail` share: an agent only claims, a person decides (DESIGN.md, decision 4)."""

from __future__ import annotations

import time

from wg.cli.caller import actor, open_store, own_attempt, task_named
from wg.errors import WgError
from wg.graph.store import Store
from wg.graph.task import Loop
from wg.records import TYPE_CHECKING
from wg.text import duration

if TYPE_CHECKING:
    import argparse


def finish(arguments: argparse.Namespace, result: str, reason: str, *, converged: bool = False) -> int:
    """Finish the task with `result`, "done" or "fail"; `converged` ends the loop around it with this run."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        fence = own_attempt(store, task_id)
        if fence is not None:
            _claim(store, fence, task_id, result, reason, converged=converged)
        elif result == "done":
            store.person_done(task_id, time.time(), actor(), converged=converged)
        else:
            store.person_fail(task_id, reason, time.time(), actor())
        status = store.task(task_id).status
        loop = _loop_begun(store, task_id) if result == "done" and fence is None and status != "done" else None
    if loop and not arguments.json:
        delay = f" in {duration(loop.delay)}" if loop.delay else ""
        print(f"{task_id} is done; run {loop.iteration} of its loop begins with {loop.head}{delay}")
    else:
        _say(arguments, task_id, result, status, claims=fence is not None)
    return 0


def _loop_begun(store: Store, task_id: str) -> Loop | None:
    """The loop whose next run the end of this task has begun, which is why the task is open again."""
    return next((each for each in store.loops_around(task_id) if each.tail == task_id), None)


def _claim(store: Store, fence: int, task_id: str, result: str, reason: str, *, converged: bool) -> None:
    if converged and not store.loops_around(task_id):
        raise WgError(f"{task_id} is part of no loop, so none can converge", f"wg done {task_id} finishes it")
    if not store.claim_result(fence, result, reason, time.time(), converged=converged):
        raise WgError(
            f"attempt {fence} at {task_id} is over, so its {result!r} came too late; the task is unchanged",
            "there is nothing left to do in this attempt: end it",
        )


def _say(arguments: argparse.Namespace, task_id: str, result: str, status: str, *, claims: bool) -> None:
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"id": task_id, "status": status, "claimed": result if claims else ""}))
    elif claims:
        print(f"Recorded: {task_id} {result}. It is judged when this agent has ended.")
    else:
        print(f"{task_id} is {status}")
