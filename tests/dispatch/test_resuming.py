"""Which attempts of nex go on with the conversation of the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dispatch.records import DONE, LOST, NOW, ROUTE, attempt
from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.resuming import journal_to_resume
from wg.executors import failures
from wg.graph.attempt import Attempt, Outcome, Usage, Workplace
from wg.locations import Project
from wg.nex.journal import Journal

PLACE = Workplace("/w/agent-7", "wg/agent-7/t", "main", "c")
NEX = ROUTE._replace(executor="nex", model="nex:m")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(str(tmp_path), str(tmp_path / ".wg"))


def last(project: Project, outcome: Outcome, *, journal: bool = True) -> Attempt:
    files = AttemptFiles(project, 7)
    files.create()
    if journal:
        Journal(files.journal).message({"role": "user", "content": "the task"})
    return attempt(outcome, fence=7)._replace(route=NEX, workplace=PLACE)


def failed(failure: str) -> Outcome:
    return Outcome(1, False, failure, "m", "s", Usage(), NOW)


RESUMED = [failures.KILLED, failures.INTERRUPTED, failures.LOST, failures.NETWORK, failures.OVERLOAD, failures.TIMEOUT]
AFRESH = [failures.CONTEXT_TOO_LONG, failures.EXIT]


@pytest.mark.parametrize("failure", RESUMED)
def test_what_was_cut_short_is_gone_on_with(project: Project, failure: str) -> None:
    found = journal_to_resume(project, last(project, failed(failure)), PLACE)
    assert found == AttemptFiles(project, 7).journal


def test_what_ended_well_and_waits_or_is_to_be_mended_too(project: Project) -> None:
    assert journal_to_resume(project, last(project, DONE), PLACE)


@pytest.mark.parametrize("failure", AFRESH)
def test_what_would_come_to_the_same_end_begins_anew(project: Project, failure: str) -> None:
    assert journal_to_resume(project, last(project, failed(failure)), PLACE) == ""


def test_elsewhere_or_by_another_it_begins_anew(project: Project) -> None:
    one = last(project, LOST)
    assert journal_to_resume(project, one, PLACE._replace(directory="/w/agent-8")) == "", "retry --fresh"
    assert journal_to_resume(project, one, PLACE._replace(read_only=True)) == ""
    assert journal_to_resume(project, one._replace(route=ROUTE), PLACE) == ""
    assert journal_to_resume(project, None, PLACE) == ""


def test_without_a_journal_that_can_be_read_the_whole_task_is_told_again(project: Project) -> None:
    assert journal_to_resume(project, last(project, LOST, journal=False), PLACE) == ""
    Path(AttemptFiles(project, 7).journal).write_text('{"type": "mess')
    assert journal_to_resume(project, attempt(LOST, fence=7)._replace(route=NEX, workplace=PLACE), PLACE) == ""
