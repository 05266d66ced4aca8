"""The tables, as ordered migrations with a ledger of those that have been applied."""

from __future__ import annotations

import sqlite3

from wg.errors import WgError

_TASKS_ATTEMPTS_EVENTS = """
CREATE TABLE tasks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    paused INTEGER NOT NULL,
    unmet INTEGER NOT NULL CHECK (unmet >= 0),
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    needs_work INTEGER NOT NULL,
    timeout REAL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    completed_at REAL
);
-- the one index for readiness, lists by status and counts: beside a second one the planner picks wrongly
CREATE INDEX tasks_by_readiness ON tasks (status, paused, unmet, key);

CREATE TABLE bodies (
    task INTEGER PRIMARY KEY REFERENCES tasks (key),
    description TEXT NOT NULL,
    exec TEXT NOT NULL,
    check_command TEXT NOT NULL
);

CREATE TABLE edges (
    task INTEGER NOT NULL REFERENCES tasks (key),
    dependency INTEGER NOT NULL REFERENCES tasks (key),
    PRIMARY KEY (task, dependency)
) WITHOUT ROWID;
CREATE INDEX edges_by_dependency ON edges (dependency, task);

CREATE TABLE attempts (
    fence INTEGER PRIMARY KEY AUTOINCREMENT,
    task INTEGER NOT NULL REFERENCES tasks (key),
    state TEXT NOT NULL,
    executor TEXT NOT NULL,
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    config_path TEXT NOT NULL,
    config_digest TEXT NOT NULL,
    profile TEXT NOT NULL,
    timeout REAL NOT NULL,
    claimed_at REAL NOT NULL,
    launch_deadline REAL NOT NULL,
    directory TEXT,
    branch TEXT,
    base_branch TEXT,
    base_commit TEXT,
    host TEXT,
    boot_id TEXT,
    pid INTEGER,
    process_started TEXT,
    claim TEXT NOT NULL DEFAULT '',
    claim_reason TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    succeeded INTEGER,
    failure_class TEXT,
    message TEXT,
    session_id TEXT,
    input_tokens INTEGER,
    cached_tokens INTEGER,
    output_tokens INTEGER,
    cost REAL,
    ended_at REAL,
    verdict TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attempts_by_state ON attempts (state);
CREATE INDEX attempts_by_task ON attempts (task);
-- no task ever has two attempts that are not over
CREATE UNIQUE INDEX attempts_not_over ON attempts (task) WHERE state <> 'settled';

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    task INTEGER REFERENCES tasks (key),
    attempt INTEGER REFERENCES attempts (fence),
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX events_by_task ON events (task, type, seq);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    at REAL NOT NULL
);

CREATE TABLE dispatcher (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    state TEXT NOT NULL
);
INSERT INTO dispatcher VALUES (1, '');
"""

_BY_HAND = """
ALTER TABLE tasks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN superseded_by TEXT NOT NULL DEFAULT ''; -- an id: those never change
"""

_PRIORITY_TIMES_LABELS = """
ALTER TABLE tasks ADD COLUMN priority INTEGER NOT NULL DEFAULT 10;
ALTER TABLE tasks ADD COLUMN not_before REAL;
ALTER TABLE tasks ADD COLUMN max_attempts INTEGER;
ALTER TABLE bodies ADD COLUMN visibility TEXT NOT NULL DEFAULT 'internal';
DROP INDEX tasks_by_readiness;
-- the one index for readiness, lists by status and counts: beside a second one the planner picks wrongly
CREATE INDEX tasks_by_readiness ON tasks (status, paused, unmet, priority DESC, key, not_before);

CREATE TABLE labels (
    task INTEGER NOT NULL REFERENCES tasks (key),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (task, kind, value)
) WITHOUT ROWID;
CREATE INDEX labels_by_value ON labels (kind, value, task);
"""

_LOOPS_WAITS_MESSAGES = """
ALTER TABLE tasks ADD COLUMN executor TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN rejections INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN unread INTEGER NOT NULL DEFAULT 0; -- messages that no agent of the task has got
ALTER TABLE tasks ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN workplace TEXT NOT NULL DEFAULT '';
ALTER TABLE bodies ADD COLUMN extra TEXT NOT NULL DEFAULT ''; -- a JSON object, or nothing
ALTER TABLE attempts ADD COLUMN hold TEXT NOT NULL DEFAULT ''; -- one of attempt.HOLDS while its task waits for that
ALTER TABLE attempts ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN converged INTEGER NOT NULL DEFAULT 0;
-- a task outside of a loop that depends on a task inside waits for the loop's end: that edge is implied
ALTER TABLE edges ADD COLUMN implied INTEGER NOT NULL DEFAULT 0;

-- the edge from a loop's last task back to its first one; edges themselves have no cycle
CREATE TABLE loops (
    tail INTEGER PRIMARY KEY REFERENCES tasks (key),
    head INTEGER NOT NULL REFERENCES tasks (key),
    max_iterations INTEGER,
    guard TEXT NOT NULL,
    delay REAL NOT NULL,
    iteration INTEGER NOT NULL DEFAULT 1,
    converged INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE loop_members (
    task INTEGER NOT NULL REFERENCES tasks (key),
    loop INTEGER NOT NULL REFERENCES loops (tail),
    PRIMARY KEY (task, loop)
) WITHOUT ROWID;
CREATE INDEX loop_members_by_loop ON loop_members (loop, task);

CREATE TABLE waits (
    task INTEGER NOT NULL REFERENCES tasks (key),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL,
    any_of INTEGER NOT NULL,
    PRIMARY KEY (task, position)
) WITHOUT ROWID;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task INTEGER NOT NULL REFERENCES tasks (key),
    at REAL NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX messages_by_task ON messages (task, seq);
CREATE TABLE cursors (
    task INTEGER NOT NULL REFERENCES tasks (key),
    reader TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (task, reader)
) WITHOUT ROWID;
"""

_KILLS_AND_PAUSE = """
ALTER TABLE attempts ADD COLUMN kill TEXT NOT NULL DEFAULT ''; -- '', or one of attempt.KILLS: a person wants its end
ALTER TABLE attempts ADD COLUMN killed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN kill_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE dispatcher ADD COLUMN paused_by TEXT NOT NULL DEFAULT ''; -- '' unless nothing new is to be started
ALTER TABLE dispatcher ADD COLUMN paused_at REAL NOT NULL DEFAULT 0;
"""

_ROUTE_PAUSES = """
ALTER TABLE tasks ADD COLUMN resting_until REAL NOT NULL DEFAULT 0; -- after an attempt that is to be repeated
ALTER TABLE tasks ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0; -- a fence: attempts up to it do not count
ALTER TABLE attempts ADD COLUMN resets_at REAL;
DROP INDEX tasks_by_readiness;
-- the one index for readiness, lists by status and counts: beside a second one the planner picks wrongly
CREATE INDEX tasks_by_readiness ON tasks (status, paused, unmet, priority DESC, key, not_before, resting_until);

CREATE TABLE route_pauses (
    route TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    until REAL NOT NULL,
    since REAL NOT NULL,
    failures INTEGER NOT NULL,
    message TEXT NOT NULL,
    attempt INTEGER NOT NULL REFERENCES attempts (fence),
    config_digest TEXT NOT NULL
) WITHOUT ROWID;
"""

_RETRIES_IN_PLACE = """
ALTER TABLE tasks ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0; -- its next attempt starts over
ALTER TABLE tasks ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0; -- how often a merge went back to its agent
ALTER TABLE attempts ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN merging TEXT NOT NULL DEFAULT ''; -- a commit
"""


# Name and statements; the position in this list, counted from 1, is the version. Entries are only ever appended.
MIGRATIONS: list[tuple[str, str]] = [
    ("tasks_attempts_events", _TASKS_ATTEMPTS_EVENTS),
    ("by_hand", _BY_HAND),
    ("priority_times_labels", _PRIORITY_TIMES_LABELS),
    ("loops_waits_messages", _LOOPS_WAITS_MESSAGES),
    ("kills_and_pause", _KILLS_AND_PAUSE),
    ("route_pauses", _ROUTE_PAUSES),
    ("retries_in_place", _RETRIES_IN_PLACE),
]


def version(connection: sqlite3.Connection, path: str) -> int:
    """The version of the schema at `path`, 0 for an empty database.

    WgError if another program or a newer wg has made it.
    """
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not names:
        return 0
    if "migrations" not in names:
        raise WgError(f"{path} is a database of another program", "move it away, and run: wg init")
    found: int = connection.execute("SELECT coalesce(max(version), 0) FROM migrations").fetchone()[0]
    if found > len(MIGRATIONS):
        raise WgError(
            f"{path} has schema {found}, and this wg knows schemas up to {len(MIGRATIONS)}",
            "a newer wg has written it: upgrade this one",
        )
    return found


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Apply what is missing, inside the caller's write transaction."""
    found = version(connection, path)
    if not found:
        connection.execute(
            "CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
        )
    for number, (name, script) in enumerate(MIGRATIONS[found:], start=found + 1):
        _run_script(connection, script)
        connection.execute("INSERT INTO migrations VALUES (?, ?, datetime('now'))", (number, name))


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """`executescript` would commit the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
