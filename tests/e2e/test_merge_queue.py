"""Merging: one at a time, checked on the merge, and what does not fit together goes back to an agent (decision 7)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import Box, wait_for
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def user_commits(service: ServiceBox, name: str, text: str) -> None:
    (service.box.project / name).write_text(text)
    service.person_git("add", name)
    service.person_git("commit", "-qm", "meanwhile")


def works_until_the_gate(service: ServiceBox, command: str, then: str = "true", **more: object) -> Path:
    """A task whose first attempt does `command` and awaits the gate, which is returned; the next ones do `then`."""
    gate = service.box.root / "gate"
    first = f"{command}; touch $RECORDS/up; while ! test -f {gate}; do sleep 0.05; done"
    description = f"RUN: if test $WG_ATTEMPT = 1; then {first}; else {then}; fi"
    service.add(NewTask("t", id="t", description=description, **more))  # type: ignore[arg-type]
    (service.records / "dispatcher").write_text(str(service.start()))
    wait_for((service.records / "up").exists, "the agent works")
    return gate


def kill_dispatcher(service: ServiceBox) -> None:
    pid = int((service.records / "dispatcher").read_text())
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(pid), "the dispatcher is dead")


def test_a_conflict_goes_back_to_the_agent_with_the_paths(service: ServiceBox) -> None:
    gate = works_until_the_gate(service, "echo agent > README", "cp README $RECORDS/seen; echo both > README")
    user_commits(service, "README", "person\n")
    gate.touch()
    assert service.await_status("t", "done").failures == 0
    first, second = service.attempts("t")
    assert "README" in first.verdict and "conflict" in first.verdict
    seen = (service.records / "seen").read_text()
    assert "<<<<<<<" in seen and "agent" in seen and "person" in seen
    assert (service.box.project / "README").read_text() == "both\n"
    assert first.workplace is not None and second.workplace is not None
    assert second.workplace.directory == first.workplace.directory
    assert service.box.git("status", "--porcelain") == ""
    body = service.box.git("log", "-1", "--format=%B", "main")
    assert body.splitlines() == [
        "t",
        "",
        *("Wg-Attempt: 2", "Wg-Task: t", "Wg-Agent: agent-2", f"Wg-Model: {second.route.model}"),
    ]


def test_where_there_are_no_markers_doing_nothing_decides_nothing(service: ServiceBox) -> None:
    """While the agent edits `mod`, `bin` and `d/f`, the user deletes `mod`, changes `bin`, and makes `d` a file."""
    project, git = service.box.project, service.box.git
    (project / "d").mkdir()
    for name in ("mod", "bin", "d/f"):
        (project / name).write_bytes(b"0\0\n")
    git("add", ".")
    git("commit", "-qm", "files")
    gate = works_until_the_gate(service, "for each in mod bin d/f; do echo agent > $each; done")
    git("rm", "-q", "mod", "d/f")
    (project / "bin").write_bytes(b"user\0\n")
    (project / "d").write_text("a file\n")
    git("add", ".")
    git("commit", "-qm", "meanwhile")
    tip = git("rev-parse", "main")
    gate.touch()
    reason = service.await_status("t", "waiting").reason
    assert f"not resolved: bin, d/f, d~{tip}, mod; in " in reason and "git add or git rm" in reason
    verdict = service.attempts("t")[1].verdict
    assert f"not resolved: bin, d/f, d~{tip}, mod." in verdict and "git add or git rm" in verdict
    assert git("rev-parse", "main") == tip
    tree = service.dir / "worktrees" / "agent-1"
    service.person_git("-C", str(tree), "rm", "-q", "--cached", "mod", "d/f")
    for name in ("mod", "d/f"):
        (tree / name).unlink()
    (tree / "d").rmdir()
    (tree / f"d~{tip}").rename(tree / "d")
    service.person_git("-C", str(tree), "add", "bin", "d", f"d~{tip}")
    service.await_status("t", "done")
    assert sorted(git("ls-tree", "-r", "--name-only", "main").split()) == [".gitignore", "README", "bin", "d"]
    assert (project / "bin").read_text() == "agent\n"


def test_the_check_is_run_on_the_merge_before_the_base_moves(service: ServiceBox) -> None:
    """Each side is fine, and the two together are not."""
    check = 'pwd >> "$WG_DIR/../../records/checked"; ! { test -f mine && test -f theirs; } || test -f both'
    gate = works_until_the_gate(service, "echo x > mine", "test -f theirs && echo x > both", check=check)
    user_commits(service, "theirs", "x\n")
    before = service.box.git("rev-parse", "main")
    gate.touch()
    service.await_status("t", "done")
    first, second = service.attempts("t")
    assert "fails only together with what has come to main" in first.verdict
    assert "check failed with exit code 1" in first.verdict
    assert service.box.git("rev-list", "--first-parent", "main").splitlines()[1] == before, "it moved once, at the end"
    places = (service.records / "checked").read_text().split()
    worktrees = service.dir / "worktrees"
    assert places == [str(worktrees / "agent-1"), str(worktrees / "merge-1"), str(worktrees / "agent-1")]
    assert second.route == first.route
    wait_for(lambda: not list(worktrees.iterdir()), "no worktree is left")


def test_where_the_base_did_not_change_the_check_is_not_repeated(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description="RUN: echo x > x", check="echo x >> $RECORDS/checked"))
    service.start()
    service.await_status("t", "done")
    assert (service.records / "checked").read_text() == "x\n"


def test_without_rounds_a_check_that_fails_on_the_merge_asks_a_person(service: ServiceBox) -> None:
    service.set("conflict_rounds = 2", "conflict_rounds = 0")
    gate = works_until_the_gate(service, "echo x > mine", check="echo x >> $RECORDS/checked; ! test -f theirs")
    user_commits(service, "theirs", "x\n")
    gate.touch()
    assert "mend wg/agent-1/t or main by hand" in service.await_status("t", "waiting").reason
    service.person_git("rm", "-q", "theirs")
    service.person_git("commit", "-qm", "mended")
    service.await_status("t", "done")


def test_blocked_merges_are_passed_by_others(service: ServiceBox) -> None:
    readme = service.box.project / "README"
    readme.write_text("the user is writing this\n")
    service.add(NewTask("t", id="t", description="RUN: echo agent > README"))
    service.start()
    assert "README" in service.await_status("t", "waiting").reason
    service.add(NewTask("other", id="other", description="RUN: echo x > other"))
    service.await_status("other", "done")
    assert service.task("t").status == "waiting"
    assert readme.read_text() == "the user is writing this\n"
    service.person_git("checkout", "-q", "README")
    service.await_status("t", "done")


def test_a_dispatcher_killed_while_a_merge_is_checked_leaves_nothing_behind(service: ServiceBox) -> None:
    check = "case $PWD in */merge-*) echo $$ >> $RECORDS/pids; while ! test -f $RECORDS/go; do sleep 0.05; done;; esac"
    gate = works_until_the_gate(service, "echo x > mine", check=check)
    user_commits(service, "theirs", "x\n")
    gate.touch()
    first = int(service.await_file(service.records / "pids"))
    kill_dispatcher(service)
    assert (service.dir / "worktrees" / "merge-1").exists()
    service.start()
    wait_for(lambda: len((service.records / "pids").read_text().split()) == 2, "it is checked again")
    assert is_gone(first)
    (service.records / "go").touch()
    service.await_status("t", "done")
    wait_for(lambda: not list((service.dir / "worktrees").iterdir()), "no worktree is left")
    assert service.box.git("rev-list", "--count", "--merges", "main") == "1"
    assert len(service.attempts("t")) == 1


def test_a_dispatcher_killed_in_a_conflict_round_goes_on_with_it(service: ServiceBox) -> None:
    then = "touch $RECORDS/second; while ! test -f $RECORDS/go; do sleep 0.05; done; echo both > README"
    gate = works_until_the_gate(service, "echo agent > README", then)
    user_commits(service, "README", "person\n")
    gate.touch()
    wait_for((service.records / "second").exists, "the second round runs")
    supervisor = service.await_running("t").supervisor
    kill_dispatcher(service)
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    (service.records / "go").touch()
    service.start()
    service.await_status("t", "done")
    assert (service.box.project / "README").read_text() == "both\n"
    assert service.box.git("rev-list", "--count", "--merges", "--first-parent", "main") == "1"
    assert service.task("t").conflicts == 1


def test_what_a_person_gives_up_while_its_merge_is_checked_is_not_merged_and_not_worked_on_twice(
    service: ServiceBox,
) -> None:
    (service.box.project / "README").write_text("the user is writing this\n")
    check = "case $PWD in */merge-*) touch $RECORDS/checks; while ! test -f $RECORDS/go; do sleep 0.05; done;; esac"
    gate = works_until_the_gate(service, "echo x > README", "echo second > second", check=check)
    gate.touch()
    service.await_status("t", "waiting")
    user_commits(service, "theirs", "x\n")
    service.person_git("checkout", "-q", "README")
    wait_for((service.records / "checks").exists, "the merge is checked")
    service.box.wg("fail", "t")
    service.box.wg("retry", "t")
    service.add(NewTask("other", id="other", exec="true"))
    service.await_status("other", "done")
    assert len(service.attempts("t")) == 1, "while its worktree is looked at, nobody else works in it"
    tip = service.box.git("rev-parse", "main")
    (service.records / "go").touch()
    service.await_status("t", "done")
    assert len(service.attempts("t")) == 2
    assert service.box.git("rev-list", "--count", "--first-parent", f"{tip}..main") == "1", "merged once"
    assert (service.box.project / "second").exists()


def test_what_a_check_leaves_is_not_taken_for_work(service: ServiceBox) -> None:
    (service.box.project / "README").write_text("the user is writing this\n")
    check = "date +%N > junk; echo changed >> made; mkdir -p d; touch d/new; echo x >> $RECORDS/checks"
    service.add(NewTask("t", id="t", description="RUN: echo agent > README; echo x > made", check=check))
    dispatcher = service.start()
    service.await_status("t", "waiting")
    os.kill(dispatcher, signal.SIGKILL)
    wait_for(lambda: is_gone(dispatcher), "the dispatcher is dead")
    service.start()
    wait_for(lambda: len((service.records / "checks").read_text().split()) == 2, "it is looked at again")
    service.person_git("checkout", "-q", "README")
    service.await_status("t", "done")
    assert service.box.git("log", "--format=%s", "--no-merges", "HEAD~1..HEAD") == "t"
    assert service.box.git("ls-tree", "-r", "--name-only", "main").split() == [".gitignore", "README", "made"]
    assert (service.box.project / "made").read_text() == "x\n"


@pytest.mark.parametrize("git_dir", ["n1.git", "store/.git"])
def test_a_git_directory_elsewhere(service: ServiceBox, git_dir: str) -> None:
    """`git worktree list` names that directory, or the one above it, as the main checkout."""
    elsewhere = service.box.root / git_dir
    elsewhere.parent.mkdir(exist_ok=True)
    service.box.git("init", "-q", "--separate-git-dir", str(elsewhere))
    service.add(NewTask("t", id="t", description="RUN: echo x > README; echo x > x"))
    service.start()
    service.await_status("t", "done")
    assert (service.box.project / "x").exists()
    assert (service.box.project / "README").read_text() == "x\n"
    assert service.box.git("status", "--porcelain") == ""
    assert elsewhere.parent == service.box.root or [path.name for path in elsewhere.parent.iterdir()] == [".git"]
    wait_for(lambda: not list((service.dir / "worktrees").iterdir()), "no worktree is left")
