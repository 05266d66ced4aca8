"""Which status follows which: the one authority over a task's status, pure (DESIGN.md, decision 1)."""

from __future__ import annotations

from wg.graph.task import SATISFYING, TERMINAL
from wg.records import NamedTuple

# What happens to a task. The dispatcher says the first five, people the others.
CLAIMED = "claimed"  # an attempt was made for it
REQUEUED = "requeued"  # its attempt never started, was lost, or is to be repeated
SUCCEEDED = "succeeded"
FAILED = "failed"
HELD = "held"  # its attempt has ended, but something stands in the way: a merge, or files held back
PERSON_DONE = "person-done"
PERSON_FAIL = "person-fail"
ABANDONED = "abandoned"
EVENTS = (CLAIMED, REQUEUED, SUCCEEDED, FAILED, HELD, PERSON_DONE, PERSON_FAIL, ABANDONED)

# Effects: what else the store must write in the same transaction.
START = "start"  # started_at is now
UNSTART = "unstart"  # it has not been started
FINISH = "finish"  # completed_at is now
RELEASE = "release"  # each dependent has one unmet dependency less
SETTLE = "settle"  # an attempt that was held is over


class Standing(NamedTuple):
    """What a decision depends on."""

    id: str
    status: str
    unmet: int = 0
    paused: bool = False


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
}


def decide(task: Standing, event: str) -> Change | Refusal:
    """What `event` (one of EVENTS) makes of `task`."""
    after = _NEXT.get((task.status, event))
    if after is None:
        return _refusal(task, event)
    if task.paused and event == CLAIMED:
        return Refusal("paused", f"{task.id} is paused", "it must be published before it can run")
    if task.unmet and event in (CLAIMED, PERSON_DONE):
        return _blocked(task)
    return Change(event, task.status, after, _effects(task.status, after, event))


def _effects(before: str, after: str, event: str) -> tuple[str, ...]:
    effects = []
    if event == CLAIMED:
        effects.append(START)
    if event == REQUEUED:
        effects.append(UNSTART)
    if after in TERMINAL:
        effects.append(FINISH)
    if after in SATISFYING and before not in SATISFYING:
        effects.append(RELEASE)
    if before == "waiting" and event in (PERSON_FAIL, ABANDONED):
        effects.append(SETTLE)
    return tuple(effects)


def _blocked(task: Standing) -> Refusal:
    things = "1 dependency that is" if task.unmet == 1 else f"{task.unmet} dependencies that are"
    return Refusal("blocked", f"{task.id} has {things} not done yet", f"wg show {task.id} lists them")


def _refusal(task: Standing, event: str) -> Refusal:
    look = f"wg show {task.id} says more"
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
        return Refusal(f"already-{task.status}", f"{task.id} is {said}", look)
    return Refusal("not-allowed", f"{task.id} is {task.status}, so it cannot be {event}", look)
