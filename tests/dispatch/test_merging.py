"""The merge queue in this process: what is asked how often."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.dispatch.lines import Lines
from tests.harness import Box
from tests.worktrees.conftest import Repository
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.check import Checks
from wg.dispatch.hold import Hold
from wg.dispatch.jobs import Jobs
from wg.dispatch.merging import Merger, MergeRules, merge_rules
from wg.graph.attempt import Attempt, Outcome, RouteRecord, Settlement, Usage, Workplace
from wg.graph.store import Store
from wg.graph.task import NewTask, Task
from wg.locations import Project

ROUTE = RouteRecord("codex", "codex:m", "s", "/c", "d", "codex")
DONE = Outcome(0, True, "", "fine", "", Usage(), 1.0)


@pytest.fixture
def repository(box: Box, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    return Repository(box)


def task(check: str = "", conflicts: int = 0) -> Task:
    return Task(
        *("build", "Build it", "in-progress", "", False, "", "", "", check, True, None, "", "", 0, 0.0, None, None),
        conflicts=conflicts,
    )


def recorded(project: Project, place: Workplace) -> Attempt:
    """An attempt that has ended."""
    with Store.create(project.database) as store:
        store.add(NewTask("Build it", id="build"), 1.0, "test")
        attempt = store.claim("build", ROUTE, 60.0, 1.0, 2.0)
        assert attempt is not None
        assert store.prepare(attempt.fence, place)
        store.end(attempt.fence, DONE, 1.0)
        AttemptFiles(project, attempt.fence).create()
        return store.attempt(attempt.fence)


def merge(
    repository: Repository, place: Workplace, of: Task, times: int = 1, rounds: int = 2
) -> list[Settlement | Hold | None]:
    project = Project(str(repository.root), str(repository.wg_dir))
    attempt = recorded(project, place)
    jobs = Jobs(Lines(), time.monotonic, 5.0)
    merger = Merger(project, jobs, Checks(project, jobs.cancelled))
    found = []
    for _ in range(times):
        with jobs._slots:  # as inside a job
            found.append(merger.merge(attempt, of, place, MergeRules(rounds, 60.0)))
    return found


def worked(repository: Repository, name: str = "work") -> Workplace:
    place = repository.prepare()
    repository.commit(name, "agent\n", Path(place.directory))
    return place


def test_a_check_is_asked_once_about_the_same_files(repository: Repository) -> None:
    place = worked(repository)
    repository.commit("theirs", "x")
    asked = repository.box.root / "asked"
    found = merge(repository, place, task(f"echo x >> {asked}; ! test -f theirs"), times=2, rounds=0)
    assert all(isinstance(each, Hold) and each.kind == "merge" for each in found)
    assert asked.read_text() == "x\n"


def test_what_goes_back_names_the_paths_and_the_commit_to_merge(repository: Repository) -> None:
    place = worked(repository, "README")
    base = repository.commit("README", "user\n")
    (found,) = merge(repository, place, task())
    assert isinstance(found, Settlement)
    assert (found.event, found.merging) == ("requeued", base)
    assert "README" in found.verdict


def test_after_its_rounds_a_conflict_is_a_persons(repository: Repository) -> None:
    place = worked(repository, "README")
    repository.commit("README", "user\n")
    (found,) = merge(repository, place, task(conflicts=2))
    assert isinstance(found, Hold)
    assert "merge wg/agent-1/build into main by hand" in found.reason


def test_a_user_who_commits_during_the_check_is_not_run_over(repository: Repository) -> None:
    """The base moves while the merge is checked: the next merge is checked, too, before the base moves to it."""
    place = worked(repository)
    repository.commit("theirs", "x")
    late = f"test -f late || (cd {repository.root} && echo x > late && git add late && git commit -qm late)"
    (found,) = merge(repository, place, task(f"{late}; ls > {repository.box.root}/last"))
    assert isinstance(found, Settlement)
    assert found.event == "succeeded"
    assert {"late", "theirs", "work"} <= repository.files("main")
    assert "late" in (repository.box.root / "last").read_text(), "what was merged is what was checked"


def test_without_a_config_the_rules_are_the_defaults() -> None:
    assert merge_rules(None) == MergeRules(2, 600.0)
