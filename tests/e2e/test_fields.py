"""A task's fields, as people type them."""

from __future__ import annotations

import time

import pytest

from tests.harness import Box
from wg.graph.store import Store


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    Store.create(str(box.project / ".wg" / "db" / "graph.db")).close()
    return box


def test_add_and_show(project: Box) -> None:
    options = ["-p", "high", "-t", "ui", "--tag", "api", "--skill", "rust", "--deliverable", "page.html"]
    project.wg(
        "add", "a", *options, "--max-attempts", "3", "--visibility", "public", "--not-before", "2001-02-03T04:05"
    )
    out = project.wg("show", "a").out
    for line in (
        *("Status: open (ready)", "Priority: high", "Not before: 2001-02-03 04:05:00", "Tags: api, ui", "Skills: rust"),
        *("Deliverables: page.html", "Visibility: public", "Attempts at most: 3"),
    ):
        assert f"{line}\n" in out
    shown = project.wg("show", "a", "--json").json
    assert (shown["priority"], shown["tags"], shown["artifacts"], shown["max_attempts"]) == (50, ["api", "ui"], [], 3)


def test_a_delay_counts_from_now(project: Box) -> None:
    before = time.time()
    assert before + 7200 <= project.wg("add", "a", "--delay", "2h", "--json").json["not_before"] <= time.time() + 7200
    assert "Status: open (not before 2" in project.wg("show", "a").out
    assert project.wg("ready", "--json").json["ready"] == []
    assert project.wg("edit", "a", "--delay", "").out == "a is open (ready)\n"


def test_edit_changes_and_clears(project: Box) -> None:
    project.wg("add", "a", "--model", "codex:m", "--timeout", "30m", "-t", "ui", "--exec", "make")
    project.wg(
        "edit", "a", "--title", "New", "-d", "-", "--model", "", "--timeout", "", "--no-work", stdin="from\nstdin"
    )
    project.wg("edit", "a", "--remove-tag", "ui", "--add-skill", "go", "--priority", "77")
    shown = project.wg("show", "a", "--json").json
    assert (shown["title"], shown["description"], shown["exec"]) == ("New", "from\nstdin", "make")
    assert (shown["model"], shown["timeout"], shown["needs_work"]) == ("", None, False)
    assert (shown["tags"], shown["skills"], shown["priority"]) == ([], ["go"], 77)
    project.wg("edit", "a", "--work", "--priority", "")
    assert project.wg("show", "a", "--json").json["priority"] == 10


def test_list_filters(project: Box) -> None:
    project.wg("add", "a", "-t", "ui")
    project.wg("add", "b", "-t", "ui", "-t", "api", "-p", "critical")
    assert [task["id"] for task in project.wg("list", "--tag", "ui", "--json").json] == ["a", "b"]
    assert project.wg("list", "-t", "ui", "-t", "api").out == "[ ] b - b\n"
    assert project.wg("list", "--priority", "100", "--status", "open").out == "[ ] b - b\n"
    assert project.wg("list", "--limit", "1").out == "[ ] a - a\n"
    assert len(project.wg("list", "--limit", "0", "--json").json) == 2
    assert project.wg("list", "--priority", "low").out == "No such tasks\n"
    assert project.wg("list", "--status", "failed", "--status", "done").out == "No tasks that are failed or done\n"
    project.wg("claim", "a", env={"USER": "bob"})
    project.wg("add", "c", "--skill", "go")
    assert [task["id"] for task in project.wg("list", "--claimed-by", "bob", "--json").json] == ["a"]
    assert [task["id"] for task in project.wg("list", "--skill", "go", "--search", "C", "--json").json] == ["c"]
    statuses = ("--status", "open", "--status", "in-progress")
    assert [task["id"] for task in project.wg("list", *statuses, "--sort", "priority", "--json").json] == [
        "b",
        "a",
        "c",
    ]
    assert project.wg("list", "--sort", "id", "--reverse", "--limit", "1", "--offset", "1").out == "[ ] b - b\n"
    assert project.wg("list", "--offset", "9").out == "No such tasks\n"
    assert "invalid choice" in project.wg("list", "--sort", "colour", code=2).err
    assert "not a whole number" in project.wg("list", "--offset", "-1", code=2).err


def test_search_ignores_the_case_of_all_letters(project: Box) -> None:
    project.wg("add", "Größe ÜBERALL", "--id", "a")
    project.wg("add", "ΣΊΣΥΦΟΣ 100%", "--id", "b")
    for text, found in (
        *(("größe überall", "a"), ("GRÖSSE", "a"), ("Überall", "a"), ("e Ü", "a")),
        *(("σίσυφος", "b"), ("100%", "b"), ("1%", ""), ("_", ""), ("", "ab")),
    ):
        listed = project.wg("list", "--search", text, "--json").json
        assert "".join(task["id"] for task in listed) == found, text


def test_who_runs_it_where_and_with_whose_consent(project: Box) -> None:
    project.wg("add", "a", "--executor", "codex", "--context", "graph", "--read-only", "--approval")
    out = project.wg("show", "a").out
    for line in (
        *("Executor: codex", "Context: graph", "Workplace: a worktree whose changes are not taken"),
        "Approval: a person must approve it before it is merged",
    ):
        assert f"{line}\n" in out
    shown = project.wg("show", "a", "--json").json
    assert [shown[name] for name in ("executor", "context", "workplace", "approval", "extra")] == [
        *("codex", "graph", "read-only", True, "")
    ]
    project.wg("edit", "a", "--executor", "claude", "--no-worktree")
    assert "Executor: claude\n" in project.wg("show", "a").out
    assert "Workplace: the project directory\n" in project.wg("show", "a").out
    project.wg("edit", "a", "--executor", "", "--context", "", "--worktree", "--no-approval")
    left = project.wg("show", "a").out
    assert not [name for name in ("Executor", "Context", "Workplace", "Approval") if f"{name}:" in left]


def test_an_executor_that_cannot_run_the_task_is_refused(project: Box) -> None:
    refused = project.wg("add", "x", "--executor", "codex", "--exec", "make", code=2)
    assert "not both" in refused.err
    refused = project.wg("add", "x", "--executor", "codex", "--model", "claude:opus", code=2)
    assert "--model claude:opus runs on claude, and --executor asks for codex" in refused.err
    assert project.wg("list", "--json").json == []
    project.wg("add", "m", "--model", "openrouter:a/b", "--executor", "nex")
    project.wg("add", "c", "--exec", "make")
    assert "not both" in project.wg("edit", "c", "--executor", "codex", code=2).err
    assert "asks for codex" in project.wg("edit", "m", "--executor", "codex", code=2).err
    assert "asks for nex" in project.wg("edit", "m", "--model", "claude:opus", code=2).err
    assert "not both" in project.wg("edit", "m", "--model", "", "--exec", "make", code=2).err
    project.wg("edit", "m", "--executor", "", "--model", "claude:opus")
    project.wg("edit", "c", "--exec", "", "--executor", "codex")
    assert project.wg("show", "c", "--json").json["executor"] == "codex"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--priority", "urgent"], 2, "critical"),
        (["--priority", "-1"], 2, "--priority"),
        (["--max-attempts", "0"], 2, "from 1 on"),
        (["--not-before", "tomorrow"], 2, "not a time"),
        (["--not-before", "2026-05-01", "--delay", "1h"], 2, "give one of them"),
        (["--delay", "soon"], 2, "--delay 30m"),
        (["--visibility", "all"], 2, "invalid choice"),
        (["--executor", "gpt"], 2, "none of claude, codex, nex"),
        (["--context", "some"], 2, "none of clean"),
        (["--no-worktree", "--read-only"], 2, "not allowed with"),
        (["--approval", "--no-approval"], 2, "not allowed with"),
        (["--title", ""], 1, "needs a title"),
        (["--add-tag", "a\nb"], 1, "cannot be a tag"),
        (["--model", "gpt"], 2, "provider:model"),
        (["--remove-tag", "ui"], 3, "the task has no tag 'ui'\nhint: it has none\n"),
        (["--title", "b", "--remove-skill", "go", "--remove-skill", "no"], 3, "no skill 'no'\nhint: it has: rust\n"),
        ([], 2, "nothing to change"),
    ],
)
def test_what_edit_refuses(project: Box, options: list[str], code: int, says: str) -> None:
    project.wg("add", "a", "--skill", "go", "--skill", "rust")
    before = project.wg("show", "a").out
    assert says in project.wg("edit", "a", *options, code=code).err
    assert project.wg("show", "a").out == before
