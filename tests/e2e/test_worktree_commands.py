"""`wg worktree list|gc|rm`: what is there, and that nothing goes which is used or the only copy of work."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.service_box import ServiceBox
from tests.faults.slow_git import stopping
from tests.harness import WG, Box, wait_for
from wg.dispatch.recovery import without_run
from wg.graph.attempt import RouteRecord, Settlement
from wg.graph.store import Store
from wg.graph.task import READ_ONLY, NewTask

ROUTE = RouteRecord("codex", "codex:m", "s", "/c", "d", "codex")


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def listed(service: ServiceBox) -> dict[str, Any]:
    return {each["agent"]: each for each in service.box.wg("--json", "worktree", "list").json}


def tree(service: ServiceBox, number: int) -> Path:
    return service.dir / "worktrees" / f"agent-{number}"


def failed(service: ServiceBox, command: str = "echo x > x; exit 3") -> None:
    """A failed task `t` of agent-1."""
    service.add(NewTask("t", id="t", description=f"RUN: {command}"))
    service.start()
    service.await_status("t", "failed")
    service.box.wg("service", "stop")


def test_where_there_is_nothing(service: ServiceBox) -> None:
    assert "no worktrees" in service.box.wg("worktree", "list").out
    assert service.box.wg("worktree", "gc").out == "nothing to remove\n"
    assert "agent-1 has no worktree" in service.box.wg("worktree", "rm", "agent-1", code=3).err


def test_without_git(box: Box) -> None:
    service = ServiceBox(box, git=False)
    assert "no worktrees" in service.box.wg("worktree", "list").out


def test_one_in_use_is_shown_and_stays(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", description=f"RUN: echo x > x; while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    service.await_running("t")
    wait_for((tree(service, 1) / "x").exists, "the agent works")
    found = listed(service)["agent-1"]
    assert (found["task"], found["state"], found["dirty"], found["can_go"]) == ("t", "in use", True, False)
    assert found["bytes"] > 0
    assert service.box.wg("--json", "worktree", "gc").json == {"removed": [], "kept": ["agent-1"], "problems": []}
    for extra in ([], ["--discard"]):
        assert "in use" in service.box.wg("worktree", "rm", "agent-1", *extra, code=1).err
    assert (tree(service, 1) / "x").exists()
    gate.touch()
    service.await_status("t", "done")


def test_agents_remove_none(service: ServiceBox) -> None:
    failed(service)
    for command in (["gc"], ["rm", "agent-1", "--discard"]):
        refused = service.box.wg("worktree", *command, env={"WG_ATTEMPT": "1"}, code=1)
        assert "that is for people" in refused.err
    assert tree(service, 1).exists()


def test_a_failed_one_with_work_is_kept_until_it_is_discarded_by_name(service: ServiceBox) -> None:
    failed(service)
    found = listed(service)["agent-1"]
    assert (found["ahead"], found["dirty"], found["can_go"]) == (1, False, False)
    assert "t failed, and its work is not merged" in found["state"]
    shown = service.box.wg("worktree", "list").out
    assert "1 commit ahead" in shown and "wg worktree rm agent-1 --discard" in shown
    assert "agent-1: kept" in service.box.wg("worktree", "gc").out
    refused = service.box.wg("worktree", "rm", "agent-1", code=1)
    assert "--discard" in refused.err
    assert (tree(service, 1) / "x").exists()
    tip = service.box.git("rev-parse", "wg/agent-1/t")
    assert tip[:12] in service.box.wg("worktree", "rm", "agent-1", "--discard").out
    assert not tree(service, 1).exists()
    assert service.box.git("branch", "--list", "wg/*") == ""
    assert listed(service) == {}


def test_a_failed_one_without_work_goes(service: ServiceBox) -> None:
    failed(service, "exit 3")
    assert listed(service)["agent-1"]["can_go"]
    assert "would remove agent-1" in service.box.wg("worktree", "gc", "--dry-run").out
    assert tree(service, 1).exists()
    assert "removed agent-1" in service.box.wg("worktree", "gc").out
    assert not tree(service, 1).exists()


def test_what_is_not_committed_keeps_it(service: ServiceBox) -> None:
    failed(service, "echo KEY > .env; exit 3")
    found = listed(service)["agent-1"]
    assert (found["ahead"], found["dirty"], found["can_go"]) == (0, True, False)
    service.box.wg("worktree", "gc")
    assert (tree(service, 1) / ".env").exists()


def test_one_of_an_abandoned_task_goes_and_its_branch_stays(service: ServiceBox) -> None:
    failed(service)
    service.box.wg("abandon", "t")
    assert "saved on its branch" in listed(service)["agent-1"]["state"]
    service.box.wg("worktree", "gc")
    assert not tree(service, 1).exists()
    assert service.box.git("show", "wg/agent-1/t:x") == "x"
    found = listed(service)["agent-1"]
    assert (found["directory"], found["state"]) == (None, "kept: a branch that is not merged")
    service.box.wg("worktree", "gc")
    assert service.box.git("show", "wg/agent-1/t:x") == "x"
    service.box.git("merge", "-q", "wg/agent-1/t")
    service.box.wg("worktree", "gc")
    assert service.box.git("branch", "--list", "wg/*") == ""


def test_one_where_the_next_attempt_goes_on_stays(service: ServiceBox) -> None:
    failed(service, "exit 3")
    service.box.wg("retry", "t")
    found = listed(service)["agent-1"]
    assert found["state"] == "kept: the next attempt at t goes on there"
    service.box.wg("worktree", "gc")
    assert tree(service, 1).exists()


def test_the_merged_branch_of_one_that_is_gone_goes(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    service.await_status("t", "done")
    wait_for(lambda: service.box.git("branch", "--list", "wg/*") == "", "all is removed")
    service.box.git("branch", "wg/agent-1/t")
    service.box.wg("worktree", "gc")
    assert service.box.git("branch", "--list", "wg/*") == ""


def test_a_branch_that_a_killed_dispatcher_left_without_its_worktree_goes(service: ServiceBox) -> None:
    """It is killed between the two; or git was, when it had made a branch and no worktree yet."""
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    with service.store() as store:
        attempt = store.claim("t", ROUTE, 60.0, time.time(), time.time())
        assert attempt is not None
        interrupt(store, attempt.fence)
    service.start()
    service.await_status("t", "done")
    wait_for(lambda: service.box.git("branch", "--list", "wg/*") == "", "all is removed")
    service.box.wg("service", "stop")
    service.box.git("branch", "wg/agent-1/t", "main~1")  # of the attempt that was interrupted
    service.box.git("branch", "wg/agent-2/t", "main~1")
    service.start()
    wait_for(lambda: service.box.git("branch", "--list", "wg/*") == "", "the branches are removed")


def test_F16_what_no_record_names_is_listed_and_left_alone(service: ServiceBox) -> None:
    inside = service.dir / "worktrees"
    inside.mkdir()
    (inside / "agent-7").mkdir()
    (inside / "mine").mkdir()
    (inside / "agent-link").symlink_to(service.box.project)
    service.box.git("worktree", "add", "-q", "-b", "wg/agent-9/t", str(inside / "agent-9"))
    service.box.git("branch", "wg/agent-8/t")
    service.add(NewTask("t", id="t"))
    with service.store() as store:  # attempts 1 and 2: of another branch, and a link
        for _ in range(2):
            attempt = store.claim("t", ROUTE, 60.0, time.time(), time.time())
            assert attempt is not None
            interrupt(store, attempt.fence)
    service.box.git("worktree", "add", "-q", "-b", "wg/agent-1/other", str(inside / "agent-1"))
    (inside / "agent-2").symlink_to(inside / "agent-9")
    before = sorted(inside.iterdir())
    refs = service.box.git("for-each-ref")
    assert set(listed(service)) == {"agent-1", "agent-2", "agent-7", "agent-9", "agent-link", "mine"}
    service.box.wg("worktree", "gc")
    for name in ("agent-1", "agent-2", "agent-7", "agent-9", "agent-link", "mine", "..", "agent-1/..", "."):
        service.box.wg("worktree", "rm", name, "--discard", code=None)
    assert sorted(inside.iterdir()) == before
    assert service.box.git("for-each-ref") == refs
    assert (service.box.project / "README").exists()


def interrupt(store: Store, fence: int) -> None:
    """The attempt was interrupted, and is over."""
    store.end(fence, without_run("interrupted", "", time.time()), time.time())
    store.settle(fence, Settlement("requeued", "", ""), time.time())


def test_one_that_is_older_than_the_attempt_of_its_number_is_left_alone(service: ServiceBox) -> None:
    """The database was made anew: agent-1 was another attempt's, of a task with the same id."""
    worktree = tree(service, 1)
    service.box.git("worktree", "add", "-q", "-b", "wg/agent-1/t", str(worktree))
    (worktree / "precious").write_text("x")
    service.add(NewTask("t", id="t"))
    with service.store() as store:
        attempt = store.claim("t", ROUTE, 60.0, time.time() + 60, time.time() + 60)
        assert attempt is not None
        interrupt(store, attempt.fence)
    assert "older than the attempt" in listed(service)["agent-1"]["state"]
    service.box.wg("worktree", "gc")
    assert "older than" in service.box.wg("worktree", "rm", "agent-1", "--discard", code=1).err
    assert (worktree / "precious").exists()


def test_a_read_only_one_that_a_killed_dispatcher_left_goes(service: ServiceBox) -> None:
    failed(service, "exit 3")
    service.add(NewTask("r", id="r", workplace=READ_ONLY))
    with service.store() as store:
        attempt = store.claim("r", ROUTE, 60.0, time.time(), time.time())
        assert attempt is not None
        path = tree(service, attempt.fence)
        branch = f"wg/agent-{attempt.fence}/r"
        service.box.git("worktree", "add", "-q", "-b", branch, str(path))
        (path / "junk").write_text("x")
        previous = service.attempts("t")[0].workplace
        assert previous is not None
        store.prepare(attempt.fence, previous._replace(directory=str(path), branch=branch, read_only=True))
        interrupt(store, attempt.fence)
    service.box.wg("worktree", "gc")
    assert not path.exists()
    assert service.box.git("branch", "--list", branch) == ""


@pytest.mark.parametrize("moment", ["rev-list --count", "status --porcelain=v2"])
def test_what_is_removed_while_it_is_listed_is_no_error(service: ServiceBox, moment: str) -> None:
    failed(service)
    gate = stopping(service, before=moment)
    with subprocess.Popen(
        [WG, "--json", "worktree", "list"], cwd=service.box.project, env=service.box.env, stdout=subprocess.PIPE
    ) as process:
        wait_for(gate.with_name(f"{gate.name}.reached").exists, "git is about to look")
        git = {**service.box.env, "PATH": service.box.env["PATH"].replace(f"{service.bin}:", "")}
        for command in (["worktree", "remove", "--force", str(tree(service, 1))], ["branch", "-D", "wg/agent-1/t"]):
            service.box.run("git", *command, env=git)
        gate.touch()
        out, _ = process.communicate(timeout=150)
    assert process.returncode == 0
    assert [each["agent"] for each in json.loads(out) if each["directory"]] in ([], ["agent-1"])
