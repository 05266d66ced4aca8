"""The commands that show parts of the graph, as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graph.records import run_to_end
from tests.harness import Box
from wg.graph.store import Store
from wg.graph.task import NewTask

HOSTILE = 'a "b" <i>&\\ \'`[x]` #1 ünï'


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    Store.create(database(box)).close()
    return box


def database(box: Box) -> str:
    return str(Path(box.project) / ".wg" / "db" / "graph.db")


def fill(box: Box, **after: str) -> None:
    """Tasks by id, each with the ids it depends on."""
    with Store.open(database(box)) as store:
        for name, dependencies in after.items():
            store.add(NewTask(f"Do {name}", id=name, after=tuple(dependencies.split())), 1.0, "ann")


# ready


def test_ready_lists_what_can_start_and_then_what_waits(project: Box) -> None:
    assert project.wg("ready").out == "No tasks ready\n"
    fill(project, c="", a="", b="a", w="")
    with Store.open(database(project)) as store:
        store.note("a", "the quota is used up\x1b[2J", 2.0)
        store.hold(run_to_end(store, "w"), "the merge is in the way", 103.0)
    assert project.wg("ready").out == (
        "Ready tasks:\n"
        "  c - Do c\n"
        "  a - Do a (not started: the quota is used up\\x1b[2J)\n"
        "Waiting for something else:\n"
        "  w - Do w (the merge is in the way)\n"
    )
    found = project.wg("ready", "--json").json
    assert found["ready"][0] == {"id": "c", "title": "Do c", "note": ""}
    assert (found["ready_count"], found["waiting_count"]) == (2, 1)
    assert found["waiting"] == [{"id": "w", "title": "Do w", "reason": "the merge is in the way"}]


def test_ready_is_cut_off_and_says_so(project: Box) -> None:
    fill(project, c="", a="", b="")
    assert project.wg("ready", "--limit", "1").out.splitlines()[1:] == [
        "  c - Do c",
        "  … and 2 more: --limit 0 shows all",
    ]
    assert project.wg("ready", "--limit", "1", "--json").json["ready_count"] == 3
    assert len(project.wg("ready", "--limit", "0").out.splitlines()) == 4
    for wrong in ("-1", "x", "٣", "9" * 30):
        assert "is not a number" in project.wg("ready", f"--limit={wrong}", code=2).err
