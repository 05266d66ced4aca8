"""What `wg done` and `wg fail` share: an agent only claims, a person decides (DESIGN.md, decision 4)."""

from __future__ import annotations

import argparse
import time

from wg.cli.caller import actor, attempt_fence, open_store, task_named
from wg.errors import WgError
from wg.graph.store import Store


def finish(arguments: argparse.Namespace, result: str, reason: str) -> int:
    """Finish the task with `result`, "done" or "fail"."""
    with open_store(arguments) as store:
        task_id = task_named(store, arguments.id)
        fence = attempt_fence()
        claims = fence is not None and store.attempt(fence).task_id == task_id
        if fence is not None and claims:
            _claim(store, fence, task_id, result, reason)
        elif result == "done":
            store.person_done(task_id, time.time(), actor())
        else:
            store.person_fail(task_id, reason, time.time(), actor())
        status = store.task(task_id).status
    _say(arguments, task_id, result, status, claims=claims)
    return 0


def _claim(store: Store, fence: int, task_id: str, result: str, reason: str) -> None:
    if not store.claim_result(fence, result, reason, time.time()):
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
