"""What an agent's end comes to: claims, evidence, leftovers and merging (decisions 4, 7 and 8; F7, F11, F26)."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def run(service: ServiceBox, command: str, **more: object) -> None:
    service.add(NewTask("t", id="t", description=f"RUN: {command}", **more))  # type: ignore[arg-type]
    service.start()


def test_an_agent_that_says_it_failed_has_failed(service: ServiceBox) -> None:
    run(service, 'echo x > x; "$WG_BIN" fail --reason "cannot be done"')
    assert service.await_status("t", "failed").reason == "cannot be done"
    assert not (service.box.project / "x").exists()


def test_an_agent_that_says_done_and_crashes_has_failed(service: ServiceBox) -> None:
    run(service, 'echo x > x; "$WG_BIN" done; exit 7')
    assert "exit code 7" in service.await_status("t", "failed").reason


def test_exit_code_0_without_the_final_event_is_a_failure(service: ServiceBox) -> None:
    agent = service.bin / "codex"
    agent.write_text('#!/bin/sh\necho x > x\necho \'{"type":"turn.started"}\'\n')
    run(service, "true")
    assert service.await_status("t", "failed").reason == "codex ended without turn.completed"


def test_a_task_that_needs_no_work_is_done_without(service: ServiceBox) -> None:
    run(service, "true", needs_work=False)
    service.await_status("t", "done")


def test_a_failing_check_merges_nothing(service: ServiceBox) -> None:
    run(service, "echo x > x", check="test -s y")
    assert "the check failed" in service.await_status("t", "failed").reason
    assert not (service.box.project / "x").exists()
    assert (service.dir / "worktrees" / "agent-1" / "x").exists()


def test_a_conflict_waits_and_settles_once_it_is_merged_by_hand(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    checks = service.box.root / "checks"
    service.set("conflict_rounds = 2", "conflict_rounds = 0")
    run(
        service,
        f"echo agent > README; while ! test -f {gate}; do sleep 0.05; done",
        check=f"echo x >> {checks}",
    )
    service.await_running("t")
    wait_for(lambda: list((service.dir / "worktrees").glob("*/README")), "the worktree is there")
    (service.box.project / "README").write_text("person\n")
    service.box.git("commit", "-qam", "meanwhile")
    gate.touch()
    reason = service.await_status("t", "waiting").reason
    assert "README" in reason and "wg/agent-1/t" in reason
    service.box.git("merge", "-q", "-X", "ours", "-m", "by hand", "wg/agent-1/t")
    service.await_status("t", "done")
    assert (service.box.project / "README").read_text() == "person\n"
    assert checks.read_text() == "x\n", "the check is not repeated on the same commit"


def test_in_a_plain_directory_what_waits_for_a_person_holds_up_no_other(box: Box) -> None:
    service = ServiceBox(box, git=False)
    service.agent("codex")
    service.add(NewTask("a", id="a", description="RUN: echo x > a", approval=True))
    service.add(NewTask("b", id="b", description="RUN: echo x > b"))
    service.start()
    service.await_status("a", "waiting")
    service.await_status("b", "done")
    box.wg("service", "stop")
    box.wg("approve", "a")
    assert "no dispatcher is running" in box.wg("why", "a").out
    service.start()
    service.await_status("a", "done")


def test_in_a_plain_directory_agents_work_one_at_a_time(box: Box) -> None:
    service = ServiceBox(box, git=False)
    service.agent("codex")
    here = box.root / "here"
    here.mkdir()
    command = f"touch {here}/$WG_TASK_ID; ls {here} | wc -l >> {here}.counts; sleep 0.3; rm {here}/$WG_TASK_ID"
    for name in ("a", "b", "c"):
        service.add(NewTask(name, id=name, description=f"RUN: {command}; pwd > {name}.txt"))
    service.start()
    said = "one at a time in the project directory: "
    wait_for(lambda: said in box.wg("service", "status").out, "it says so")
    for name in ("a", "b", "c"):
        service.await_status(name, "done")
        assert (box.project / f"{name}.txt").read_text() == f"{box.project}\n"
    assert (box.root / "here.counts").read_text().split() == ["1", "1", "1"]
    assert "without git" in service.attempts("a")[0].verdict


def test_in_a_plain_directory_shell_tasks_take_their_turn_too(box: Box) -> None:
    """No two attempts work in one directory at a time (decision 7), whatever runs in them."""
    service = ServiceBox(box, git=False)
    service.agent("codex")
    alone = "test ! -e busy || echo twice >> trouble; touch busy; sleep 0.2; rm busy"
    service.add(NewTask("a", id="a", description=f"RUN: {alone}"))
    for name in ("s1", "s2"):
        service.add(NewTask(name, id=name, exec=alone))
    service.start()
    for name in ("a", "s1", "s2"):
        service.await_status(name, "done")
    assert not (box.project / "trouble").exists()


def test_a_worktree_that_cannot_be_made_never_leads_to_the_project_directory(service: ServiceBox) -> None:
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s", poll_interval=1)
    (service.dir / "worktrees").write_text("a file, where the worktrees' directory must be")
    run(service, "echo x > x")
    assert "worktrees" in service.await_status("t", "failed").reason
    assert not (service.box.project / "x").exists()
    assert len(service.attempts("t")) == 3


def test_a_base_branch_that_goes_away_uses_up_no_attempt(service: ServiceBox) -> None:
    """Else every ready task would have failed before anybody could look."""
    service.agent("codex")
    service.start()
    service.box.git("branch", "-m", "main", "trunk")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    wait_for(lambda: "the base branch 'main' does not exist" in service.task("t").note, "the reason is noted")
    service.box.git("branch", "-m", "trunk", "main")
    service.await_status("t", "done")


def test_a_check_that_cannot_be_run_is_seen_and_tried_again(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec='mkdir "$WG_DIR/attempts/$WG_ATTEMPT/check.log"', check="true"))
    service.start()
    assert "check.log" in service.await_status("t", "waiting").reason
    (service.dir / "attempts" / "1" / "check.log").rmdir()
    service.await_status("t", "done")


def test_without_a_base_branch_agents_wait_with_the_reason(service: ServiceBox) -> None:
    (service.dir / "project.toml").unlink()
    run(service, "echo x > x")
    wait_for(lambda: "no base branch is named" in service.task("t").note, "the reason is noted")
    assert service.attempts("t") == []


def test_a_base_branch_named_later_is_taken_up(service: ServiceBox) -> None:
    (service.dir / "project.toml").unlink()
    run(service, "echo x > x")
    wait_for(lambda: service.task("t").note, "the reason is noted")
    (service.dir / "project.toml").write_text('base_branch = "main"\n')
    service.await_status("t", "done")


def test_a_project_below_the_top_of_its_repository(box: Box) -> None:
    """The agent works where the project is in its worktree, and so does the check."""
    box.repository()
    (box.project / "sub").mkdir()
    ServiceBox(box, git=False).agent("codex")
    below = box.project / "sub"
    box.wg("init", cwd=below)
    box.wg("add", "t", "--id", "t", "-d", "RUN: pwd > where", "--check", "test -s where", cwd=below)
    plan = box.wg("--json", "explain", "t", cwd=below).json
    assert plan["cwd"] == "<worktree>/sub"
    box.wg("service", "start", cwd=below)
    wait_for(lambda: '"done"' in box.wg("--json", "show", "t", cwd=below).out, "t is done")
    assert (below / "where").read_text().endswith("/worktrees/agent-1/sub\n")
    box.wg("service", "stop", cwd=below)
