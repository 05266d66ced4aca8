"""What agents are doing, for `wg agents` and the commands that name one."""

from __future__ import annotations

import os

from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.output import tail
from wg.errors import NotFoundError
from wg.executors.base import Executor
from wg.executors.events import last_line
from wg.executors.registry import EXECUTORS
from wg.graph import events
from wg.graph.attempt import Attempt, Usage
from wg.graph.store import Store
from wg.locations import Project
from wg.records import NamedTuple

_LONGEST_FENCE = 18  # digits that the store can look up


class Glimpse(NamedTuple):
    """An attempt, and what its files tell of it at the moment."""

    attempt: Attempt
    seconds: float  # since it was claimed, until it ended
    usage: Usage | None  # None where its output does not tell
    usage_is_final: bool  # false: it is at least so much
    last_line: str  # what it last said, as people read it; of one that has ended, what it came to
    silent: float | None  # seconds since it printed anything; None if it does not run


def attempt_named(store: Store, text: str) -> Attempt:
    """The attempt of `agent-N`, else the newest one of a task. NotFoundError if there is none."""
    if events.is_agent(text):
        fence = text.rpartition("-")[2]
        try:
            return store.attempt(int(fence) if len(fence) <= _LONGEST_FENCE else -1)
        except NotFoundError:
            pass  # a task may be called so
    task_id = store.resolve(text)
    attempts = store.attempts_of(task_id)
    if not attempts:
        raise NotFoundError(f"no agent has been started on {task_id}", f"wg why {task_id} says why")
    return attempts[-1]


def glimpse(project: Project, attempt: Attempt, now: float) -> Glimpse:
    """What is to be seen of an attempt. Of its output only the end is read."""
    if attempt.outcome is not None:
        said = attempt.verdict or attempt.outcome.message
        seconds = max(0.0, attempt.outcome.ended_at - attempt.claimed_at)
        return Glimpse(attempt, seconds, attempt.outcome.usage, True, last_line(said), None)
    files = AttemptFiles(project, attempt.fence)
    executor = EXECUTORS[attempt.route.executor]
    lines = tail(files.stdout)
    said = _last_said(executor, lines) or last_line("\n".join(tail(files.stderr)))
    silent = _silence(files, now) if attempt.state == "running" else None
    used = executor.used("\n".join(lines))
    return Glimpse(attempt, max(0.0, now - attempt.claimed_at), used, False, said, silent)


def _last_said(executor: Executor, lines: list[str]) -> str:
    for line in reversed(lines):
        said = last_line(executor.readable(line))
        if said:
            return said
    return ""


def _silence(files: AttemptFiles, now: float) -> float | None:
    """Seconds since the last output; it is shown, and nothing acts on it (fault F5)."""
    moments = [os.stat(path).st_mtime for path in (files.stdout, files.stderr) if os.path.exists(path)]
    return max(0.0, now - max(moments)) if moments else None
