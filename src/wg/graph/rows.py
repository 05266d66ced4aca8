"""From rows of SQLite to records."""

from __future__ import annotations

from wg.graph.attempt import Attempt, Kill, Outcome, ProcessIdentity, RouteRecord, Usage, Workplace
from wg.graph.task import Neighbour, Summary, Task
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Row = tuple[Any, ...]

TASK = """SELECT id, title, status, description, paused, model, tier, exec, check_command,
    needs_work, timeout, reason, note, unmet, created_at, started_at, completed_at,
    claimed_by, failures, superseded_by, priority, not_before, max_attempts, visibility,
    executor, approval, rejections, context, workplace, extra, unread, resting_until, counted_from,
    fresh, conflicts
    FROM tasks JOIN bodies ON bodies.task = tasks.key"""
SUMMARY = """SELECT id, title, status, paused, unmet, reason, note, created_at, claimed_by, priority, not_before,
    unread, resting_until
    FROM tasks"""
ATTEMPT = """SELECT fence, tasks.id, state,
    attempts.executor, attempts.model, source, config_path, config_digest, profile,
    directory, branch, base_branch, base_commit,
    host, boot_id, pid, process_started,
    attempts.timeout, claimed_at, launch_deadline, claim, claim_reason,
    exit_code, succeeded, failure_class, message, session_id,
    input_tokens, cached_tokens, output_tokens, cost, ended_at, resets_at,
    verdict, hold, approved, kill, killed_by, kill_reason, attempts.fresh, read_only, merging
    FROM attempts JOIN tasks ON tasks.key = attempts.task"""


def task(row: Row) -> Task:
    """A row of TASK."""
    made = Task(*row)
    return made._replace(
        paused=bool(made.paused),
        needs_work=bool(made.needs_work),
        approval=bool(made.approval),
        fresh=bool(made.fresh),
    )


def summary(row: Row) -> Summary:
    """A row of SUMMARY."""
    made = Summary(*row)
    return made._replace(paused=bool(made.paused))


def neighbour(row: Row) -> Neighbour:
    """id, status, title, implied."""
    return Neighbour(row[0], row[1], row[2], bool(row[3]))


def attempt(row: Row) -> Attempt:
    """A row of ATTEMPT. What is not known yet is NULL in all columns of its record."""
    fence, task_id, state = row[:3]
    route = RouteRecord(*row[3:9])
    directory, branch, base_branch, base_commit = row[9:13]
    workplace = None
    if directory is not None:
        workplace = Workplace(directory, branch, base_branch, base_commit, bool(row[40]), row[41])
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
        _outcome(row[22:33]),
        row[33],
        row[34],
        bool(row[35]),
        Kill(*row[36:39]) if row[36] else None,
        bool(row[39]),
    )


def _outcome(row: Row) -> Outcome | None:
    exit_code, succeeded, failure_class, message, session_id, sent, cached, received, cost, ended_at, resets_at = row
    if succeeded is None:
        return None
    usage = Usage(sent, cached, received, cost)
    return Outcome(exit_code, bool(succeeded), failure_class, message, session_id, usage, ended_at, resets_at)
