"""The task commands, as people and agents type them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.graph.records import OUTCOME, PLACE, PROCESS, claim
from tests.harness import WG, Box, obeying
from wg.graph.attempt import Settlement
from wg.graph.store import Store


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project; not by `wg init`, which takes longer and is tested elsewhere."""
    Store.create(database(box)).close()
    return box


def database(box: Box) -> str:
    return str(box.project / ".wg" / "db" / "graph.db")


def inside(box: Box, task_id: str, *, running: bool = True) -> dict[str, str]:
    """Claim a task; returns what its agent's environment says."""
    with Store.open(database(box)) as store:
        fence = claim(store, task_id).fence
        if running:
            assert store.start(fence, PROCESS, 101.0)
    return {"WG_DIR": str(box.project), "WG_TASK_ID": task_id, "WG_ATTEMPT": str(fence)}


def test_in_a_project_that_wg_init_made(box: Box) -> None:
    box.wg("init")
    box.wg("add", "First")
    box.wg("done", "first")
    assert box.wg("list").out == "[x] first - First\n"
    db = box.project / ".wg" / "db"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (db, db / "graph.db")] == [0o700, 0o600]


# add


def test_add_says_the_title_and_the_id(project: Box) -> None:
    assert project.wg("add", "Build the page").out == "Added task: Build the page (build-the-page)\n"
    assert project.wg("add", "Build the page").out == "Added task: Build the page (build-the-page-2)\n"
    assert project.wg("add", "Test", "--id", "t1").out == "Added task: Test (t1)\n"


def test_add_as_json(project: Box) -> None:
    project.wg("add", "First")
    project.wg("add", "Second")
    options = ["--after", "first,second", "--after", "first", "--id", "x", "--model", "codex:gpt-5.5", "--tier", "fast"]
    options += ["--exec", "make", "--check", "make test", "--no-work", "--timeout", "90s", "-d", "a\nb"]
    made = project.wg("add", "Third", *options, "--json").json
    assert made["id"] == "x"
    assert (made["model"], made["tier"], made["exec"], made["check"]) == ("codex:gpt-5.5", "fast", "make", "make test")
    assert (made["needs_work"], made["timeout"], made["description"], made["unmet"]) == (False, 90.0, "a\nb", 2)
    shown = project.wg("show", "x", "--json").json
    assert [each["id"] for each in shown["depends_on"]] == ["first", "second"]
    assert {name: shown[name] for name in made} == made


def test_the_first_letters_of_an_id_do(project: Box) -> None:
    for title in ("Write it", "Read it", "Read more"):
        project.wg("add", title)
    project.wg("add", "Third", "--after", "wr,read-i", "--after", "write")
    assert [each["id"] for each in project.wg("show", "third", "--json").json["depends_on"]] == ["write-it", "read-it"]
    for options in (["--after", "read"], ["--max-iterations", "2", "--loop-to", "read"]):
        refused = project.wg("add", "Fourth", *options, code=1).err
        assert "'read' could be any of: read-it, read-more" in refused
    looped = ["--max-iterations", "2", "--id", "fourth"]
    said = project.wg("add", "Fourth", *looped, "--after", "th", "--loop-to", "w").out
    assert said.endswith("(fourth), the last one of a loop back to write-it\n")
    assert project.wg("add", "Own", *looped[:3], "own", "--loop-to", "own").out.endswith("a loop back to own\n")
    assert project.wg("add", "By after", *looped[:2], "--after", "own").out.endswith("a loop back to own\n")


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ([""], 1, "needs a title"),
        (["  "], 1, "needs a title"),
        (["a\x1b[31mred"], 1, "control character"),
        (["a\nb"], 1, "newline"),
        (["x" * 600], 1, "600 characters"),
        (["t", "--id", "../up"], 1, "cannot be a task's id"),
        (["t", "--id", ""], 2, "--id: the name is empty"),
        (["t", "--id", "a.lock"], 1, "cannot be a task's id"),
        (["t", "--id", "there"], 1, "already"),
        (["t", "--after", "theer"], 3, "there is no task 'theer'"),
        (["t", "--max-iterations", "2", "--loop-to", "x"], 3, "there is no task 'x'"),
        (["t", "--after", ""], 2, "lacks an id"),
        (["t", "--after", "there,,there"], 2, "lacks an id"),
        (["t", "--model", "gpt-5.5"], 2, "provider:model"),
        (["t", "--model", ":x"], 2, "provider:model"),
        (["t", "--timeout", "30"], 2, "30m"),
        (["t", "--timeout", "0s"], 2, "--timeout"),
        (["t", "--unknown"], 2, "--unknown"),
        ([], 2, "TITLE"),
    ],
)
def test_what_add_refuses(project: Box, options: list[str], code: int, says: str) -> None:
    project.wg("add", "There")
    before = project.wg("list").out
    refused = project.wg("add", *options, code=code)
    assert says in refused.err
    assert "hint: " in refused.err
    assert "\x1b" not in refused.err
    assert project.wg("list").out == before


def test_what_begins_with_a_dash(project: Box) -> None:
    for options in (["-x"], ["-x", "more"], ["more", "--then this"]):
        assert "stands behind --: wg add -- -x" in project.wg("add", *options, code=2).err
    assert "stands behind --: wg msg send -- -x" in project.wg("msg", "send", "t", "-x", code=2).err
    assert "given as --OPTION=VALUE" in project.wg("add", "t", "-d", "-x", code=2).err
    assert project.wg("add", "--priority=high", "-d", "-", code=2).err.endswith("hint: wg add --help\n")
    project.wg("add", "--description=-x", "--", "-x")
    shown = project.wg("show", "x", "--json").json
    assert (shown["title"], shown["description"]) == ("-x", "-x")


def test_errors_as_json(project: Box) -> None:
    failed = project.wg("show", "nope", "--json", code=3)
    assert '"exit_code": 3' in failed.err
    assert failed.out == ""


def test_outside_a_project(box: Box) -> None:
    for command in (["add", "t"], ["list"], ["show", "t"], ["log", "t"], ["done", "t"], ["fail", "t"]):
        assert "wg init" in box.wg(*command, code=3).err


# list and show


def test_list_marks_each_status(project: Box) -> None:
    assert "wg add" in project.wg("list").out
    for name in ("open", "done", "failed", "waiting", "running"):
        project.wg("add", f"is {name}", "--id", name)
    project.wg("add", "is blocked", "--id", "blocked", "--after", "open,running")
    project.wg("done", "done")
    project.wg("fail", "failed", "--reason", "too hard")
    fence = int(inside(project, "waiting")["WG_ATTEMPT"])
    with Store.open(database(project)) as store:
        store.end(fence, OUTCOME, 1.0)
        store.hold(fence, "conflict in x.py", 2.0)
        store.notes({"open": "no codex on PATH"}, 3.0)
    inside(project, "running")
    assert project.wg("list").out.splitlines() == [
        "[ ] open - is open (no codex on PATH)",
        "[x] done - is done",
        "[F] failed - is failed (too hard)",
        "[W] waiting - is waiting (conflict in x.py)",
        "[~] running - is running",
        "[!] blocked - is blocked (blocked by 2)",
    ]
    assert project.wg("list", "--status", "done").out == "[x] done - is done\n"
    assert [task["id"] for task in project.wg("list", "--json").json] == [
        *("open", "done", "failed", "waiting", "running", "blocked")
    ]
    assert "abandoned" in project.wg("list", "--status", "abandoned").out
    assert "invalid choice" in project.wg("list", "--status", "nope", code=2).err


def test_show_tells_everything(project: Box) -> None:
    project.wg("add", "First")
    project.wg("add", "Second", "--after", "first", "-d", "do\nthis", "--model", "codex:m", "--check", "true")
    project.wg("add", "Third", "--after", "second")
    project.wg("done", "first")
    project.wg("log", "second", "looking at it")
    with Store.open(database(project)) as store:
        fence = claim(store, "second").fence
        store.prepare(fence, PLACE)
        store.start(fence, PROCESS, 101.0)
        store.claim_result(fence, "done", "", 102.0)
        store.end(fence, OUTCOME._replace(message="first line\nsecond line"), 130.0)
        store.settle(fence, Settlement("failed", "check failed", "its check failed"), 131.0)
    out = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", project.wg("show", "sec").out)
    assert out == (
        """\
Task: second
Title: Second
Status: failed
Reason: check failed
Failures: 1
Model: codex:m
Check: true
Created: TIME
Started: TIME
Completed: TIME

Description:
  do
  this

Depends on:
  - first (done) First

Required by:
  - third (open) Third

Attempts:
  agent-1 settled: its check failed
    route: codex codex:gpt-5.5
    from: c.toml:3 [agent].model
    config: /home/u/.wg/c.toml (sha256 """
        + "ab" * 32
        + """, profile codex)
    directory: /p/.wg/worktrees/agent-1
    branch: wg/agent-1/a from main at """
        + "f" * 40
        + """
    claimed: TIME
    agent says: done
    ended: TIME exit 0
    message: first line …
    session: session-1
    tokens: 10 in (4 cached), 2 out
    cost: $0.2500

Log:
  TIME looking at it [user]
"""
    )
    attempt = project.wg("show", "second", "--json").json["attempts"][0]
    assert attempt["route"]["source"] == "c.toml:3 [agent].model"
    assert attempt["outcome"]["usage"]["cost"] == 0.25


# log


def test_log_writes_and_reads(project: Box) -> None:
    project.wg("add", "t")
    assert "no log" in project.wg("log", "t").out
    project.wg("log", "t", "one", env={"USER": "ann"})
    project.wg("log", "t", "two", env={"USER": "bob"})
    assert [(each["actor"], each["message"]) for each in project.wg("log", "t", "--json").json] == [
        ("ann", "one"),
        ("bob", "two"),
    ]
    assert [line.split(" ", 2)[2] for line in project.wg("log", "t").out.splitlines()] == ["one [ann]", "two [bob]"]


def test_an_empty_line_is_not_written(project: Box) -> None:
    project.wg("add", "t")
    for command in (["log", "t", ""], ["log", "t", " \n"], ["msg", "send", "t", ""]):
        assert "the message is empty" in project.wg(*command, code=1).err
    env = inside(project, "t")
    assert "the message is empty" in project.wg("log", " ", env=env, code=1).err
    assert project.wg("log", "t", "--json").json == []


# done and fail, by a person


def test_done_by_a_person(project: Box) -> None:
    project.wg("add", "a")
    project.wg("add", "b", "--after", "a")
    assert "not done yet" in project.wg("done", "b", code=1).err
    assert project.wg("done", "a").out == "a is done\n"
    assert "already done" in project.wg("done", "a", code=1).err
    assert project.wg("done", "b", "--json").json == {"id": "b", "status": "done", "claimed": ""}
    assert "which task" in project.wg("done", code=2).err


def test_a_person_does_not_finish_what_runs(project: Box) -> None:
    project.wg("add", "a")
    inside(project, "a")
    for command in ("done", "fail"):
        assert "wg kill" in project.wg(command, "a", code=1).err
    assert project.wg("show", "a", "--json").json["status"] == "in-progress"


# inside an attempt


@pytest.mark.parametrize("named", [["a"], []])
def test_an_agent_claims_and_the_task_goes_on(project: Box, named: list[str]) -> None:
    project.wg("add", "a")
    env = inside(project, "a")
    assert "Recorded" in project.wg("done", *named, env=env).out
    shown = project.wg("show", "a", "--json").json
    assert (shown["status"], shown["attempts"][0]["claim"]) == ("in-progress", "done")
    said = project.wg("fail", *named, "--reason", "it is broken", "--json", env=env).json
    assert said == {"id": "a", "status": "in-progress", "claimed": "fail"}
    shown = project.wg("show", "a", "--json").json
    assert (shown["attempts"][0]["claim"], shown["attempts"][0]["claim_reason"]) == ("fail", "it is broken")


def test_an_empty_id_is_not_an_agents_own_task(project: Box) -> None:
    project.wg("add", "a")
    env = inside(project, "a")
    before = project.wg("watch", "--once").out
    for name in ("done", "fail", "show", "log", "why", "impact", "attempts", "prompt"):
        assert "the id is empty" in project.wg(name, "", env=env, code=2).err
    for command in (["wait", "", "--until", "person"], ["log", "", "a line"], ["msg", "read", ""], ["msg", "list", ""]):
        assert "the id is empty" in project.wg(*command, env=env, code=2).err
    for command in (["msg", "send", "", "x"], ["reset", ""], ["tree", ""], ["watch", "--once", "--task", ""]):
        assert "there is no task ''" in project.wg(*command, env=env, code=3).err
    assert project.wg("watch", "--once").out == before


def test_an_agent_does_not_finish_another_running_task(project: Box) -> None:
    project.wg("add", "a")
    project.wg("add", "b")
    env = inside(project, "a")
    inside(project, "b")
    for command in ("done", "fail"):
        assert "b is in progress" in project.wg(command, "b", code=1, env=env).err
    assert project.wg("show", "b", "--json").json["attempts"][0]["claim"] == ""


def test_what_an_agent_adds_and_logs_is_under_its_name(project: Box) -> None:
    project.wg("add", "a")
    env = inside(project, "a")
    project.wg("log", "half of it works", env=env)
    project.wg("log", "a", "the rest too", env=env)
    project.wg("add", "follow up", env=env)
    told = project.wg("log", "--json", env=env).json
    assert [(each["actor"], each["message"]) for each in told] == [
        ("agent-1", "half of it works"),
        ("agent-1", "the rest too"),
    ]
    with Store.open(database(project)) as store:
        query = "SELECT actor FROM events WHERE type = 'added' ORDER BY seq"
        assert [row[0] for row in store._database.connection.execute(query)] == ["user", "agent-1"]


@pytest.mark.parametrize(("value", "code"), [("99", 3), ("x", 2), ("-1", 2)])
def test_an_attempt_that_does_not_exist(project: Box, value: str, code: int) -> None:
    project.wg("add", "a")
    project.wg("done", "a", code=code, env={"WG_ATTEMPT": value})
    assert project.wg("show", "a", "--json").json["status"] == "open"


# places that cannot be written


def protect(*paths: Path) -> None:
    """Take away the right to write."""
    for path in paths:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def test_in_a_sandbox_only_the_database_need_be_writable(project: Box) -> None:
    project.wg("add", "a")
    env = inside(project, "a")
    protect(project.home, project.project, project.project / ".wg")
    try:
        project.run(*obeying(), "touch", str(project.home / "x"), code=1)
        for command in (["show", "a"], ["list"], ["log", "a line"], ["add", "more"], ["done"], ["fail"]):
            project.run(*obeying(), WG, *command, env=env)
    finally:
        for path in (project.home, project.project, project.project / ".wg"):
            path.chmod(0o755)


@pytest.mark.parametrize("state", ["closed", "left", "in use"])
def test_a_read_only_store_is_read_and_not_written(project: Box, state: str) -> None:
    project.wg("add", "a")
    db = project.project / ".wg" / "db"
    with Store.open(database(project)) as other:
        other.log("a", "perhaps not in the main file yet", 1.0, "ann")
        if state != "in use":
            other.close()
        if state == "left":  # a command leaves its write-ahead log to the next one
            project.wg("log", "a", "one more")
        assert (db / "graph.db-wal").exists() == (state != "closed")
        protect(*db.iterdir(), db)
        try:
            assert "[ ] a - a" in project.run(*obeying(), WG, "list").out
            shown = project.run(*obeying(), WG, "show", "a").out
            assert "perhaps not in the main file yet" in shown
            assert ("one more" in shown) == (state == "left")
            refused = project.run(*obeying(), WG, "add", "b", code=1).err
            assert "wg: error: " in refused
            assert "write access" in refused
        finally:
            db.chmod(0o700)
            for path in db.iterdir():
                path.chmod(0o600)
    assert len(project.wg("list", "--json").json) == 1


def test_an_unreadable_store_is_refused(project: Box) -> None:
    (project.project / ".wg" / "db" / "graph.db").chmod(0)
    refused = project.run(*obeying(), WG, "list", code=1).err
    assert "cannot be opened" in refused


@pytest.mark.parametrize("content", [b"", b"hello " * 1000])
def test_a_file_that_is_no_store_is_refused(project: Box, content: bytes) -> None:
    path = Path(database(project))
    path.write_bytes(content)
    for command in (["list"], ["add", "t"], ["show", "t"]):
        assert str(path) in project.wg(*command, code=1).err
    assert path.read_bytes() == content


def test_a_directory_that_is_gone_is_named_as_the_reason(box: Box) -> None:
    refused = box.run("sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && exec {WG} list", code=3)
    assert "the current directory does not exist any more" in refused.err
