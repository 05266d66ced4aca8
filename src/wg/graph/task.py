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
EXECUTORS = ("claude", "codex", "nex")  # the agents: what the providers of a config lead to
CONTEXTS = ("clean", "task", "graph", "full")  # each tells what the one before it tells, and more
# what a task may wait for: another task's status, a time, a message, a person's approval, a change of a file
CONDITIONS = ("task", "timer", "message", "human", "file")
DIRECTORY, READ_ONLY = "directory", "read-only"  # the project directory; a worktree whose changes are not taken
WORKPLACES = (DIRECTORY, READ_ONLY)
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
    reason: str  # why it failed, waits or was abandoned; of an open task, why its last attempt failed
    note: str  # why it is ready and yet not being started, or ""
    unmet: int  # dependencies that are not done yet
    created_at: float
    started_at: float | None
    completed_at: float | None
    claimed_by: str = ""  # the person who works on it, or ""
    failures: int = 0  # attempts in a row that failed for a reason of the task; `wg retry` begins anew
    superseded_by: str = ""  # the id of the task that took its place when it was abandoned, or ""
    priority: int = NORMAL  # ready tasks start in order of it, the highest first
    not_before: float | None = None  # no attempt is made before that time
    max_attempts: int | None = None  # None for the config's
    visibility: str = VISIBILITIES[0]  # whom it may be shown to
    executor: str = ""  # `--executor`: only this kind of agent may run it, or ""
    approval: bool = False  # a person must approve what was done before it is merged
    rejections: int = 0  # how often a person has said no
    context: str = ""  # how much its prompt tells of the graph: one of CONTEXTS, or "" for the config's
    workplace: str = ""  # where an agent works: one of WORKPLACES, or "" for a worktree of its own
    extra: str = ""  # what an import could not express otherwise: a JSON object, or ""
    unread: int = 0  # messages that no agent of the task has got
    resting_until: float = 0.0  # after a failed attempt, no other one is made before that time
    counted_from: int = 0  # the last attempt (its fence) before `wg retry` began anew
    fresh: bool = False  # its next attempt starts over, in a new worktree
    conflicts: int = 0  # how often its work went back to an agent because it did not fit together with the base


class Kind(NamedTuple):
    """What tasks have in common that run alike, or that the same thing keeps from running."""

    model: str
    tier: str
    executor: str
    workplace: str
    has_exec: bool
    note: str


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
    unread: int = 0
    resting_until: float = 0.0

    @property
    def starts_at(self) -> float:
        """The time before which it is not started, in seconds since the epoch."""
        return max(self.not_before or 0.0, self.resting_until)


class Neighbour(NamedTuple):
    """A task at the other end of a dependency."""

    id: str
    status: str
    title: str
    implied: bool = False  # it only waits for the end of a loop, because it depends on a task inside of it


class Loop(NamedTuple):
    """Tasks that run again: when `tail` is done, all from `head` to it are opened again, unless the loop is over."""

    tail: str  # the id of its last task
    head: str  # the id of its first one, on which the tail depends, directly or through others; or the tail itself
    max_iterations: int | None  # so many runs in all; None: without end
    guard: str = ""  # "ID=STATUS": it only runs again while that task has that status; "" for always
    delay: float = 0.0  # seconds until the next run may begin
    iteration: int = 1  # which run this is
    converged: bool = False  # this run is the last one


class Condition(NamedTuple):
    """What a waiting task waits for."""

    kind: str  # one of CONDITIONS
    subject: str  # task: its id; file: the path, absolute or from the project's root; else ""
    value: str  # task: the status; timer: the time; message: the last one's number; file: its state at that time


class Waiting(NamedTuple):
    """A task that waits for conditions. `met` says of each whether it holds; None where the store cannot tell."""

    task: str
    any_of: bool  # one of them is enough
    conditions: tuple[Condition, ...]
    met: tuple[bool | None, ...]


class Message(NamedTuple):
    """Something said to whoever works on a task."""

    seq: int  # increases over the whole store
    at: float  # seconds since the epoch
    sender: str
    body: str
    unread: bool  # the reader in question has not got it yet


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
    executor: str = ""
    approval: bool = False
    context: str = ""
    workplace: str = ""
    extra: str = ""
    loop: Loop | None = None  # the loop that ends with it; its `tail` is not looked at
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
    skills: tuple[str, ...] = ()  # all of them
    claimed_by: str = ""  # the person who works on it
    title: str = ""  # a part of the title, its letters a to z in either case


SORTS = ("created", "priority", "id", "status", "title", "started", "completed")


class Order(NamedTuple):
    """How a list is sorted (tasks that are alike: by creation), and how many at its beginning are left out."""

    by: str = SORTS[0]
    reverse: bool = False
    offset: int = 0


CREATION = Order()


class LogEntry(NamedTuple):
    """One line of a task's log."""

    at: float
    actor: str
    message: str
