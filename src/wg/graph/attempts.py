"""Attempts in SQL, and what their end does to their task. Each function runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import NotFoundError, WgError
from wg.graph import events, lifecycle, rows, tasks, texts
from wg.graph.attempt import Attempt, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace


def get(connection: sqlite3.Connection, fence: int) -> Attempt:
    """One attempt."""
    row = connection.execute(f"{rows.ATTEMPT} WHERE fence = ?", (fence,)).fetchone()
    if row is None:
        raise _not_found(fence)
    return rows.attempt(row)


def in_states(connection: sqlite3.Connection, states: tuple[str, ...]) -> list[Attempt]:
    """Attempts in these states, or all, oldest first."""
    where = f" WHERE state IN ({', '.join('?' * len(states))})" if states else ""
    return [rows.attempt(row) for row in connection.execute(f"{rows.ATTEMPT}{where} ORDER BY fence", states)]


def of_task(connection: sqlite3.Connection, key: int) -> list[Attempt]:
    """The attempts of a task, oldest first."""
    found = connection.execute(f"{rows.ATTEMPT} WHERE attempts.task = ? ORDER BY fence", (key,))
    return [rows.attempt(row) for row in found]


def claim(
    connection: sqlite3.Connection,
    task_id: str,
    route: RouteRecord,
    timeout: float,
    now: float,
    launch_deadline: float,
) -> Attempt | None:
    """Make an attempt and move its task, if it is still ready."""
    key = tasks.key_of(connection, task_id)
    decision = tasks.decide(connection, key, lifecycle.CLAIMED, now=now)
    if isinstance(decision, lifecycle.Refusal):
        return None
    fence = connection.execute(
        "INSERT INTO attempts (task, state, executor, model, source, config_path, config_digest, profile,"
        " timeout, claimed_at, launch_deadline) VALUES (?, 'claimed', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (key, *map(texts.storable, route), timeout, now, launch_deadline),
    ).lastrowid
    assert fence is not None
    tasks.apply(connection, key, decision, now=now, actor=events.DISPATCHER, attempt=fence)
    return get(connection, fence)


def prepare(connection: sqlite3.Connection, fence: int, workplace: Workplace) -> bool:
    """Store where the attempt works, while it is `claimed`."""
    _, state = _task_and_state(connection, fence)
    if state != "claimed":
        return False
    connection.execute(
        "UPDATE attempts SET directory = ?, branch = ?, base_branch = ?, base_commit = ? WHERE fence = ?",
        (*workplace, fence),
    )
    return True


def start(connection: sqlite3.Connection, fence: int, identity: ProcessIdentity, now: float) -> bool:
    """claimed -> running."""
    key, state = _task_and_state(connection, fence)
    if state != "claimed":
        return False
    connection.execute(
        "UPDATE attempts SET state = 'running', host = ?, boot_id = ?, pid = ?, process_started = ? WHERE fence = ?",
        (*identity, fence),
    )
    events.record(connection, events.STARTED, task=key, now=now, actor=events.agent(fence), attempt=fence)
    return True


def end(connection: sqlite3.Connection, fence: int, outcome: Outcome, now: float) -> bool:
    """claimed or running -> ended. Its texts are an agent's output: cleaned, never refused."""
    key, state = _task_and_state(connection, fence)
    accepted = state in ("claimed", "running")
    message = texts.storable(outcome.message)
    if accepted:
        connection.execute(
            "UPDATE attempts SET state = 'ended', exit_code = ?, succeeded = ?, failure_class = ?, message = ?,"
            " session_id = ?, input_tokens = ?, cached_tokens = ?, output_tokens = ?, cost = ?, ended_at = ?"
            " WHERE fence = ?",
            (
                outcome.exit_code,
                outcome.succeeded,
                outcome.failure_class,
                message,
                texts.storable(outcome.session_id),
                *outcome.usage,
                outcome.ended_at,
                fence,
            ),
        )
    kind = events.ENDED if accepted else events.ENDED_LATE
    late = "" if accepted else message
    events.record(connection, kind, task=key, now=now, actor=events.agent(fence), attempt=fence, message=late)
    return accepted


def report(connection: sqlite3.Connection, fence: int, result: str, reason: str, now: float) -> bool:
    """The agent's claim, "done" or "fail"; the last one counts. Late ones are an event only (F7)."""
    key, state = _task_and_state(connection, fence)
    accepted = state in ("claimed", "running")
    if accepted:
        connection.execute("UPDATE attempts SET claim = ?, claim_reason = ? WHERE fence = ?", (result, reason, fence))
    kind = events.REPORTED if accepted else events.REPORTED_LATE
    data = events.json_object(connection, "result", result)
    events.record(
        connection,
        kind,
        task=key,
        now=now,
        actor=events.agent(fence),
        attempt=fence,
        message=reason,
        data=data,
    )
    return accepted


def hold(connection: sqlite3.Connection, fence: int, reason: str, now: float) -> bool:
    """The task of an `ended` attempt waits. The same reason again changes nothing: merges are tried often."""
    key, state = _task_and_state(connection, fence)
    if state != "ended":
        return False
    decision = tasks.decide(connection, key, lifecycle.HELD, now=now)
    if isinstance(decision, lifecycle.Refusal):
        return False
    if decision.before == "waiting" and tasks.reason_of(connection, key) == reason:
        return True
    tasks.apply(
        connection,
        key,
        decision,
        now=now,
        actor=events.DISPATCHER,
        attempt=fence,
        reason=reason,
    )
    return True


def settle(connection: sqlite3.Connection, fence: int, settlement: Settlement, now: float) -> bool:
    """Close the attempt and move its task, unless that has moved on: then only an event says so."""
    key, state = _task_and_state(connection, fence)
    if state == "settled":
        return False
    if settlement.event == lifecycle.SUCCEEDED and state != "ended":
        raise WgError(f"attempt {fence} is {state}: only one that has ended can succeed")
    decision = tasks.decide(connection, key, settlement.event, now=now)
    _close(connection, fence, settlement.verdict)
    if isinstance(decision, lifecycle.Refusal):
        events.record(
            connection,
            events.SETTLED_LATE,
            task=key,
            now=now,
            actor=events.DISPATCHER,
            attempt=fence,
            message=decision.message,
        )
        return True
    tasks.apply(
        connection,
        key,
        decision,
        now=now,
        actor=events.DISPATCHER,
        attempt=fence,
        reason=settlement.reason,
    )
    return True


def give_up(connection: sqlite3.Connection, key: int, actor: str) -> None:
    """Close the attempts of a task that somebody has given up by hand."""
    for (fence,) in connection.execute(
        "SELECT fence FROM attempts WHERE task = ? AND state <> 'settled'", (key,)
    ).fetchall():
        _close(connection, fence, f"given up by {actor}")


def _close(connection: sqlite3.Connection, fence: int, verdict: str) -> None:
    connection.execute(
        "UPDATE attempts SET state = 'settled', verdict = ? WHERE fence = ?", (texts.storable(verdict), fence)
    )


def _task_and_state(connection: sqlite3.Connection, fence: int) -> tuple[int, str]:
    row = connection.execute("SELECT task, state FROM attempts WHERE fence = ?", (fence,)).fetchone()
    if row is None:
        raise _not_found(fence)
    key, state = row
    return key, state


def _not_found(fence: int) -> NotFoundError:
    return NotFoundError(f"there is no attempt {fence} in this project", "wg show ID lists a task's attempts")
