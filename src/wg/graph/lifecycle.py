"""Which status follows which: the one authority over a task's status, pure (DESIGN.md, decision 1)."""

from __future__ import annotations

from wg.graph.task import SATISFYING, TERMINAL
from wg.records import NamedTuple

# What happens to a task. The dispatcher says the first five, people the others (agents, too, where no person has
# claimed the task).
CLAIMED = "claimed"  # an attempt was made for it
REQUEUED = "requeued"  # its attempt never started, was lost, or is to be repeated
SUCCEEDED = "succeeded"
FAILED = "failed"
HELD = "held"  # its attempt has ended, but something stands in the way: a merge, or files held back
PERSON_DONE = "person-done"
PERSON_FAIL = "person-fail"
ABANDONED = "abandoned"
RETRIED = "retried"  # it failed, and is to be tried again
RESET = "reset"  # whatever it came to, it is to be done again
PAUSED = "paused"  # nobody is to start it for now
RESUMED = "resumed"
PERSON_CLAIMED = "person-claimed"  # a person works on it: the dispatcher never takes it away (F28)
UNCLAIMED = "unclaimed"
EVENTS = (
    *(CLAIMED, REQUEUED, SUCCEEDED, FAILED, HELD),
    *(PERSON_DONE, PERSON_FAIL, ABANDONED, RETRIED, RESET, PAUSED, RESUMED, PERSON_CLAIMED, UNCLAIMED),
)
_OF_ATTEMPTS = (REQUEUED, SUCCEEDED, FAILED, HELD)  # what only an attempt's end brings about

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
FORGET = "forget"  # no failures in a row, and nothing has taken its place
PAUSE = "pause"  # the flag is set
UNPAUSE = "unpause"  # the flag is taken away


class Standing(NamedTuple):
    """What a decision depends on."""

    id: str
    status: str
    unmet: int = 0
    paused: bool = False
    holder: str = ""  # the person who has claimed it
    by_agent: bool = False  # an agent asks, not a person
    due: bool = True  # the time before which it must not be started has come


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
    ("in-progress", SUCCEEDED): "done",
    ("in-progress", FAILED): "failed",
    ("in-progress", HELD): "waiting",
    ("waiting", REQUEUED): "open",
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
    ("done", RESET): "open",
    ("failed", RESET): "open",
    ("abandoned", RESET): "open",
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
    if after is None or (task.status == "in-progress" and (event in _OF_ATTEMPTS) == bool(task.holder)):
        return _refusal(task, event)
    return _obstacle(task, event) or Change(event, task.status, after, _effects(task.status, after, event))


def _obstacle(task: Standing, event: str) -> Refusal | None:
    """What stands in the way of an event that the status alone would allow."""
    if task.by_agent and event == PERSON_CLAIMED:
        return Refusal("not-a-person", f"{task.id} cannot be claimed by an agent", "agents are given their tasks")
    if task.by_agent and task.holder:
        return _held(task)
    if task.paused and event in (CLAIMED, PERSON_CLAIMED):
        return Refusal("paused", f"{task.id} is paused", f"wg resume {task.id} lets it run")
    if task.paused and event == PAUSED:
        return Refusal("already-paused", f"{task.id} is paused already", f"wg resume {task.id} lets it run")
    if not task.paused and event == RESUMED:
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
        SETTLE: before == "waiting" and event in (PERSON_FAIL, ABANDONED),
        TAKE: event == PERSON_CLAIMED,
        COUNT: event == FAILED,
        FORGET: event in (RETRIED, RESET),
        PAUSE: event == PAUSED,
        UNPAUSE: event == RESUMED,
    }
    return tuple(effect for effect, holds in follows.items() if holds)


def _held(task: Standing) -> Refusal:
    return Refusal("claimed", f"{task.id} is claimed by {task.holder}", f"wg unclaim {task.id} gives it back")


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
            "wait for its attempt to end; wg service stop --kill-agents ends all agents",
        )
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
