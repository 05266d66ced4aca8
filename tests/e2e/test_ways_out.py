"""Where finished work waits for a person, what the reason says to do works: each test does exactly that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def waits(service: ServiceBox, command: str, **more: object) -> str:
    """The reason for which the task waits after an agent has done `command`."""
    service.add(NewTask("t", id="t", description=f"RUN: {command}", **more))  # type: ignore[arg-type]
    service.start()
    return service.await_status("t", "waiting").reason


def worktree(service: ServiceBox) -> Path:
    return service.dir / "worktrees" / "agent-1"


def commands(reason: str, begin: str = "git ") -> list[list[str]]:
    """The commands that the reason names."""
    return [found.split() for found in re.findall(rf"({re.escape(begin)}[^,;()]+?)(?=[,;()]| and |$)", reason)]


def test_a_person_commits_what_was_held_and_a_later_round_does_not_ask_again(service: ServiceBox) -> None:
    """The user's own edit holds up the merge; then it conflicts, and an agent goes on with what was decided."""
    (service.box.project / ".env.example").write_text("A=1\n")
    service.box.git("add", ".")
    service.box.git("commit", "-qm", "example")
    readme = service.box.project / "README"
    readme.write_text("person\n")
    reason = waits(service, "test $WG_ATTEMPT = 1 && echo B=2 >> .env.example; echo $WG_ATTEMPT > README")
    assert ".env.example (looks like a secret); commit, ignore or remove it there" in reason
    service.person_git("-C", str(worktree(service)), "commit", "-qam", "yes")
    wait_for(lambda: "the merge waits" in service.task("t").reason, "it goes on, as far as the merge")
    service.person_git("commit", "-qam", "person")
    service.await_status("t", "done")
    assert [one.fence for one in service.attempts("t")] == [1, 2]
    assert service.box.git("show", "main:.env.example") == "A=1\nB=2"


@pytest.mark.parametrize("name", ["test.pem", "large"])
def test_what_the_agent_committed_is_left_out_as_the_reason_says(service: ServiceBox, name: str) -> None:
    make = f"dd if=/dev/zero of={name} bs=1M count=11 2> /dev/null"
    reason = waits(service, f"if test $WG_ATTEMPT = 1; then {make}; echo x > x; git add -A; git commit -qm all; fi")
    assert f"committed by the agent on wg/agent-1/t: {name}" in reason
    tree = worktree(service)
    service.person_git("-C", str(tree), "rm", "-q", name)
    service.person_git("-C", str(tree), "commit", "-qm", "away")
    service.box.wg("fail", "t")
    service.box.wg("retry", "t")
    wait_for(lambda: len(service.attempts("t")) == 2, "it is tried again")
    reason = service.await_status("t", "waiting").reason
    assert name in reason, "what is in the branch's history does not come to the base by itself"
    service.person_git(*commands(reason)[0][1:])
    assert not (tree / name).exists(), "the history is without it, so there is nothing to remove"
    service.await_status("t", "done")
    assert service.box.git("log", "--format=%H", "main", "--", name) == ""
    assert (service.box.project / "x").exists()


def test_what_is_taken_back_waits_uncommitted_until_it_is_removed(service: ServiceBox) -> None:
    reason = waits(service, "echo x > test.pem; echo x > x; git add -A; git commit -qm all")
    service.person_git(*commands(reason)[0][1:])
    wait_for(lambda: "not committed in" in service.task("t").reason, "it is held as not committed")
    (worktree(service) / "test.pem").unlink()
    service.await_status("t", "done")
    assert service.box.git("log", "--format=%H", "main", "--", "test.pem") == ""


def test_what_the_agent_committed_is_taken_as_the_reason_says(service: ServiceBox) -> None:
    reason = waits(service, "echo x > test.pem; git add -A; git commit -qm all")
    assert "merge wg/agent-1/t into main by hand" in reason
    service.person_git("merge", "-q", "--no-edit", "wg/agent-1/t")
    service.await_status("t", "done")
