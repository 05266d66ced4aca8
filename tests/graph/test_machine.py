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

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.directory)

    def ready(self) -> list[str]:
        return [t for t in self.status if self.status[t] == "open" and not self.unmet(t)]

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
        made = self.store.add(NewTask("task", id=f"t{len(self.status):02}", after=tuple(after)), 1.0, "ann")
        assert made.id not in self.status
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
        allowed = task in self.ready() or (self.status[task] == "failed" and not self.unmet(task))
        try:
            self.store.person_done(task, 5.0, "ann")
        except WgError:
            assert not allowed
        else:
            assert allowed
            self.status[task] = "done"

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def person_fail(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        allowed = self.status[task] in ("open", "waiting")
        try:
            self.store.person_fail(task, "no", 5.0, "ann")
        except WgError:
            assert not allowed
        else:
            assert allowed
            self.status[task] = "failed"
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
        can = self.status[task] in ("open", "waiting", "failed")
        if self.allowed(lambda: self.store.abandon(task, "", "", 6.0, "ann"), can):
            self.status[task] = "abandoned"
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

    @invariant()
    def the_store_agrees(self) -> None:
        if not hasattr(self, "store"):
            return
        summaries = self.store.tasks()
        assert {task.id: task.status for task in summaries} == self.status
        assert {task.id: task.unmet for task in summaries} == {task: self.unmet(task) for task in self.status}
        # nothing was done, or is being done, on top of what is not
        assert all(not self.unmet(t) for t in self.status if self.status[t] in ("in-progress", "waiting", "done"))
        assert [task.id for task in self.store.ready()] == self.ready()
        counts = self.store.counts()
        assert counts["ready"] == len(self.ready())
        assert counts["ready"] + counts["blocked"] == counts["open"]
        not_over = self.store.attempts(("claimed", "running", "ended"))
        assert {attempt.task_id: attempt.fence for attempt in not_over} == self.live


TestGraph = Graph.TestCase
TestGraph.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
