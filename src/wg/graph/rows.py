"""From rows of SQLite to records."""

from __future__ import annotations

from wg.graph.attempt import Attempt, Outcome, ProcessIdentity, RouteRecord, Usage, Workplace
from wg.graph.task import Summary, Task
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Row = tuple[Any, ...]

TASK = """SELECT id, title, status, description, paused, model, tier, exec, check_command,
    needs_work, timeout, reason, note, unmet, created_at, started_at, completed_at,
    claimed_by, failures, superseded_by, priority, not_before, max_attempts, visibility
    FROM tasks JOIN bodies ON bodies.task = tasks.key"""
SUMMARY = """SELECT id, title, status, paused, unmet, reason, note, created_at, claimed_by, priority, not_before
    FROM tasks"""
ATTEMPT = """SELECT fence, tasks.id, state,
    executor, attempts.model, source, config_path, config_digest, profile,
    directory, branch, base_branch, base_commit,
    host, boot_id, pid, process_started,
    attempts.timeout, claimed_at, launch_deadline, claim, claim_reason,
    exit_code, succeeded, failure_class, message, session_id,
    input_tokens, cached_tokens, output_tokens, cost, ended_at,
    verdict
    FROM attempts JOIN tasks ON tasks.key = attempts.task"""


def task(row: Row) -> Task:
    """A row of TASK."""
    made = Task(*row)
    return made._replace(paused=bool(made.paused), needs_work=bool(made.needs_work))


def summary(row: Row) -> Summary:
    """A row of SUMMARY."""
    made = Summary(*row)
    return made._replace(paused=bool(made.paused))


def attempt(row: Row) -> Attempt:
    """A row of ATTEMPT. What is not known yet is NULL in all columns of its record."""
    fence, task_id, state = row[:3]
    route = RouteRecord(*row[3:9])
    workplace = Workplace(*row[9:13]) if row[9] is not None else None
    supervisor = ProcessIdentity(*row[13:17]) if row[13] is not None else None
    timeout, claimed_at, launch_deadline, claim, claim_reason = row[17:22]
    return Attempt(
        fence,
        task_id,
        state,
        route,
        workplace,
        supervisor,
        timeout,
        claimed_at,
        launch_deadline,
        claim,
        claim_reason,
        _outcome(row[22:32]),
        row[32],
    )


def _outcome(row: Row) -> Outcome | None:
    exit_code, succeeded, failure_class, message, session_id, sent, cached, received, cost, ended_at = row
    if succeeded is None:
        return None
    usage = Usage(sent, cached, received, cost)
    return Outcome(exit_code, bool(succeeded), failure_class, message, session_id, usage, ended_at)
