"""Attempts in SQL, and what their end does to their task. Each function runs in the caller's transaction."""

from __future__ import annotations

import sqlite3

from wg.errors import NotFoundError, WgError
from wg.graph import events, lifecycle, loops, rows, tasks, texts, transitions, waits
from wg.graph.attempt import Attempt, Kill, Outcome, ProcessIdentity, RouteRecord, Settlement, Workplace
from wg.graph.task import Condition


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


def latest(connection: sqlite3.Connection, limit: int) -> list[Attempt]:
    """The last `limit` attempts, the newest first; all if it is negative."""
    found = connection.execute(f"{rows.ATTEMPT} ORDER BY fence DESC LIMIT ?", (limit,))
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
    decision = transitions.decide(connection, key, lifecycle.CLAIMED, now=now)
    if isinstance(decision, lifecycle.Refusal):
        return None
    fence = connection.execute(
        "INSERT INTO attempts (task, state, executor, model, source, config_path, config_digest, profile,"
        " timeout, claimed_at, launch_deadline, fresh)"
        " SELECT key, 'claimed', ?, ?, ?, ?, ?, ?, ?, ?, ?, fresh FROM tasks WHERE key = ?",
        (*map(texts.storable, route), timeout, now, launch_deadline, key),
    ).lastrowid
    assert fence is not None
    transitions.apply(connection, key, decision, now=now, actor=events.DISPATCHER, attempt=fence)
    return get(connection, fence)


def prepare(connection: sqlite3.Connection, fence: int, workplace: Workplace) -> bool:
    """Store where the attempt works, while it may still be started."""
    if not _may_start(connection, fence):
        return False
    connection.execute(
        "UPDATE attempts SET directory = ?, branch = ?, base_branch = ?, base_commit = ?, read_only = ?, merging = ?"
        " WHERE fence = ?",
        (*workplace, fence),
    )
    return True


def start(connection: sqlite3.Connection, fence: int, identity: ProcessIdentity, now: float) -> bool:
    """claimed -> running."""
    key, _ = _task_and_state(connection, fence)
    if not _may_start(connection, fence):
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
            " session_id = ?, input_tokens = ?, cached_tokens = ?, output_tokens = ?, cost = ?, ended_at = ?,"
            " resets_at = ?"
            " WHERE fence = ?",
            (
                outcome.exit_code,
                outcome.succeeded,
                outcome.failure_class,
                message,
                texts.storable(outcome.session_id),
                *outcome.usage,
                outcome.ended_at,
                outcome.resets_at,
                fence,
            ),
        )
    kind = events.ENDED if accepted else events.ENDED_LATE
    late = "" if accepted else message
    events.record(connection, kind, task=key, now=now, actor=events.agent(fence), attempt=fence, message=late)
    return accepted


def report(
    connection: sqlite3.Connection, fence: int, result: str, reason: str, now: float, *, converged: bool = False
) -> bool:
    """The agent's claim, "done", "fail" or "wait"; the last one counts. Late ones are an event only (F7)."""
    key, state = _task_and_state(connection, fence)
    accepted = state in ("claimed", "running")
    if accepted:
        connection.execute(
            "UPDATE attempts SET claim = ?, claim_reason = ?, converged = ? WHERE fence = ?",
            (result, reason, converged, fence),
        )
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


def wait(
    connection: sqlite3.Connection,
    fence: int,
    conditions: tuple[Condition, ...],
    reason: str,
    now: float,
    *,
    any_of: bool,
) -> bool:
    """The agent's claim that its task has to wait once it has ended. Late ones are an event only (F7)."""
    key, state = _task_and_state(connection, fence)
    if state in ("claimed", "running"):
        waits.store(connection, key, conditions, any_of=any_of)
    return report(connection, fence, "wait", reason, now)


def kill(connection: sqlite3.Connection, fence: int, wish: Kill, now: float) -> bool:
    """Store that a person wants the attempt ended. The last wish counts; there is none for what waits for a person."""
    key, state = _task_and_state(connection, fence)
    held = connection.execute("SELECT hold FROM attempts WHERE fence = ?", (fence,)).fetchone()[0]
    if state not in ("claimed", "running", "ended") or held:
        return False
    connection.execute("UPDATE attempts SET kill = ?, killed_by = ?, kill_reason = ? WHERE fence = ?", (*wish, fence))
    data = events.json_object(connection, "then", wish.then)
    events.record(
        connection, events.KILLED, task=key, now=now, actor=wish.by, attempt=fence, message=wish.reason, data=data
    )
    return True


def hold(connection: sqlite3.Connection, fence: int, reason: str, now: float, kind: str) -> bool:
    """The task of an `ended` attempt waits. The same reason again changes nothing: merges are tried often."""
    key, state = _task_and_state(connection, fence)
    if state != "ended":
        return False
    connection.execute("UPDATE attempts SET hold = ? WHERE fence = ? AND hold <> ?", (kind, fence, kind))
    decision = transitions.decide(connection, key, lifecycle.HELD, now=now)
    if isinstance(decision, lifecycle.Refusal):
        return False
    if decision.before == "waiting" and transitions.reason_of(connection, key) == reason:
        return True
    transitions.apply(
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
    decision = transitions.decide(connection, key, settlement.event, now=now)
    if settlement.event == lifecycle.SUCCEEDED and _says_converged(connection, fence):
        loops.converge(connection, key)
    _close(connection, fence, settlement.verdict)
    if settlement.failure:
        connection.execute("UPDATE attempts SET failure_class = ? WHERE fence = ?", (settlement.failure, fence))
    if settlement.merging:
        connection.execute("UPDATE attempts SET merging = ? WHERE fence = ?", (settlement.merging, fence))
        connection.execute("UPDATE tasks SET conflicts = conflicts + 1 WHERE key = ?", (key,))
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
    transitions.apply(
        connection,
        key,
        decision,
        now=now,
        actor=events.DISPATCHER,
        attempt=fence,
        reason=settlement.reason,
    )
    connection.execute("UPDATE tasks SET resting_until = ? WHERE key = ?", (settlement.rest_until, key))
    return True


def give_up(connection: sqlite3.Connection, key: int, verdict: str) -> None:
    """Close the attempts of a task that somebody has given up by hand."""
    for (fence,) in connection.execute(
        "SELECT fence FROM attempts WHERE task = ? AND state <> 'settled'", (key,)
    ).fetchall():
        _close(connection, fence, verdict)


def _says_converged(connection: sqlite3.Connection, fence: int) -> bool:
    found = connection.execute("SELECT 1 FROM attempts WHERE fence = ? AND converged = 1 AND claim = 'done'", (fence,))
    return found.fetchone() is not None


def _may_start(connection: sqlite3.Connection, fence: int) -> bool:
    """Whether it is `claimed`, and nobody wants it ended."""
    _, state = _task_and_state(connection, fence)
    killed = connection.execute("SELECT kill FROM attempts WHERE fence = ?", (fence,)).fetchone()[0]
    return state == "claimed" and not killed


def _close(connection: sqlite3.Connection, fence: int, verdict: str) -> None:
    connection.execute(
        "UPDATE attempts SET state = 'settled', verdict = ?, hold = '' WHERE fence = ?",
        (texts.storable(verdict), fence),
    )


def _task_and_state(connection: sqlite3.Connection, fence: int) -> tuple[int, str]:
    row = connection.execute("SELECT task, state FROM attempts WHERE fence = ?", (fence,)).fetchone()
    if row is None:
        raise _not_found(fence)
    key, state = row
    return key, state


def _not_found(fence: int) -> NotFoundError:
    return NotFoundError(f"there is no attempt {fence} in this project", "wg show ID lists a task's attempts")
