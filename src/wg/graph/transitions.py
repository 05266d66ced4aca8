"""From one status to another in SQL, as the lifecycle says. Every function runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import WgError
from wg.graph import events, lifecycle, loops, texts

_DEPENDENTS = "key IN (SELECT task FROM edges WHERE dependency = :key)"
_WRITES = {
    lifecycle.START: "UPDATE tasks SET started_at = :now WHERE key = :key",
    lifecycle.UNSTART: "UPDATE tasks SET started_at = NULL WHERE key = :key",
    lifecycle.FINISH: "UPDATE tasks SET completed_at = :now WHERE key = :key",
    lifecycle.UNFINISH: "UPDATE tasks SET completed_at = NULL WHERE key = :key",
    lifecycle.RELEASE: f"UPDATE tasks SET unmet = unmet - 1 WHERE {_DEPENDENTS}",
    lifecycle.BLOCK: f"UPDATE tasks SET unmet = unmet + 1 WHERE {_DEPENDENTS}",
    lifecycle.COUNT: "UPDATE tasks SET failures = failures + 1 WHERE key = :key",
    lifecycle.FORGET: "UPDATE tasks SET failures = 0, rejections = 0, conflicts = 0, superseded_by = '',"
    " resting_until = 0,"
    " counted_from = (SELECT ifnull(max(fence), 0) FROM attempts) WHERE key = :key",
    lifecycle.RENEW: "UPDATE tasks SET fresh = 1 WHERE key = :key",
    lifecycle.CONTINUE: "UPDATE tasks SET fresh = 0 WHERE key = :key",
    lifecycle.PAUSE: "UPDATE tasks SET paused = 1 WHERE key = :key",
    lifecycle.UNPAUSE: "UPDATE tasks SET paused = 0 WHERE key = :key",
    lifecycle.REFUSE: "UPDATE tasks SET rejections = rejections + 1 WHERE key = :key",
    lifecycle.UNWAIT: "DELETE FROM waits WHERE task = :key",
}
_STANDING = """SELECT id, status, unmet, paused, claimed_by,
    (not_before IS NULL OR not_before <= ?1) AND resting_until <= ?1, rejections,
    EXISTS (SELECT 1 FROM waits WHERE waits.task = tasks.key),
    EXISTS (SELECT 1 FROM waits WHERE waits.task = tasks.key AND kind = 'human'),
    approval OR EXISTS (SELECT 1 FROM bodies WHERE bodies.task = tasks.key AND check_command <> ''),
    coalesce((SELECT hold FROM attempts WHERE attempts.task = tasks.key AND state <> 'settled'), '')
    FROM tasks WHERE key = ?2"""


def decide(
    connection: sqlite3.Connection, key: int, event: str, *, now: float, by_agent: bool = False
) -> lifecycle.Change | lifecycle.Refusal:
    """What the lifecycle says to this event now."""
    task_id, status, unmet, paused, holder, due, rejections, waits, human, gated, hold = connection.execute(
        _STANDING, (now, key)
    ).fetchone()
    standing = lifecycle.Standing(
        task_id,
        status,
        unmet,
        bool(paused),
        holder,
        by_agent,
        bool(due),
        parked=status == "waiting" and bool(waits),
        for_person=status == "waiting" and bool(human),
        gated=bool(gated),
        hold=hold,
        rejections=rejections,
    )
    return lifecycle.decide(standing, event)


def require(
    connection: sqlite3.Connection, key: int, event: str, *, now: float, by_agent: bool = False
) -> lifecycle.Change:
    """What the lifecycle says to this event. WgError where it refuses it."""
    decision = decide(connection, key, event, now=now, by_agent=by_agent)
    if isinstance(decision, lifecycle.Refusal):
        raise WgError(decision.message, decision.hint)
    return decision


def apply(
    connection: sqlite3.Connection,
    key: int,
    change: lifecycle.Change,
    now: float,
    actor: str,
    attempt: int | None = None,
    reason: str = "",
) -> None:
    """Write what `decide` returned: the only place that writes a status. SETTLE is left to the caller.

    What is done may end a run of a loop; the next one begins at once, so that nobody sees the loop's end between.
    """
    reason = texts.storable(reason)
    is_again = change.event in (lifecycle.REPEATED, lifecycle.REQUEUED)
    kept = reason if is_again or change.after in ("waiting", "failed", "abandoned") else ""
    holder = actor if lifecycle.TAKE in change.effects else ""
    connection.execute(
        "UPDATE tasks SET status = ?, reason = ?, note = '', claimed_by = ? WHERE key = ?",
        (change.after, kept, holder, key),
    )
    for effect in change.effects:
        if effect in _WRITES:
            connection.execute(_WRITES[effect], {"key": key, "now": now})
    data = events.json_object(connection, "event", change.event, "from", change.before, "to", change.after)
    events.record(connection, events.STATUS, task=key, now=now, actor=actor, attempt=attempt, message=reason, data=data)
    if change.after == "done":
        _begin_next_run(connection, key, now)


def reason_of(connection: sqlite3.Connection, key: int) -> str:
    """Why the task waits, failed or was abandoned."""
    text: str = connection.execute("SELECT reason FROM tasks WHERE key = ?", (key,)).fetchone()[0]
    return text


def _begin_next_run(connection: sqlite3.Connection, tail: int, now: float) -> None:
    """If a loop ends with this task, and is to run again: open its tasks again."""
    for member in loops.next_run(connection, tail, now):
        decision = decide(connection, member, lifecycle.ITERATED, now=now)
        assert isinstance(decision, lifecycle.Change), "what is done can be opened again"
        apply(connection, member, decision, now, events.DISPATCHER)
