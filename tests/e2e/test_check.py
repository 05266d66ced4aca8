"""`wg check`: whether what is stored fits together."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.graph.records import PROCESS, claim
from tests.harness import Box
from wg.graph.store import Store
from wg.graph.task import Loop, NewTask


@pytest.fixture
def project(box: Box) -> Box:
    """A project where a is done, b and c depend on it, and c also on b."""
    with Store.create(database(box)) as store:
        for name, after in (("a", ()), ("b", ("a",)), ("c", ("a", "b"))):
            store.add(NewTask(name, id=name, after=after), 1.0, "ann")
        store.person_done("a", 2.0, "ann")
    return box


def database(box: Box) -> str:
    return str(Path(box.project) / ".wg" / "db" / "graph.db")


def damage(box: Box, statement: str) -> None:
    connection = sqlite3.connect(database(box))
    connection.executescript(statement)
    connection.commit()
    connection.close()


def test_what_fits_together_is_ok(project: Box) -> None:
    assert project.wg("check").out == "ok       graph: everything fits together\n"
    with Store.open(database(project)) as store:
        claim(store, "b")
    assert project.wg("check", "--json").json[0]["level"] == "ok"


@pytest.mark.parametrize(
    ("statement", "subject", "says"),
    [
        ("UPDATE tasks SET unmet = 0 WHERE id = 'c'", "c", "it counts 0 unmet dependencies, and has 1"),
        ("UPDATE tasks SET status = 'in-progress' WHERE id = 'b'", "b", "neither an attempt nor a person"),
        ("INSERT INTO edges (task, dependency) VALUES (1, 99)", "database", "names one of tasks that does not exist"),
    ],
)
def test_what_does_not_is_named_with_its_remedy(project: Box, statement: str, subject: str, says: str) -> None:
    damage(project, statement)
    (finding,) = project.wg("check", "--json", code=1).json
    assert (finding["level"], finding["subject"]) == ("problem", subject)
    assert says in finding["message"] and finding["remedy"]
    assert "remedy: " in project.wg("check", code=1).out


def test_tasks_that_wait_for_each_other(project: Box) -> None:
    damage(project, "INSERT INTO edges (task, dependency) VALUES (1, 2); UPDATE tasks SET unmet = 1 WHERE id = 'a'")
    (finding,) = project.wg("check", "--json", code=1).json
    assert finding["level"] == "problem"
    assert finding["message"] in ("these wait for each other: a -> b -> a", "these wait for each other: b -> a -> b")
    assert "wg dep rm" in finding["remedy"]


def test_a_loop_that_nothing_ends(project: Box) -> None:
    with Store.open(database(project)) as store:
        store.declare_loop(Loop("c", "b", None), 3.0, "ann")
    (finding,) = project.wg("check", "--json", code=1).json
    assert (finding["level"], finding["subject"]) == ("warning", "c")
    assert finding["remedy"] == "wg edit c --max-iterations N"
    project.wg("edit", "c", "--max-iterations", "2")
    assert project.wg("check").out.startswith("ok ")


def test_a_guard_on_a_task_that_is_not_there(project: Box) -> None:
    with Store.open(database(project)) as store:
        store.declare_loop(Loop("c", "b", 2, "a=done"), 3.0, "ann")
    damage(project, "UPDATE loops SET guard = 'ghost=done'")  # as earlier versions stored it
    (finding,) = project.wg("check", "--json", code=1).json
    assert (finding["level"], finding["subject"]) == ("warning", "c")
    assert "there is no task ghost" in finding["message"] and "wg edit c --guard" in finding["remedy"]
    project.wg("edit", "c", "--guard", "a=done")
    assert project.wg("check").out.startswith("ok ")


def test_tasks_that_wait_for_each_other_by_conditions(project: Box) -> None:
    for name in ("d", "e"):
        project.wg("add", name)
        project.wg("wait", name, "--until", "human")
    damage(project, "UPDATE waits SET kind = 'task', value = 'done', subject = iif(task = 4, 'e', 'd')")  # as of old
    (finding,) = project.wg("check", "--json", code=1).json
    assert (finding["level"], finding["subject"]) == ("warning", "d")
    assert "d -> e -> d" in finding["message"] and finding["remedy"] == "wg resume d ends its waiting"
    assert project.wg("why", "e", "--json").json["causes"][0]["chain"] == ["e", "d", "e"]
    project.wg("resume", "d")
    assert project.wg("check").out.startswith("ok ")


def test_an_attempt_whose_process_is_dead(project: Box) -> None:
    dead = PROCESS._replace(host=os.uname().nodename)
    with Store.open(database(project)) as store:
        assert store.start(claim(store, "b").fence, dead, 101.0)
    (finding,) = project.wg("check", "--json", code=1).json
    assert (finding["level"], finding["subject"]) == ("warning", "b")
    assert "agent-1" in finding["message"] and "wg service start" in finding["remedy"]
