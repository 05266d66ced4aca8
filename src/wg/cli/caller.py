"""Who calls a task command, on which project: a person, or an agent inside an attempt (`WG_ATTEMPT` set)."""

from __future__ import annotations

import os

from wg.errors import UsageError, WgError
from wg.graph import events
from wg.graph.store import Store
from wg.graph.texts import storable
from wg.locations import require_project
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def open_store(arguments: argparse.Namespace) -> Store:
    """The store of the project in force."""
    return Store.open(require_project(arguments.dir).database, brief=True)


def attempt_fence() -> int | None:
    """The fence of the attempt that this process works for, or None for a person."""
    text = os.environ.get("WG_ATTEMPT", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"WG_ATTEMPT is {text!r}, which is no attempt's number", "unset it to act as a person")
    return int(text)


def own_attempt(store: Store, task_id: str) -> int | None:
    """The fence of the attempt that this process works for, if that is at this task."""
    fence = attempt_fence()
    return fence if fence is not None and store.attempt(fence).task_id == task_id else None


def require_person(doing: str) -> None:
    """WgError if an agent calls. `doing` is what agents may not do: "end an agent"."""
    if attempt_fence() is not None:
        raise WgError(f"an agent cannot {doing}: that is for people", 'tell them with: wg log "…"')


def actor() -> str:
    """The name that events are recorded under."""
    fence = attempt_fence()
    if fence is not None:
        return events.agent(fence)
    name = storable(os.environ.get("USER") or os.environ.get("LOGNAME") or "user")
    return f"user-{name}" if events.is_agent(name) else name  # agents' names are theirs alone


def task_named(store: Store, text: str | None) -> str:
    """The id that `text` names; without a text the agent's own task, which an empty text does not mean."""
    if text == "":
        raise UsageError("the id is empty", "a variable in its place may not be set; wg list shows the tasks")
    named = text or os.environ.get("WG_TASK_ID", "")
    if not named:
        raise UsageError("which task?", "name its id; only inside an agent it is known without")
    return store.resolve(named)
