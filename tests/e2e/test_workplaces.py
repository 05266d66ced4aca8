"""Tasks that work elsewhere than in a worktree of their own: in the project directory, or without changing anything."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from wg.graph.task import DIRECTORY, READ_ONLY, NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def test_in_the_project_directory(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description="RUN: pwd > made", workplace=DIRECTORY))
    service.start()
    service.await_status("t", "done")
    assert (service.box.project / "made").read_text() == f"{service.box.project}\n"
    assert service.box.git("status", "--porcelain") == "?? made", "nothing is committed for anybody"
    assert "nothing is merged" in service.attempts("t")[0].verdict


def test_two_never_work_in_the_project_directory_at_once_and_others_go_on(service: ServiceBox) -> None:
    gate, here = service.box.root / "gate", service.box.root / "here"
    here.mkdir()
    counted = f"touch {here}/$WG_TASK_ID; ls {here} | wc -l >> {here}.counts"
    command = f"{counted}; while ! test -f {gate}; do sleep 0.05; done; rm {here}/$WG_TASK_ID"
    for task in ("one", "two"):
        service.add(NewTask(task, id=task, description=f"RUN: {command}", workplace=DIRECTORY))
    service.add(NewTask("other", id="other", description="RUN: echo x > other"))
    service.start()
    service.await_status("other", "done")
    assert (service.box.project / "other").exists(), "merging goes on meanwhile"
    wait_for(lambda: "works in the project directory" in service.task("two").note, "the other one is told why")
    gate.touch()
    for task in ("one", "two"):
        service.await_status(task, "done")
    assert (service.box.root / "here.counts").read_text().split() == ["1", "1"]


@pytest.mark.parametrize("end", ["true", "exit 3"])
def test_what_is_read_only_is_neither_committed_nor_merged_nor_kept(service: ServiceBox, end: str) -> None:
    changes = "echo x > junk; git add junk; git commit -qm mine; echo y > more"
    command = f'cat README > $RECORDS/read; {changes}; "$WG_BIN" log t seen; {end}'
    service.add(NewTask("t", id="t", description=f"RUN: {command}", workplace=READ_ONLY))
    before = service.box.git("rev-parse", "main")
    service.start()
    service.await_status("t", "done" if end == "true" else "failed")
    assert (service.records / "read").read_text() == "hello\n"
    assert service.box.git("rev-parse", "main") == before
    wait_for(lambda: not (service.dir / "worktrees" / "agent-1").exists(), "its worktree is removed")
    wait_for(lambda: service.box.git("branch", "--list", "wg/*") == "", "its branch is removed")
    with service.store() as store:
        assert [entry.message for entry in store.log_entries("t")] == ["seen"]


def test_a_read_only_task_is_tried_again_in_a_new_worktree(service: ServiceBox) -> None:
    command = "pwd >> $RECORDS/places; test $WG_ATTEMPT = 2"
    service.add(NewTask("t", id="t", description=f"RUN: {command}", workplace=READ_ONLY))
    service.start()
    service.await_status("t", "failed")
    service.box.wg("retry", "t")
    service.await_status("t", "done")
    assert [line.rpartition("/")[2] for line in (service.records / "places").read_text().split()] == [
        "agent-1",
        "agent-2",
    ]


def test_a_read_only_tasks_check_is_asked(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", description="RUN: true", workplace=READ_ONLY, check="exit 5"))
    service.start()
    assert "the check failed with exit code 5" in service.await_status("t", "failed").reason
