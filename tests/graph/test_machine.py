"""Random operations against a simple model: readiness kept incrementally is readiness from scratch.

Loops are modelled by their definition: who lies between first and last task, and who outside has to wait for the end.
"""

from __future__ import annotations

import graphlib
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
from wg.graph.task import SATISFYING, STATUSES, TERMINAL, Condition, Loop, NewTask


class Graph(RuleBasedStateMachine):
    """The model: each task's status and dependencies, the fence of the attempt that is not over, and the loops."""

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
        self.parked: set[str] = set()
        self.loops: dict[str, Loop] = {}  # by their last task
        self.had_loops = False

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.directory)

    def ready(self) -> list[str]:
        return [t for t in self.status if self.free(t) and not self.unmet(t)]

    def free(self, task: str) -> bool:
        return self.status[task] == "open" and task not in self.paused

    def unmet(self, task: str) -> int:
        return sum(self.status[each] not in SATISFYING for each in self.waits_for()[task])

    def waits_for(self) -> dict[str, set[str]]:
        """What each task waits for, the ends of loops included."""
        return {task: after | implied(task, self.after, self.loops) for task, after in self.after.items()}

    def below(self, start: str, statuses: tuple[str, ...]) -> set[str]:
        """`start` and all that waits for it, as far as it has one of `statuses`."""
        found, waits = {start}, self.waits_for()
        while more := {t for t in waits if self.status[t] in statuses and waits[t] & found} - found:
            found |= more
        return found

    def finish(self, task: str) -> None:
        """It is done; a loop that ends with it may run again."""
        self.status[task] = "done"
        loop = self.loops.get(task)
        if loop is None or (loop.max_iterations or 0) <= loop.iteration or loop.converged:
            return
        inside = members(loop, self.after)
        for tail in self.loops.keys() & inside:
            self.loops[tail] = self.loops[tail]._replace(iteration=1, converged=False)
        self.loops[task] = loop._replace(iteration=loop.iteration + 1)
        self.status.update({each: "open" for each in inside if self.status[each] == "done"})

    def fits(self, after: dict[str, set[str]], loops: dict[str, Loop]) -> bool:
        """Whether these dependencies and loops can be, after those there are."""
        if not all(loop.head in members(loop, after) for loop in loops.values()):
            return False
        new = {task: implied(task, after, loops) - implied(task, self.after, self.loops) for task in after}
        under_way = [t for t in after if self.status[t] in ("in-progress", "waiting")]
        if any(self.status[tail] not in SATISFYING for t in under_way for tail in new[t]):
            return False
        waits = {task: after[task] | implied(task, after, loops) for task in after}
        try:
            graphlib.TopologicalSorter(waits).prepare()
        except graphlib.CycleError:
            return False
        return True

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
        del self.live[task]
        self.ended.discard(task)
        if chosen is SUCCEEDED:
            self.finish(task)
        else:
            self.status[task] = {"failed": "failed", "requeued": "open"}[chosen.event]

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
            self.held.discard(task)
            self.finish(task)

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
            self.parked.discard(task)
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
            self.parked.discard(task)
            self.live.pop(task, None)
            self.ended.discard(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data(), downstream=st.booleans())
    def reset(self, data: st.DataObject, downstream: bool) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        chain = self.below(task, ("done",))
        waits = self.waits_for()
        builds_on = {self.status[t] for t in self.status if waits[t] & chain}
        can = self.status[task] in TERMINAL and not builds_on & {"in-progress", "waiting"}
        can = can and (downstream or len(chain) == 1)
        if self.allowed(lambda: self.store.reset(task, downstream=downstream, now=6.0, actor="ann"), can):
            self.status.update(dict.fromkeys(chain, "open"))
            for tail, loop in self.loops.items():
                if loop.head in chain:
                    self.loops[tail] = loop._replace(iteration=1, converged=False)

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def add_dependency(self, data: st.DataObject) -> None:
        task, other = (data.draw(st.sampled_from(sorted(self.status))) for _ in range(2))
        above = {other}
        while more := {t for each in above for t in self.after[each]} - above:
            above |= more
        can = self.status[task] in ("open", "failed") and task not in above and other not in self.after[task]
        can = can and self.fits({**self.after, task: self.after[task] | {other}}, self.loops)
        if self.allowed(lambda: self.store.add_dependency(task, other, 6.0, "ann"), can):
            self.after[task].add(other)

    @precondition(lambda self: any(self.after.values()))
    @rule(data=st.data())
    def remove_dependency(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(t for t in self.status if self.after[t])))
        other = data.draw(st.sampled_from(sorted(self.status)))
        can = other in self.after[task]
        can = can and self.fits({**self.after, task: self.after[task] - {other}}, self.loops)
        if self.allowed(lambda: self.store.remove_dependency(task, other, 6.0, "ann"), can):
            self.after[task].remove(other)

    @precondition(lambda self: self.status)
    @rule(data=st.data(), runs=st.integers(1, 3))
    def declare_loop(self, data: st.DataObject, runs: int) -> None:
        tail, head = (data.draw(st.sampled_from(sorted(self.status))) for _ in range(2))
        before = self.loops.get(tail, Loop(tail, head, runs))
        loop = before._replace(head=head, max_iterations=runs)
        can = self.fits(self.after, {**self.loops, tail: loop})
        if self.allowed(lambda: self.store.declare_loop(loop, 6.0, "ann"), can):
            self.loops[tail] = loop
            self.had_loops = True

    @precondition(lambda self: self.loops)
    @rule(data=st.data())
    def remove_loop(self, data: st.DataObject) -> None:
        tail = data.draw(st.sampled_from(sorted(self.loops)))
        rest = {each: loop for each, loop in self.loops.items() if each != tail}
        if self.allowed(lambda: self.store.remove_loop(tail, 6.0, "ann"), self.fits(self.after, rest)):
            self.loops = rest

    @precondition(lambda self: self.status)
    @rule(data=st.data())
    def park(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        asked = (Condition("human", "", ""),)
        do = lambda: self.store.park(task, asked, "until ann says so", any_of=False, now=7.0, actor="ann")  # noqa: E731
        if self.allowed(do, self.status[task] == "open"):
            self.status[task] = "waiting"
            self.parked.add(task)

    @precondition(lambda self: self.status)
    @rule(data=st.data(), how=st.sampled_from(["wake", "approve", "resume", "reject"]))
    def end_the_waiting(self, data: st.DataObject, how: str) -> None:
        task = data.draw(st.sampled_from(sorted(self.status)))
        can = task in self.parked or (how == "resume" and self.status[task] == "open" and task in self.paused)
        if how == "wake":
            assert self.store.wake(task, 7.0, "dispatcher") == can
        else:
            do = {
                "approve": lambda: self.store.approve(task, "", 7.0, "ann"),
                "reject": lambda: self.store.reject(task, "no", 7.0, "ann"),
                "resume": lambda: self.store.resume(task, 7.0, "ann"),
            }[how]
            self.allowed(do, can)
        if can and task in self.parked:
            self.parked.remove(task)
            self.status[task] = "failed" if how == "reject" else "open"
        elif can:
            self.paused.remove(task)

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
        below = self.below(task, STATUSES) if whole else {task}
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
        # nothing was done, or is being done, on top of what is not; but loops may come later, and tasks may wait early
        begun = [
            t for t in self.status if self.status[t] in ("in-progress", "waiting", "done") and t not in self.parked
        ]
        assert self.had_loops or all(not self.unmet(task) for task in begun)
        assert {t.id: {each.id for each in self.store.dependencies(t.id)} for t in summaries} == self.waits_for()
        assert {loop.tail: loop for loop in self.store.loops()} == self.loops
        assert {waiting.task for waiting in self.store.waiting(0.0)} == self.parked
        assert [task.id for task in self.store.ready()] == self.ready()
        counts = self.store.counts()
        assert counts["ready"] == len(self.ready())
        waiting = [t for t in self.status if self.status[t] == "open" and self.unmet(t)]
        assert counts["blocked"] == len(waiting)
        assert {task.id for task in summaries if task.paused} == self.paused
        assert {task.id: task.claimed_by for task in summaries if task.claimed_by} == dict.fromkeys(self.held, "ann")
        not_over = self.store.attempts(("claimed", "running", "ended"))
        assert {attempt.task_id: attempt.fence for attempt in not_over} == self.live


def members(loop: Loop, after: dict[str, set[str]]) -> set[str]:
    """The tasks on a way from its first to its last one."""
    up, down = {loop.tail}, {loop.head}
    while more := {d for t in up for d in after[t]} - up:
        up |= more
    while more := {t for t in after if after[t] & down} - down:
        down |= more
    return up & down


def implied(task: str, after: dict[str, set[str]], loops: dict[str, Loop]) -> set[str]:
    """The ends of loops that it has to wait for, because it depends on the inside of them from outside."""
    found = set()
    for tail, loop in loops.items():
        inside = members(loop, after)
        if task not in inside and after[task] & (inside - {tail}) and tail not in after[task]:
            found.add(tail)
    return found


TestGraph = Graph.TestCase
TestGraph.settings = settings(max_examples=40, stateful_step_count=30, suppress_health_check=list(HealthCheck))
