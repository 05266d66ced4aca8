"""Random operations against a simple model: readiness kept incrementally is readiness from scratch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.graph.records import FAILED, OUTCOME, PROCESS, REQUEUED, ROUTE, SUCCEEDED
from wg.errors import WgError
from wg.graph.store import Store
from wg.graph.task import SATISFYING, TERMINAL, NewTask


class Graph(RuleBasedStateMachine):
    """The model: each task's status and dependencies, and the fence of the attempt that is not over."""

    @initialize()
    def create(self) -> None:
        self.directory = tempfile.mkdtemp()
        self.store = Store.create(str(Path(self.directory) / "db" / "graph.db"))
        self.store._database.connection.execute("PRAGMA synchronous = OFF")  # no power is lost here
        self.status: dict[str, str] = {}
        self.after: dict[str, set[str]] = {}
        self.live: dict[str, int] = {}
        self.ended: set[str] = set()
        self.paused: set[str] = set()
        self.held: set[str] = set()  # claimed by a person

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.directory)

    def ready(self) -> list[str]:
        return [t for t in self.status if self.free(t) and not self.unmet(t)]

    def free(self, task: str) -> bool:
        return self.status[task] == "open" and task not in self.paused

    def unmet(self, task: str) -> int:
        return sum(self.status[each] not in SATISFYING for each in self.after[task])

    def allowed(self, do: Callable[[], object], expected: bool) -> bool:
        """Do it; it must be refused unless the model has `expected` it."""
        try:
            do()
        except WgError:
            assert not expected
        else:
            assert expected
        return expected

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        after = data.draw(st.sets(st.sampled_from(sorted(self.status)), max_size=3)) if self.status else set()
        # an id of its own: random suffixes would make a run that hypothesis repeats another one
        paused = data.draw(st.booleans())
        new = NewTask("task", id=f"t{len(self.status):02}", after=tuple(after), paused=paused)
        made = self.store.add(new, 1.0, "ann")
        assert made.id not in self.status
        if paused:
            self.paused.add(made.id)
        self.status[made.id], self.after[made.id] = "open", after

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        can = task in self.ready()
        attempt = self.store.claim(task, ROUTE, 60.0, 1.0, 2.0)
        assert (attempt is not None) == can
        if attempt is not None:
            assert attempt.fence > max(self.live.values(), default=0)
            self.status[task], self.live[task] = "in-progress", attempt.fence

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.live)))
        fresh = task not in self.ended
        assert self.store.start(self.live[task], PROCESS, 1.0) == fresh
        assert self.store.end(self.live[task], OUTCOME, 2.0) == fresh
        self.ended.add(task)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.live)))
        assert self.store.hold(self.live[task], data.draw(st.sampled_from("xy")), 3.0) == (task in self.ended)
        if task in self.ended:
            self.status[task] = "waiting"

    @precondition(lambda self: self.live)
    @rule(data=st.data(), settlement=st.sampled_from([SUCCEEDED, FAILED, REQUEUED]))
    def settle(self, data: st.DataObject, settlement: object) -> None:
        task = data.draw(st.sampled_from(sorted(self.live)))
        if settlement is SUCCEEDED and task not in self.ended:
            return
        chosen = next(each for each in (SUCCEEDED, FAILED, REQUEUED) if each is settlement)
        assert self.store.settle(self.live[task], chosen, 4.0)
        self.status[task] = {"succeeded": "done", "failed": "failed", "requeued": "open"}[chosen.event]
        del self.live[task]
        self.ended.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def person_done(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        allowed = not self.unmet(task) and (self.status[task] in ("open", "failed") or task in self.held)
        try:
            self.store.person_done(task, 5.0, "ann")
        except WgError:
            assert not allowed
        else:
            assert allowed
            self.status[task] = "done"
            self.held.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def person_fail(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        allowed = self.status[task] in ("open", "waiting") or task in self.held
        try:
            self.store.person_fail(task, "no", 5.0, "ann")
        except WgError:
            assert not allowed
        else:
            assert allowed
            self.status[task] = "failed"
            self.held.discard(task)
            self.live.pop(task, None)
            self.ended.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        if self.allowed(lambda: self.store.retry(task, "", 6.0, "ann"), self.status[task] == "failed"):
            self.status[task] = "open"

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        can = self.status[task] in ("open", "waiting", "failed") or task in self.held
        if self.allowed(lambda: self.store.abandon(task, "", "", 6.0, "ann"), can):
            self.status[task] = "abandoned"
            self.held.discard(task)
            self.live.pop(task, None)
            self.ended.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data(), downstream=st.booleans())
    def reset(self, data: st.DataObject, downstream: bool) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        chain = {task}
        while more := {t for t in self.status if self.status[t] == "done" and self.after[t] & chain} - chain:
            chain |= more
        builds_on = {self.status[t] for t in self.status if self.after[t] & chain}
        can = self.status[task] in TERMINAL and not builds_on & {"in-progress", "waiting"}
        can = can and (downstream or len(chain) == 1)
        if self.allowed(lambda: self.store.reset(task, downstream=downstream, now=6.0, actor="ann"), can):
            self.status.update(dict.fromkeys(chain, "open"))

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def add_dependency(self, data: st.DataObject) -> None:
        task, other = (data.draw(st.sampled_from(sorted(self.status))) for _ in range(2))
        above = {other}
        while more := {t for each in above for t in self.after[each]} - above:
            above |= more
        can = self.status[task] in ("open", "failed") and task not in above and other not in self.after[task]
        if self.allowed(lambda: self.store.add_dependency(task, other, 6.0, "ann"), can):
            self.after[task].add(other)

    @precondition(lambda self: any(self.after.values()))
    @rule(data=st.data())
    def remove_dependency(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(t for t in self.status if self.after[t])))
        other = data.draw(st.sampled_from(sorted(self.status)))
        if self.allowed(lambda: self.store.remove_dependency(task, other, 6.0, "ann"), other in self.after[task]):
            self.after[task].remove(other)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def claim_by_a_person(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        if self.allowed(lambda: self.store.person_claim(task, 7.0, "ann"), task in self.ready()):
            self.status[task] = "in-progress"
            self.held.add(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def unclaim(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        if self.allowed(lambda: self.store.unclaim(task, 7.0, "bob"), task in self.held):
            self.status[task] = "open"
            self.held.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def pause(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        if self.allowed(lambda: self.store.pause(task, 7.0, "ann"), self.free(task)):
            self.paused.add(task)

    @precondition(lambda self: self.paused)
    @rule(data=st.data(), whole=st.booleans())
    def publish(self, data: st.DataObject, whole: bool) -> None:
        task = data.draw(st.sampled_from(sorted(self.paused)))
        below = {task}
        while whole and (more := {t for t in self.status if self.after[t] & below} - below):
            below |= more
        drafts = {t for t in below & self.paused if self.status[t] == "open"}
        abandoned = any(self.status[each] == "abandoned" for t in drafts for each in self.after[t])
        can = bool(drafts) and not abandoned
        if self.allowed(lambda: self.store.publish(task, only=not whole, now=7.0, actor="ann"), can):
            self.paused -= drafts

    @invariant()
    def the_store_agrees(self) -> None:
        if not hasattr(self, "store"):
            return
        summaries = self.store.tasks()
        assert {task.id: task.status for task in summaries} == self.status
        assert {task.id: task.unmet for task in summaries} == {task: self.unmet(task) for task in self.status}
        # nothing was done, or is being done, on top of what is not
        assert all(not self.unmet(t) for t in self.status if self.status[t] in ("in-progress", "waiting", "done"))
        assert {task.id: {each.id for each in self.store.dependencies(task.id)} for task in summaries} == self.after
        assert [task.id for task in self.store.ready()] == self.ready()
        counts = self.store.counts()
        assert counts["ready"] == len(self.ready())
        waiting = [t for t in self.status if self.status[t] == "open" and self.unmet(t)]
        assert counts["blocked"] == len(waiting)
        assert {task.id for task in summaries if task.paused} == self.paused
        assert {task.id: task.claimed_by for task in summaries if task.claimed_by} == dict.fromkeys(self.held, "ann")
        not_over = self.store.attempts(("claimed", "running", "ended"))
        assert {attempt.task_id: attempt.fence for attempt in not_over} == self.live


TestGraph = Graph.TestCase
TestGraph.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
