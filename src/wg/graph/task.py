"""What a task is."""

from __future__ import annotations

from wg.records import NamedTuple

STATUSES = ("open", "in-progress", "waiting", "pending-eval", "done", "failed", "abandoned")
TERMINAL = ("done", "failed", "abandoned")
# what lets a dependent go on: an abandoned dependency no longer stands in the way, a failed one does
SATISFYING = ("done", "abandoned")
NO_LIMIT = -1  # for lists: all of them
FOREVER = float("inf")  # as the time of a question: whatever has to wait for a later time counts, too
PRIORITIES = {"critical": 100, "high": 50, "normal": 10, "low": 5, "idle": 0}
NORMAL = PRIORITIES["normal"]
VISIBILITIES = ("internal", "public", "peer")
LABELS = ("tag", "skill", "deliverable", "artifact")  # what a task has any number of


class Task(NamedTuple):
    """One task as stored. Times are seconds since the epoch, or None; absent texts are ""."""

    id: str
    title: str
    status: str
    description: str
    paused: bool
    model: str  # `--model`: provider:model, or ""
    tier: str  # `--tier`: a name of [tiers], or ""
    exec: str  # `--exec`: the shell command that is the task, or "" where an agent does it
    check: str  # the task's own check command, or ""
    needs_work: bool  # False: "done" needs no commit or artifact as evidence
    timeout: float | None  # seconds for one attempt, or None for the config's
    reason: str  # why it failed, waits or was abandoned
    note: str  # why it is ready and yet not being started, or ""
    unmet: int  # dependencies that are not done yet
    created_at: float
    started_at: float | None
    completed_at: float | None
    claimed_by: str = ""  # the person who works on it, or ""
    failures: int = 0  # attempts that failed in a row; `wg retry` begins anew
    superseded_by: str = ""  # the id of the task that took its place when it was abandoned, or ""
    priority: int = NORMAL  # ready tasks start in order of it, the highest first
    not_before: float | None = None  # no attempt is made before that time
    max_attempts: int | None = None  # None for the config's
    visibility: str = VISIBILITIES[0]  # whom it may be shown to


class Summary(NamedTuple):
    """One line of a list of tasks: what is read without the descriptions."""

    id: str
    title: str
    status: str
    paused: bool
    unmet: int
    reason: str
    note: str
    created_at: float
    claimed_by: str = ""
    priority: int = NORMAL
    not_before: float | None = None


class Neighbour(NamedTuple):
    """A task at the other end of a dependency."""

    id: str
    status: str
    title: str


class NewTask(NamedTuple):
    """What `add` is asked to store. Fields mean what they mean in Task."""

    title: str
    id: str = ""  # "" makes one from the title
    description: str = ""
    after: tuple[str, ...] = ()  # ids of the tasks it depends on
    model: str = ""
    tier: str = ""
    exec: str = ""
    check: str = ""
    needs_work: bool = True
    timeout: float | None = None
    paused: bool = False  # a draft: it waits for `publish`
    priority: int = NORMAL
    not_before: float | None = None
    max_attempts: int | None = None
    visibility: str = VISIBILITIES[0]
    labels: tuple[tuple[str, str], ...] = ()  # (one of LABELS, value)


class Edit(NamedTuple):
    """What `edit` is to change: fields of Task by name, with their new values, and labels (one of LABELS, value)."""

    fields: dict[str, str | float | bool | None]
    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()


class Filter(NamedTuple):
    """Which tasks a list holds: all that the fields that are set ask for."""

    statuses: tuple[str, ...] = ()  # one of them
    tags: tuple[str, ...] = ()  # all of them
    priority: int | None = None


class LogEntry(NamedTuple):
    """One line of a task's log."""

    at: float
    actor: str
    message: str
