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


def blocked(service: ServiceBox) -> None:
    """The work is there, and its merge waits for the user's own edit in README."""
    (service.box.project / "README").write_text("the user is writing this\n")
    waits(service, "echo x > README; echo x > x")


def await_reason(service: ServiceBox, part: str) -> str:
    found: str = wait_for(lambda: part in service.task("t").reason and service.task("t").reason, part)
    return found


def commands(reason: str, begin: str = "git -C ") -> list[list[str]]:
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


def test_a_worktree_that_is_gone_is_made_again_as_the_reason_says(service: ServiceBox) -> None:
    reason = waits(service, 'echo x > x; git add x; git commit -qm x; rm -rf "$PWD"')
    assert "the worktree is gone, with what was not committed in it; if wg/agent-1/t has the work: git -C" in reason
    service.person_git(*commands(reason)[0][1:])
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()


def test_a_worktree_that_is_gone_is_not_needed_for_what_is_merged_by_hand(service: ServiceBox) -> None:
    waits(service, 'echo x > x; git add x; git commit -qm x; rm -rf "$PWD"', check="test -f x")
    service.person_git("merge", "-q", "--no-edit", "wg/agent-1/t")
    service.await_status("t", "done")


def test_a_worktree_that_a_person_removes_while_the_merge_waits_is_not_needed(service: ServiceBox) -> None:
    (service.box.project / "README").write_text("the user is writing this\n")
    waits(service, "echo x > README")
    service.box.git("worktree", "remove", str(worktree(service)))
    service.person_git("checkout", "-q", "README")
    service.await_status("t", "done")
    assert (service.box.project / "README").read_text() == "x\n"


def test_where_the_branch_is_gone_too_it_is_done_again_as_the_reason_says(service: ServiceBox) -> None:
    gone = 'b=$(git symbolic-ref --short HEAD); git checkout -q --detach; git branch -qD $b; rm -rf "$PWD"'
    reason = waits(service, f"echo x > x; if test $WG_ATTEMPT = 1; then {gone}; fi")
    assert "the worktree and its branch are gone" in reason
    for command in commands(reason, "wg "):
        service.box.wg(*command[1:])
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()


OTHERS = {
    "detached": "git checkout -q --detach; echo x > x; git add x; git commit -qm x",
    "renamed": "git branch -m mine; echo x > x; git add x; git commit -qm x",
    "on another": "git checkout -qb mine; echo x > x",
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_on_another_branch_becomes_the_work_as_the_reason_says(service: ServiceBox, case: str) -> None:
    reason = waits(service, OTHERS[case])
    assert "not on wg/agent-1/t" in reason
    service.person_git(*commands(reason)[0][1:6])
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()


def test_or_what_is_on_its_own_branch_as_the_reason_says(service: ServiceBox) -> None:
    reason = waits(service, "echo x > x; git add x; git commit -qm x; git checkout -q --detach main")
    service.person_git(*commands(reason)[1][1:5])
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()


@pytest.mark.parametrize("how", ["rm .git", "rm .git; git init -q", "rm -r $(git rev-parse --git-dir)"])
def test_a_worktree_without_its_git_file_is_made_anew_as_the_reason_says(service: ServiceBox, how: str) -> None:
    reason = waits(service, f"echo x > x; git add x; git commit -qm x; echo y > y; {how}")
    tree = worktree(service)
    assert f"move {tree} away, and make it anew: git -C" in reason
    away = tree.rename(service.box.root / "away")
    service.person_git(*commands(reason)[0][1:])
    (away / "y").rename(tree / "y")
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()


def test_an_unfinished_rebase_is_given_up_as_the_reason_says(service: ServiceBox) -> None:
    own = "echo 1 > x; git add x; git commit -qm 1; git checkout -qb side main; echo 2 > x; git add x; git commit -qm 2"
    reason = waits(service, f"{own}; git checkout -q wg/agent-1/t; git rebase -q side; true")
    assert "a rebase is unfinished in the worktree; finish it, or give it up" in reason
    service.person_git("-C", str(worktree(service)), "rebase", "--abort")
    service.await_status("t", "done")
    assert (service.box.project / "x").read_text() == "1\n"


def test_a_base_branch_that_was_renamed_goes_on_under_its_new_name_as_the_reason_says(service: ServiceBox) -> None:
    blocked(service)
    service.person_git("branch", "-m", "main", "trunk")
    reason = await_reason(service, "main is gone")
    assert "if it was renamed, name it as base_branch in .wg/project.toml, and the work goes on" in reason
    service.person_git("checkout", "-q", "README")
    (service.dir / "project.toml").write_text('base_branch = "trunk"\n')
    service.await_status("t", "done")
    assert service.box.git("show", "trunk:x") == "x"
    wait_for(lambda: not service.box.git("branch", "--list", "wg/*"), "the branch is removed")
    assert service.box.wg("--json", "worktree", "list").json == []


def test_what_is_merged_by_hand_into_a_renamed_base_is_done(service: ServiceBox) -> None:
    blocked(service)
    service.person_git("branch", "-m", "main", "trunk")
    service.person_git("checkout", "-q", "README")
    service.person_git("merge", "-q", "--no-edit", "wg/agent-1/t")
    (service.dir / "project.toml").write_text('base_branch = "trunk"\n')
    service.await_status("t", "done")
    assert service.box.git("rev-list", "--count", "--merges", "trunk") == "0", "the hand merge was a fast-forward"


def test_the_next_agent_goes_on_from_a_renamed_base(service: ServiceBox) -> None:
    blocked(service)
    service.person_git("branch", "-m", "main", "trunk")
    await_reason(service, "main is gone")
    service.box.wg("fail", "t")
    service.person_git("checkout", "-q", "README")
    (service.dir / "project.toml").write_text('base_branch = "trunk"\n')
    service.box.wg("retry", "t")
    service.await_status("t", "done")
    second = service.attempts("t")[1].workplace
    assert second is not None and (second.branch, second.base_branch) == ("wg/agent-1/t", "trunk")
    assert service.box.git("show", "trunk:x") == "x"


@pytest.mark.parametrize("way", [0, 1])
def test_a_base_branch_that_was_rewritten(service: ServiceBox, way: int) -> None:
    blocked(service)
    service.person_git("commit", "-q", "--amend", "-am", "rewritten")
    reason = await_reason(service, "main no longer contains the commit that the attempt started from")
    by_hand, again = commands(reason, "wg ")[:2], commands(reason, "wg ")[2:]
    for command in (by_hand, again)[way]:
        service.box.wg(*command[1:])
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 1 + way
    assert (service.box.project / "x").exists() == (way == 1)


def test_another_base_that_has_not_what_came_from_the_old_one_is_not_taken(service: ServiceBox) -> None:
    blocked(service)
    service.person_git("checkout", "-q", "README")
    service.person_git("checkout", "-q", "--orphan", "other")
    service.person_git("commit", "-qm", "other")
    service.person_git("branch", "-qD", "main")
    (service.dir / "project.toml").write_text('base_branch = "other"\n')
    await_reason(service, "main is gone")
    assert service.box.git("rev-list", "--count", "other") == "1"
