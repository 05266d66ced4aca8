"""F26: the user has work of every kind in the main checkout while a merge happens."""

from __future__ import annotations

import pytest

from tests.e2e.service_box import ServiceBox
from tests.harness import Box, wait_for
from tests.worktrees.test_merge import picture
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    (box.project / ".gitignore").write_text(".wg\nignored*\n")
    (box.project / "other").write_text("other\n")
    box.git("add", ".")
    box.git("commit", "-qm", "second")
    return made


def test_F26_unstaged_staged_untracked_and_ignored_work_is_untouched(service: ServiceBox) -> None:
    project = service.box.project
    (project / "README").write_text("staged\n")
    service.box.git("add", "README")
    (project / "README").write_text("and edited\n")
    (project / "other").write_text("edited\n")
    (project / "untracked").write_text("mine\n")
    (project / "ignored").write_text("mine\n")
    before, index = picture(project), service.box.git("diff", "--cached")
    service.add(NewTask("t", id="t", description="RUN: echo x > made"))
    service.start()
    service.await_status("t", "done")
    assert picture(project, "made") == before
    assert service.box.git("diff", "--cached") == index
    assert (project / "made").read_text() == "x\n"


@pytest.mark.parametrize("name", ["README", "untracked", "ignored-file"])
def test_F26_where_it_overlaps_the_task_waits_with_the_path(service: ServiceBox, name: str) -> None:
    project = service.box.project
    (project / name).write_text("the user's\n")
    before, tip = picture(project), service.box.git("rev-parse", "main")
    service.add(NewTask("t", id="t", description=f"RUN: echo x > {name}; git add -f {name}"))
    service.add(NewTask("free", id="free", description="RUN: echo x > free"))
    service.start()
    assert name in service.await_status("t", "waiting").reason
    service.await_status("free", "done")
    assert picture(project, "free") == before
    assert service.box.git("rev-parse", "main^") == tip
    (project / name).unlink()
    service.person_git("checkout", "-q", "--", ".")
    service.await_status("t", "done")
    assert (project / name).read_text() == "x\n"


def test_F26_a_rebase_in_progress_is_left_to_its_end(service: ServiceBox) -> None:
    project, git = service.box.project, service.box.git
    git("checkout", "-qb", "topic", "main~1")
    (project / "other").write_text("topic\n")
    git("add", "other")
    git("commit", "-qm", "topic")
    git("checkout", "-q", "main")
    git("rebase", "topic", code=None)
    before = picture(project)
    service.add(NewTask("t", id="t", description="RUN: echo x > made"))
    service.start()
    service.await_status("t", "waiting")
    assert picture(project) == before
    assert "rebase in progress" in git("status")
    service.person_git("rebase", "--abort")
    wait_for(lambda: service.task("t").status == "done", "the merge is tried again")
    assert (project / "other").read_text() == "other\n"
