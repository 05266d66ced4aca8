"""What one attempt at a task is: who ran, on which config, where, and how it ended."""

from __future__ import annotations

from wg.records import NamedTuple

# claimed -> running -> ended -> settled. Only settlement changes the task (DESIGN.md, decision 4).
ATTEMPT_STATES = ("claimed", "running", "ended", "settled")
# what an ended attempt that is held waits for: a person's yes; that files are moved; that a merge becomes possible
HOLDS = ("approval", "files", "merge")


class RouteRecord(NamedTuple):
    """What the resolver said, as stored with the attempt. Plain values: graph knows nothing of config."""

    executor: str  # claude | codex | nex | shell
    model: str  # provider:model, "" for shell
    source: str  # where that came from: "/home/u/.wg/config.toml.codex:31 [models.task_agent].model"
    config_path: str  # the file that was read, links resolved
    config_digest: str  # sha256 of its bytes, hexadecimal
    profile: str  # the active profile's name, or "-"


class Workplace(NamedTuple):
    """Where an attempt works."""

    directory: str  # the agent's working directory, absolute
    branch: str  # wg/<agent>/<task>, or "" where it works in the project directory
    base_branch: str  # the branch it will be merged into, or ""
    base_commit: str  # that branch's tip when the worktree was made, or ""
    read_only: bool = False  # nothing in it is taken: it may be removed with all that is in it
    merging: str = ""  # the commit of the base branch that wg brings in for the agent to resolve conflicts, or ""


class ProcessIdentity(NamedTuple):
    """A process, safe against reuse of its pid (fault F3)."""

    host: str
    boot_id: str  # /proc/sys/kernel/random/boot_id, or the boot time where there is none
    pid: int
    started: str  # start time in the kernel's own unit, as text


class Usage(NamedTuple):
    """What an attempt used, as its CLI reported it. Tokens are counts; cost is US dollars, None if unknown."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None


class Outcome(NamedTuple):
    """How the agent's process ended and what its output says: facts, no judgement on the task."""

    exit_code: int | None  # None: it never started; negative: killed by that signal
    succeeded: bool  # exit 0 and a final event without error (decision 8)
    failure_class: str  # one of `executors.failures.ALL`, or ""
    message: str  # the CLI's own last word: its error, or its final message
    session_id: str
    usage: Usage
    ended_at: float  # seconds since the epoch
    resets_at: float | None = None  # when the limit that it ran into ends, likewise


FAIL, REQUEUE = "fail", "requeue"
KILLS = (FAIL, REQUEUE)


class Kill(NamedTuple):
    """A person wants the attempt ended, whatever it has done so far."""

    then: str  # one of KILLS: what becomes of its task
    by: str
    reason: str  # or ""


class Pause(NamedTuple):
    """Nothing new is to be started, until a person takes that back."""

    by: str
    at: float  # seconds since the epoch


class Attempt(NamedTuple):
    """One attempt. `fence` increases over the whole store; the agent is called `agent-<fence>`."""

    fence: int
    task_id: str
    state: str
    route: RouteRecord
    workplace: Workplace | None  # None until it is prepared
    supervisor: ProcessIdentity | None  # None until it runs
    timeout: float  # seconds
    claimed_at: float  # seconds since the epoch
    launch_deadline: float  # a claim that has not started by then never will (fault F1)
    claim: str  # what the agent said of itself: "" | "done" | "fail" | "wait"
    claim_reason: str
    outcome: Outcome | None
    verdict: str  # what settlement made of it, for people
    hold: str = ""  # one of HOLDS while its task waits for that
    approved: bool = False  # a person is content with it
    kill: Kill | None = None
    fresh: bool = False  # it starts over: it takes no earlier attempt's worktree


class Settlement(NamedTuple):
    """What becomes of the task, now that its attempt is over."""

    event: str  # a lifecycle event: lifecycle.SUCCEEDED, FAILED, REPEATED, REQUEUED or PARKED
    reason: str  # why it failed or goes back, or ""
    verdict: str  # what the attempt came to, for people, and for the next agent
    failure: str = ""  # the failure's class, where only judging the work has shown it
    rest_until: float = 0.0  # before that time (seconds since the epoch) it is not started again
    merging: str = ""  # the commit of the base branch that the next attempt must be brought together with, or ""
