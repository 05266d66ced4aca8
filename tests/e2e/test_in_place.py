"""The next attempt goes on in the worktree of the last one, whatever ended that, unless it is to start over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import Box, wait_for
from wg.graph.attempt import Attempt
from wg.graph.task import READ_ONLY, Edit, NewTask

# the first attempt does the first part and then something; the next ones see it, and do the second part
FIRST = "if test $WG_ATTEMPT = 1; then echo 1 > first; {then}; else test -f first && echo 2 > second; fi"


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def run(service: ServiceBox, then: str, **more: object) -> None:
    description = f"RUN: pwd >> $RECORDS/places; {FIRST.format(then=then)}"
    service.add(NewTask("t", id="t", description=description, **more))  # type: ignore[arg-type]
    service.start()


def finished(service: ServiceBox) -> list[Attempt]:
    """Await that the task is done, with the work of both attempts merged once and no worktree left."""
    service.await_status("t", "done")
    project = service.box.project
    assert ((project / "first").read_text(), (project / "second").read_text()) == ("1\n", "2\n")
    attempts = service.attempts("t")
    assert {attempt.workplace and attempt.workplace.directory for attempt in attempts} == {str(worktree(service, 1))}
    assert set(Path(service.records / "places").read_text().split()) == {str(worktree(service, 1))}
    assert service.box.git("rev-list", "--count", "--merges", "main") == "1"
    wait_for(lambda: not worktree(service, 1).exists(), "the worktree is removed")
    return attempts


def worktree(service: ServiceBox, number: int) -> Path:
    return service.dir / "worktrees" / f"agent-{number}"


def test_after_a_failure(service: ServiceBox) -> None:
    run(service, "exit 3")
    service.await_status("t", "failed")
    assert service.box.git("show", "wg/agent-1/t:first") == "1", "nothing is lost: it is committed to the branch"
    service.box.wg("retry", "t")
    finished(service)


def test_after_a_claim_of_failure(service: ServiceBox) -> None:
    run(service, '"$WG_BIN" fail --reason no')
    service.await_status("t", "failed")
    service.box.wg("retry", "t")
    finished(service)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_after_its_supervisor_was_ended(service: ServiceBox, number: signal.Signals) -> None:
    run(service, "touch $RECORDS/up; sleep 1000")
    wait_for((service.records / "up").exists, "the agent works")
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, number)
    assert len(finished(service)) == 2


def test_after_it_waited(service: ServiceBox) -> None:
    run(service, '"$WG_BIN" wait --until message')
    service.await_status("t", "waiting")
    service.box.wg("msg", "send", "t", "go on")
    finished(service)


def test_after_a_person_said_no(service: ServiceBox) -> None:
    run(service, "true", approval=True)
    wait_for(lambda: service.attempts("t")[-1:] and service.attempts("t")[-1].hold == "approval", "it asks")
    service.box.wg("reject", "t", "--reason", "the second part is missing")
    wait_for(lambda: len(service.attempts("t")) == 2 and service.attempts("t")[1].hold == "approval", "it asks again")
    service.box.wg("approve", "t")
    finished(service)


def test_after_the_dispatcher_was_killed_too(service: ServiceBox) -> None:
    run(service, "touch $RECORDS/up; sleep 1000")
    wait_for((service.records / "up").exists, "the agent works")
    supervisor = service.await_running("t").supervisor
    assert supervisor is not None
    service.box.wg("service", "stop")
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: is_gone(supervisor.pid), "the supervisor is dead")
    service.start()
    finished(service)


def test_in_a_worktree_that_was_deleted_meanwhile(service: ServiceBox) -> None:
    run(service, "exit 3")
    service.await_status("t", "failed")
    shutil.rmtree(worktree(service, 1))
    service.box.wg("retry", "t")
    finished(service)


def test_what_was_held_back_stays_there_and_is_named(service: ServiceBox) -> None:
    run(service, "echo KEY > .env; exit 3")
    service.await_status("t", "failed")
    verdict = service.attempts("t")[0].verdict
    assert "exit code 3" in verdict and ".env (looks like a secret)" in verdict
    assert (worktree(service, 1) / ".env").exists()
    assert service.box.git("ls-tree", "--name-only", "wg/agent-1/t", ".env") == ""


@pytest.mark.parametrize("how", [("retry", "t", "--fresh"), ("reset", "t")])
def test_starting_over(service: ServiceBox, how: tuple[str, ...]) -> None:
    command = "pwd >> $RECORDS/places; if test $WG_ATTEMPT = 1; then echo 1 > first; exit 3; fi; echo 2 > second"
    service.add(NewTask("t", id="t", description=f"RUN: {command}"))
    service.start()
    service.await_status("t", "failed")
    service.box.wg(*how)
    service.await_status("t", "done")
    assert not (service.box.project / "first").exists()
    assert (service.box.project / "second").exists()
    assert (service.records / "places").read_text().split() == [str(worktree(service, n)) for n in (1, 2)]
    wait_for(lambda: not worktree(service, 1).exists() and not worktree(service, 2).exists(), "both are removed")
    listed = ("branch", "--list", "wg/*", "--format=%(refname:short)")
    wait_for(lambda: service.box.git(*listed) == "wg/agent-1/t", "only the branch with unmerged work is left")


def test_what_was_done_and_is_reset_starts_over(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description="RUN: echo $WG_ATTEMPT > made"))
    service.start()
    service.await_status("t", "done")
    service.box.wg("reset", "t")
    wait_for(lambda: len(service.attempts("t")) == 2, "it is tried again")
    service.await_status("t", "done")
    assert (service.box.project / "made").read_text() == "2\n"


def test_a_worktree_that_cannot_be_used_again_is_left_alone_and_the_task_says_how_to_go_on(
    service: ServiceBox,
) -> None:
    service.limit("codex", max_attempts_per_hour=3, retry_delay="1s")
    run(service, "git checkout -qb elsewhere; exit 3")
    service.await_status("t", "failed")
    service.box.wg("retry", "t")
    wait_for(lambda: len(service.attempts("t")) > 1, "it is tried again")
    task = service.await_status("t", "failed")
    assert "it is on elsewhere" in task.reason
    assert (worktree(service, 1) / "first").exists()


def test_what_git_ignores_is_still_there(service: ServiceBox) -> None:
    (service.box.project / ".gitignore").write_text(".wg\ncache\n")
    service.box.git("commit", "-qam", "ignore")
    service.add(NewTask("t", id="t", description="RUN: test -f cache && cp cache made || { echo x > cache; exit 3; }"))
    service.start()
    service.await_status("t", "failed")
    service.add(NewTask("other", id="other", description="RUN: echo x > other"))
    service.await_status("other", "done")
    service.box.wg("retry", "t")
    service.await_status("t", "done")


def test_what_an_earlier_attempt_left_running_is_ended_first(service: ServiceBox) -> None:
    """A check, say, of an attempt that a person gave up after the dispatcher was killed."""
    run(service, "exit 3")
    service.await_status("t", "failed")
    marks = {"WG_ATTEMPT": "1", "WG_DIR": str(service.dir)}
    left = subprocess.Popen(["sleep", "1000"], env={**service.box.env, **marks})
    service.box.wg("retry", "t")
    finished(service)
    assert left.wait(timeout=150) != 0


def test_a_task_that_became_read_only_does_not_work_on_what_is_to_be_kept(service: ServiceBox) -> None:
    run(service, "exit 3")
    service.await_status("t", "failed")
    with service.store() as store:
        store.edit("t", Edit({"workplace": READ_ONLY}), 1.0, "test")
    service.box.wg("retry", "t")
    wait_for(lambda: len(service.attempts("t")) == 2 and service.task("t").status == "failed", "it is tried again")
    second = service.attempts("t")[1].workplace
    assert second is not None and second.directory == str(worktree(service, 2))
    wait_for(lambda: not worktree(service, 2).exists(), "that one is removed")
    assert (worktree(service, 1) / "first").exists()
    assert service.box.git("show", "wg/agent-1/t:first") == "1"
