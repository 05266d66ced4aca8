"""What people do to tasks by hand, as they type it."""

from __future__ import annotations

import pytest

from tests.harness import Box
from wg.graph.store import Store


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    Store.create(str(box.project / ".wg" / "db" / "graph.db")).close()
    return box


def test_retry_abandon_and_reset(project: Box) -> None:
    project.wg("add", "a")
    project.wg("add", "b", "--after", "a")
    project.wg("fail", "a", "--reason", "no net")
    assert project.wg("retry", "a", "--reason", "net is back").out == "a is open (ready)\n"
    assert "cannot be retried" in project.wg("retry", "a", code=1).err
    project.wg("add", "other")
    assert project.wg("abandon", "a", "--superseded-by", "oth", "--reason", "old").out == "a is abandoned\n"
    assert "Superseded by: other" in project.wg("show", "a").out
    project.wg("done", "b")
    assert "--downstream" in project.wg("reset", "a", code=1).err
    assert project.wg("reset", "a", "--downstream").out == "a is open\nb is open\n"
    assert project.wg("show", "b", "--json").json["unmet"] == 1


def test_as_json(project: Box) -> None:
    project.wg("add", "a")
    project.wg("fail", "a")
    said = project.wg("retry", "a", "--json").json
    assert said == {"id": "a", "status": "open", "paused": False, "claimed_by": ""}
    project.wg("done", "a")
    assert project.wg("reset", "a", "--json").json == {"opened": ["a"]}


@pytest.mark.parametrize("name", ["retry", "abandon", "reset"])
def test_what_is_not_there(project: Box, name: str) -> None:
    project.wg("add", "build")
    assert "did you mean: build" in project.wg(name, "biuld", code=3).err
    assert "ID" in project.wg(name, code=2).err
