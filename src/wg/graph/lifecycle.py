"""Which status follows which: the one authority over a task's status, pure (DESIGN.md, decision 1)."""

from __future__ import annotations

from wg.graph.task import SATISFYING, TERMINAL
from wg.records import NamedTuple

# What happens to a task. The dispatcher says those down to ITERATED, people the others (agents, too, where no person
# has claimed the task).
CLAIMED = "claimed"  # an attempt was made for it
REQUEUED = "requeued"  # its attempt came to nothing, for no fault of the task
REPEATED = "repeated"  # its attempt failed, and another one is to be made
SUCCEEDED = "succeeded"
FAILED = "failed"
HELD = "held"  # its attempt has ended, but something stands in the way: a merge, or files held back
PARKED = "parked"  # its agent has ended to wait for something
WOKEN = "woken"  # what it waited for has come
ITERATED = "iterated"  # the loop that it is part of runs again
PERSON_DONE = "person-done"
PERSON_FAIL = "person-fail"
ABANDONED = "abandoned"
RETRIED = "retried"  # it failed, and is to be tried again
RESTARTED = "restarted"  # so, and without what its attempts have left
RESET = "reset"  # whatever it came to, it is to be done again
PAUSED = "paused"  # nobody is to start it for now
RESUMED = "resumed"
PERSON_CLAIMED = "person-claimed"  # a person works on it: the dispatcher never takes it away (F28)
UNCLAIMED = "unclaimed"
PERSON_PARKED = "person-parked"  # it is to wait for something
APPROVED = "approved"  # a person is content with what its attempt did
REJECTED = "rejected"  # a person is not
EVENTS = (
    *(CLAIMED, REQUEUED, REPEATED, SUCCEEDED, FAILED, HELD, PARKED, WOKEN, ITERATED),
    *(PERSON_DONE, PERSON_FAIL, ABANDONED, RETRIED, RESTARTED, RESET, PAUSED, RESUMED, PERSON_CLAIMED, UNCLAIMED),
    *(PERSON_PARKED, APPROVED, REJECTED),
)
_OF_ATTEMPTS = (REQUEUED, REPEATED, SUCCEEDED, FAILED, HELD, PARKED)  # what only an attempt's end brings about
REJECTIONS = 3  # so often may a person say no to a task until it fails (fault F13)
APPROVAL = "approval"  # the hold that a person's approval ends

# Effects: what else the store must write in the same transaction.
START = "start"  # started_at is now
UNSTART = "unstart"  # it has not been started
FINISH = "finish"  # completed_at is now
UNFINISH = "unfinish"  # it has not been completed
RELEASE = "release"  # each dependent has one unmet dependency less
BLOCK = "block"  # each dependent has one unmet dependency more
SETTLE = "settle"  # an attempt that was held is over
TAKE = "take"  # the person who says so works on it
COUNT = "count"  # one failure in a row more
FORGET = "forget"  # no attempt so far counts, and nothing has taken its place
PAUSE = "pause"  # the flag is set
UNPAUSE = "unpause"  # the flag is taken away
UNWAIT = "unwait"  # it waits for nothing any more
REFUSE = "refuse"  # one rejection more
RENEW = "renew"  # its next attempt starts over, in a new worktree
CONTINUE = "continue"  # the attempt that begins knows whether it starts over; the one after it goes on from there


class Standing(NamedTuple):
    """What a decision depends on."""

    id: str
    status: str
    unmet: int = 0
    paused: bool = False
    holder: str = ""  # the person who has claimed it
    by_agent: bool = False  # an agent asks, not a person
    due: bool = True  # the time before which it must not be started has come, and it need not rest
    parked: bool = False  # it waits for what it was told to wait for, and no attempt is held
    for_person: bool = False  # some of that is a person's word
    gated: bool = False  # it has a check, or a person must approve what was done
    hold: str = ""  # what its held attempt waits for: one of attempt.HOLDS, or ""
    rejections: int = 0  # how often a person has said no


class Change(NamedTuple):
    """The event is accepted: the task goes from `before` to `after`."""

    event: str
    before: str
    after: str
    effects: tuple[str, ...]


class Refusal(NamedTuple):
    """The event is refused. `name` is for programs, `message` and `hint` for people."""

    name: str
    message: str
    hint: str


_NEXT: dict[tuple[str, str], str] = {
    ("open", CLAIMED): "in-progress",
    ("in-progress", REQUEUED): "open",
    ("in-progress", REPEATED): "open",
    ("in-progress", SUCCEEDED): "done",
    ("in-progress", FAILED): "failed",
    ("in-progress", HELD): "waiting",
    ("waiting", REQUEUED): "open",
    ("waiting", REPEATED): "open",
    ("waiting", SUCCEEDED): "done",
    ("waiting", FAILED): "failed",
    ("waiting", HELD): "waiting",
    ("open", PERSON_DONE): "done",
    ("failed", PERSON_DONE): "done",
    ("open", PERSON_FAIL): "failed",
    ("waiting", PERSON_FAIL): "failed",
    ("open", ABANDONED): "abandoned",
    ("waiting", ABANDONED): "abandoned",
    ("failed", ABANDONED): "abandoned",
    ("failed", RETRIED): "open",
    ("failed", RESTARTED): "open",
    ("done", RESET): "open",
    ("failed", RESET): "open",
    ("abandoned", RESET): "open",
    ("in-progress", PARKED): "waiting",
    ("open", PERSON_PARKED): "waiting",
    ("waiting", WOKEN): "open",
    ("waiting", RESUMED): "open",
    ("waiting", APPROVED): "waiting",
    ("waiting", REJECTED): "open",
    ("done", ITERATED): "open",
    ("open", PAUSED): "open",
    ("open", RESUMED): "open",
    ("open", PERSON_CLAIMED): "in-progress",
    # these only for a task that a person has claimed
    ("in-progress", UNCLAIMED): "open",
    ("in-progress", PERSON_DONE): "done",
    ("in-progress", PERSON_FAIL): "failed",
    ("in-progress", ABANDONED): "abandoned",
}


def decide(task: Standing, event: str) -> Change | Refusal:
    """What `event` (one of EVENTS) makes of `task`."""
    after = _NEXT.get((task.status, event))
    if after is None or not _concerns(task, event):
        return _refusal(task, event)
    if event == REJECTED and (task.parked or task.rejections + 1 >= REJECTIONS):
        after = "failed"
    return _obstacle(task, event) or Change(event, task.status, after, _effects(task.status, after, event))


def _concerns(task: Standing, event: str) -> bool:
    """Whether this event can happen to who or what is at work on the task."""
    if task.status == "in-progress":
        return (event in _OF_ATTEMPTS) != bool(task.holder)
    if task.status == "waiting" and event in (WOKEN, RESUMED):
        return task.parked
    if task.status == "waiting" and event in _OF_ATTEMPTS:
        return not task.parked
    return True


def _obstacle(task: Standing, event: str) -> Refusal | None:
    """What stands in the way of an event that the status alone would allow."""
    if task.by_agent and event == PERSON_CLAIMED:
        return Refusal("not-a-person", f"{task.id} cannot be claimed by an agent", "agents are given their tasks")
    if task.by_agent and task.holder:
        return _held(task)
    if task.by_agent and (event in (APPROVED, REJECTED) or task.for_person or task.hold == APPROVAL):
        return Refusal("not-a-person", f"only a person decides on {task.id}", "ask for it: wg wait --until human")
    if task.by_agent and event == PERSON_DONE and (task.gated or task.paused):
        why = "is a draft" if task.paused else "is judged by a check, or by a person"
        return Refusal("not-a-person", f"{task.id} {why}: only a person says it is done", 'say it with: wg log "…"')
    if event in (APPROVED, REJECTED) and (refused := _no_judge(task)):
        return refused
    if task.paused and event in (CLAIMED, PERSON_CLAIMED):
        return Refusal("paused", f"{task.id} is paused", f"wg resume {task.id} lets it run")
    if task.paused and event == PAUSED:
        return Refusal("already-paused", f"{task.id} is paused already", f"wg resume {task.id} lets it run")
    if task.status == "open" and not task.paused and event == RESUMED:
        return Refusal("not-paused", f"{task.id} is not paused", f"wg show {task.id} says how it stands")
    if task.unmet and event in (CLAIMED, PERSON_CLAIMED, PERSON_DONE):
        return _blocked(task)
    if not task.due and event == CLAIMED:
        return Refusal("not-due", f"{task.id} is to be started later", f"wg show {task.id} says when")
    return None


def _effects(before: str, after: str, event: str) -> tuple[str, ...]:
    follows = {
        START: after == "in-progress",
        UNSTART: after == "open" and before != "open",
        FINISH: after in TERMINAL,
        UNFINISH: before in TERMINAL and after not in TERMINAL,
        RELEASE: after in SATISFYING and before not in SATISFYING,
        BLOCK: before in SATISFYING and after not in SATISFYING,
        SETTLE: before == "waiting" and event in (PERSON_FAIL, ABANDONED, REJECTED),
        TAKE: event == PERSON_CLAIMED,
        COUNT: event in (FAILED, REPEATED),
        FORGET: event in (RETRIED, RESTARTED, RESET, ITERATED),
        RENEW: event in (RESTARTED, RESET, ITERATED),
        CONTINUE: event == CLAIMED,
        PAUSE: event == PAUSED,
        UNPAUSE: event == RESUMED and before == "open",
        UNWAIT: before in ("in-progress", "waiting") and after != "waiting",
        REFUSE: event == REJECTED,
    }
    return tuple(effect for effect, holds in follows.items() if holds)


def _held(task: Standing) -> Refusal:
    return Refusal("claimed", f"{task.id} is claimed by {task.holder}", f"wg unclaim {task.id} gives it back")


def _no_judge(task: Standing) -> Refusal | None:
    """Why nobody can approve or reject now."""
    if not task.parked and task.hold != APPROVAL:
        return Refusal(
            "not-asked", f"{task.id} does not wait for a person's approval", f"wg show {task.id} says what it waits for"
        )
    return None


def _blocked(task: Standing) -> Refusal:
    things = "1 dependency that is" if task.unmet == 1 else f"{task.unmet} dependencies that are"
    return Refusal("blocked", f"{task.id} has {things} not done yet", f"wg show {task.id} lists them")


def _refusal(task: Standing, event: str) -> Refusal:
    look = f"wg show {task.id} says more"
    if task.holder:
        return _held(task)
    if task.status == "in-progress":
        return Refusal(
            "in-progress",
            f"{task.id} is in progress: an agent is working on it",
            f"wait for its attempt to end, or end it: wg kill {task.id}",
        )
    if task.parked:
        return Refusal("waiting", f"{task.id} is waiting for something", f"wg resume {task.id} ends that; {look}")
    if task.status == "waiting":
        return Refusal(
            "waiting",
            f"{task.id} is waiting: its work is there, and not merged yet",
            f"wg show {task.id} says what stands in the way; once that is cleared the dispatcher finishes it "
            f"(to give it up: wg fail {task.id})",
        )
    if task.status == "pending-eval":
        return Refusal("pending-eval", f"{task.id} is being evaluated", look)
    if task.status in TERMINAL:
        said = {"done": "already done", "failed": "already failed", "abandoned": "abandoned"}[task.status]
        again = f"wg {'retry' if task.status == 'failed' else 'reset'} {task.id} opens it again"
        return Refusal(f"already-{task.status}", f"{task.id} is {said}", again)
    return Refusal("not-allowed", f"{task.id} is {task.status}, so it cannot be {event}", look)
