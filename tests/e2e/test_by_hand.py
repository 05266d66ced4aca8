"""What people do to tasks by hand, as they type it."""

from __future__ import annotations

import pytest

from tests.graph.records import claim
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
    assert project.wg("reset", "a", "--downstream").out == "a is open (ready)\nb is open (blocked by 1)\n"
    assert project.wg("show", "b", "--json").json["unmet"] == 1


def test_reset_says_what_keeps_a_task_from_its_start(project: Box) -> None:
    project.wg("add", "a", "--paused")
    project.wg("fail", "a")
    assert project.wg("reset", "a").out == "a is open (paused)\n"


def test_as_json(project: Box) -> None:
    project.wg("add", "a")
    project.wg("fail", "a")
    said = project.wg("retry", "a", "--json").json
    assert said == {"id": "a", "status": "open", "paused": False, "claimed_by": ""}
    project.wg("done", "a")
    assert project.wg("reset", "a", "--json").json == {"opened": ["a"]}


@pytest.mark.parametrize("name", ["retry", "abandon", "reset", "publish", "pause", "resume", "claim", "unclaim"])
def test_what_is_not_there(project: Box, name: str) -> None:
    project.wg("add", "build")
    assert "did you mean: build" in project.wg(name, "biuld", code=3).err
    assert "ID" in project.wg(name, code=2).err


def test_drafts(project: Box) -> None:
    assert project.wg("add", "a", "--paused").out == "Added task (draft): a (a)\nwg publish a lets it run\n"
    project.wg("add", "b", "--paused", "--after", "a")
    assert project.wg("list").out == "[ ] a - a [PAUSED]\n[!] b - b [PAUSED] (blocked by 1)\n"
    assert project.wg("publish", "a", "--only").out == "a is published\n"
    assert project.wg("publish", "a", "--json").json == {"published": ["b"]}
    assert "not paused" in project.wg("publish", "a", code=1).err
    assert project.wg("pause", "a").out == "a is open (paused)\n"
    assert "paused already" in project.wg("pause", "a", code=1).err
    assert project.wg("resume", "a").out == "a is open (ready)\n"


def test_claimed_by_a_person(project: Box) -> None:
    project.wg("add", "a")
    ann = {"USER": "ann"}
    assert project.wg("claim", "a", env=ann).out == "a is in-progress (claimed by ann)\n"
    assert project.wg("list").out == "[~] a - a (claimed by ann)\n"
    assert "Status: in-progress (claimed by ann)" in project.wg("show", "a").out
    assert project.wg("unclaim", "a").out == "a is open (ready)\n"
    project.wg("claim", "a", env=ann)
    assert project.wg("done", "a").out == "a is done\n"


def test_an_agent_neither_claims_by_hand_nor_finishes_what_a_person_claimed(project: Box) -> None:
    project.wg("add", "mine")
    project.wg("add", "other")
    with Store.open(str(project.project / ".wg" / "db" / "graph.db")) as store:
        env = {"WG_TASK_ID": "mine", "WG_ATTEMPT": str(claim(store, "mine").fence)}
    assert "by an agent" in project.wg("claim", "other", env=env, code=1).err
    project.wg("claim", "other", env={"USER": "agent-1"})
    for name in ("done", "fail", "unclaim", "abandon"):
        assert "claimed by user-agent-1" in project.wg(name, "other", env=env, code=1).err
    assert project.wg("show", "other", "--json").json["status"] == "in-progress"


def test_dependencies(project: Box) -> None:
    project.wg("add", "a")
    project.wg("add", "b")
    assert project.wg("dep", "add", "b", "a").out == "b depends on a\n"
    assert "cycle: a -> b -> a" in project.wg("dep", "add", "a", "b", code=1).err
    assert project.wg("dep", "rm", "b", "a", "--json").json == {"id": "b", "depends_on": [], "loops": []}
    assert "does not depend" in project.wg("dep", "rm", "b", "a", code=3).err
    assert "COMMAND" in project.wg("dep", code=2).err


AGENT = {"WG_ATTEMPT": "1"}


@pytest.mark.parametrize(
    "gate",
    [["--no-approval"], ["--check", ""], ["--no-work"], ["--exec", "true"], ["--no-worktree"]],
    ids=lambda g: g[0],
)
def test_an_agent_lifts_no_gate(project: Box, gate: list[str]) -> None:
    """Of its own task or another: what decides whether work is accepted, and what runs without an agent."""
    project.wg("add", "a", "--check", "make test", "--approval")
    before = project.wg("show", "a", "--json").json
    assert "that is for people" in project.wg("edit", "a", *gate, env=AGENT, code=1).err
    assert project.wg("show", "a", "--json").json == before
    project.wg("edit", "a", "-d", "what I found out", "--add-tag", "seen", env=AGENT)
    project.wg("edit", "a", *gate)


def test_an_agent_does_not_answer_for_a_person(project: Box) -> None:
    project.wg("add", "own")
    with Store.open(str(project.project / ".wg" / "db" / "graph.db")) as store:
        claim(store, "own")
    project.wg("add", "a")
    project.wg("wait", "a", "--until", "human", "--until", "message")
    for command in ("resume", "fail", "abandon", "approve"):
        assert "only a person" in project.wg(command, "a", env=AGENT, code=1).err
    assert "waiting" in project.wg("show", "a").out
    project.wg("add", "b")
    project.wg("wait", "b", "--until", "message")
    project.wg("resume", "b", env=AGENT)
    project.wg("claim", "b")
    assert "is claimed by" in project.wg("edit", "b", "--title", "mine", env=AGENT, code=1).err


@pytest.mark.parametrize("gate", [["--check", "make test"], ["--approval"], ["--paused"]], ids=lambda gate: gate[0])
def test_an_agent_does_not_finish_by_hand_what_is_to_be_judged(project: Box, gate: list[str]) -> None:
    project.wg("add", "own")
    with Store.open(str(project.project / ".wg" / "db" / "graph.db")) as store:
        claim(store, "own")
    project.wg("add", "a", *gate)
    project.wg("add", "b")
    assert "only a person" in project.wg("done", "a", env=AGENT, code=1).err
    project.wg("done", "b", env=AGENT)
    project.wg("done", "a")
