"""F13: conflicts go back to the agent a few times, and so does what a person rejects; then it is over."""

from __future__ import annotations

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


def test_F13_a_conflict_that_the_agent_does_not_resolve_waits_for_a_person_after_two_rounds(box: Box) -> None:
    service = ServiceBox(box)
    service.agent("codex")
    gate = box.root / "gate"
    first = f"echo agent > README; touch $RECORDS/up; while ! test -f {gate}; do sleep 0.05; done"
    service.add(NewTask("t", id="t", description=f"RUN: if test $WG_ATTEMPT = 1; then {first}; fi"))
    service.start()
    wait_for((service.records / "up").exists, "the agent works")
    (box.project / "README").write_text("person\n")
    box.git("commit", "-qam", "meanwhile")
    gate.touch()
    reason = service.await_status("t", "waiting").reason
    assert "not resolved: README" in reason
    assert len(service.attempts("t")) == 3
    assert service.task("t").conflicts == 2
    (service.dir / "worktrees" / "agent-1" / "README").write_text("a person's\n")
    service.await_status("t", "done")
    assert (box.project / "README").read_text() == "a person's\n"


def test_F13_what_a_person_rejects_for_the_third_time_has_failed(box: Box) -> None:
    service = ServiceBox(box)
    service.agent("codex")
    service.add(NewTask("t", id="t", description="RUN: echo $WG_ATTEMPT > x", approval=True))
    service.start()
    for number in (1, 2, 3):
        wait_for(lambda: len(service.attempts("t")) == number, "another round")  # noqa: B023
        assert "wg approve t or wg reject t" in service.await_status("t", "waiting").reason
        box.wg("reject", "t", "--reason", f"no {number}")
    assert service.await_status("t", "failed").reason.endswith("no 3")
    service.add(NewTask("last", id="last", exec="true"))
    service.await_status("last", "done")
    assert len(service.attempts("t")) == 3
    assert not (box.project / "x").exists()
