"""Waiting, approval, messages and loops, as people and agents use them, on real processes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.service_box import ServiceBox
from tests.graph.records import claim
from tests.harness import WG, Box, wait_for
from wg.graph.messages import AGENTS
from wg.graph.store import Store
from wg.graph.task import NewTask


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    Store.create(str(box.project / ".wg" / "db" / "graph.db")).close()
    return box


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    return made


def agent_task(task_id: str, *script: str, approval: bool = False, check: str = "") -> NewTask:
    """A task whose scripted agent runs these lines."""
    text = "\n".join(f"RUN: {line}" for line in script)
    return NewTask(task_id, id=task_id, description=text, approval=approval, check=check)


def status(box: Box, task_id: str) -> str:
    found: str = box.wg("show", task_id, "--json").json["status"]
    return found


def waits(box: Box, *task_ids: str) -> list[dict[str, Any]]:
    """What these tasks wait for."""
    return [box.wg("show", each, "--json").json["waits_for"] for each in task_ids]


def test_a_person_lets_a_task_wait_and_go_on(project: Box) -> None:
    project.wg("add", "a")
    project.wg("add", "other")
    said = project.wg("wait", "a", "--until", "task:oth", "--until", "human").out
    assert said == "a waits until other is done and a person says wg approve or wg reject\n"
    assert "[W] a - a (until other is done and" in project.wg("list").out
    shown = project.wg("show", "a", "--json").json["waits_for"]
    assert [(each["kind"], each["subject"], each["met"]) for each in shown["conditions"]] == [
        ("task", "other", False),
        ("human", "", False),
    ]
    why = project.wg("why", "a").out
    assert "a: it waits: until other is done" in why and "a -> other: it is ready, but no dispatcher" in why
    assert project.wg("approve", "a", "-m", "fine by me").out.startswith("a is waiting")
    assert "[W] a - a (until other is done)" in project.wg("list").out
    assert "a: it waits: until other is done\n" in project.wg("why", "a").out
    assert project.wg("resume", "a").out == "a is open (ready)\n"
    assert "not paused" in project.wg("resume", "a", code=1).err


@pytest.mark.parametrize(
    ("condition", "code", "words"),
    [
        ("", 2, "nothing that can be waited for"),
        ("weather", 2, "task:ID=STATUS, timer:TIME"),
        ("timer:", 2, "nothing that can be waited for"),
        ("timer:soon", 2, "neither a time span nor a time"),
        ("task:a=finished", 2, "a status is one of"),
        ("task:nowhere", 3, "no task 'nowhere'"),
        ("task:a", 1, "wait for itself"),
        ("human:ann", 2, "nothing that can be waited for"),
    ],
)
def test_what_cannot_be_waited_for(project: Box, condition: str, code: int, words: str) -> None:
    project.wg("add", "a")
    refused = project.wg("wait", "a", "--until", condition, code=code).err
    assert words in refused
    assert status(project, "a") == "open"


def test_tasks_that_would_wait_for_each_other(project: Box) -> None:
    for name in ("a", "b", "c"):
        project.wg("add", name)
    project.wg("wait", "a", "--until", "task:b")
    assert "b would wait for itself: b -> a -> b" in project.wg("dep", "add", "b", "a", code=1).err
    assert "b would wait for itself: b -> a -> b" in project.wg("wait", "b", "--until", "task:a", code=1).err
    project.wg("wait", "c", "--until", "task:b=failed")
    project.wg("done", "b")
    why = project.wg("why", "c").out
    assert "c -> b: it is done, and will not be failed by itself\n      wg resume c ends the waiting" in why


def test_times_and_files_wake_a_task_and_the_agent_goes_on(service: ServiceBox) -> None:
    flag = service.box.project / "flag"
    for name, condition in (("timer", "timer:1s"), ("file", "file:flag"), ("either", "timer:9d")):
        service.add(agent_task(name, f"echo {name} > {name}.txt"))
        more = ("--until", "file:flag", "--any") if name == "either" else ()
        service.box.wg("wait", name, "--until", condition, *more)
    service.start()
    service.await_status("timer", "done")
    assert [service.task(name).status for name in ("file", "either")] == ["waiting", "waiting"]
    flag.write_text("now")
    service.await_status("file", "done")
    service.await_status("either", "done")


def test_a_file_is_looked_for_where_the_project_is_now(service: ServiceBox) -> None:
    """A project that was moved waited for the file at its old place."""
    elsewhere = service.box.root / "elsewhere"
    for name, path in (("inside", "./flag"), ("outside", str(elsewhere))):
        service.box.wg("add", name, "--exec", "true")
        service.box.wg("wait", name, "--until", f"file:{path}")
    conditions = [each["conditions"][0]["subject"] for each in waits(service.box, "inside", "outside")]
    assert conditions == ["flag", str(elsewhere)]
    moved = service.box.project.rename(service.box.root / "moved")
    service.box.project.mkdir()
    (service.box.project / "flag").touch()
    tick = ("service", "tick", "--dir", str(moved))
    service.box.wg(*tick)
    assert [each["status"] for each in service.box.wg("list", "--json", cwd=moved).json] == ["waiting", "waiting"]
    (moved / "flag").touch()
    elsewhere.touch()
    service.box.wg(*tick)
    assert "waiting" not in [each["status"] for each in service.box.wg("list", "--json", cwd=moved).json]


def test_approval_is_asked_for_after_the_check_and_before_the_merge(service: ServiceBox) -> None:
    service.add(agent_task("a", "echo $WG_ATTEMPT > work.txt", approval=True, check="test -f work.txt"))
    service.start()
    held = service.await_status("a", "waiting")
    assert "wg approve a or wg reject a; its work is on wg/agent-1/a" in held.reason
    assert not (service.box.project / "work.txt").exists()
    assert "only a person" in service.box.wg("approve", "a", env={"WG_ATTEMPT": "1"}, code=1).err
    service.box.wg("reject", "a", "--reason", "once more, with feeling")
    wait_for(lambda: len(service.attempts("a")) == 2, "a second attempt")
    service.await_status("a", "waiting")
    assert "Rejected: once more, with feeling" in (service.dir / "attempts" / "2" / "prompt").read_text()
    service.box.wg("approve", "a")
    service.await_status("a", "done")
    assert (service.box.project / "work.txt").read_text().strip() == "2"
    assert service.attempts("a")[0].verdict.startswith("rejected by user")


def test_a_loop_of_agents_runs_until_one_says_converged(service: ServiceBox) -> None:
    service.box.wg("add", "Write", "--id", "write", "-d", "RUN: echo $WG_ATTEMPT >> text")
    review = f"RUN: echo r >> reviews; test $(grep -c . reviews) -lt 2 || {WG} done --converged"
    added = service.box.wg("add", "Review", "--id", "review", "--after", "write", "--max-iterations", "9", "-d", review)
    assert "the last one of a loop back to write" in added.out
    service.box.wg("add", "Publish", "--id", "publish", "--after", "review", "--exec", "cp text published")
    assert "review back to write: run 1 of at most 9" in service.box.wg("tree").out
    service.start()
    service.await_status("publish", "done")
    assert len((service.box.project / "published").read_text().split()) == 2
    assert [len(service.attempts(name)) for name in ("write", "review")] == [2, 2]


def test_messages_between_people_and_agents(service: ServiceBox) -> None:
    box = service.box
    script = (f"{WG} msg read > read.txt", f"{WG} msg send talk 'which one?'", f"{WG} log 'asked them'")
    service.add(agent_task("talk", *script))
    box.wg("msg", "send", "talk", "the blue one")
    assert "[ ] talk - talk [1 unread]" in box.wg("list").out
    assert "Messages: 1 (1 not read by an agent yet)" in box.wg("show", "talk").out
    service.start()
    service.await_status("talk", "done")
    assert "the blue one" in (service.dir / "attempts" / "1" / "prompt").read_text()
    assert "no unread messages" in (box.project / "read.txt").read_text()
    assert box.wg("msg", "list").out == "talk: 1 unread\n"  # what one wrote oneself does not count
    assert "which one? [agent-1]" in box.wg("msg", "read", "talk").out
    assert box.wg("msg", "list", "--json").json == []
    assert [message["body"] for message in box.wg("msg", "list", "talk", "--json").json] == [
        "the blue one",
        "which one?",
    ]
    assert "empty" in box.wg("msg", "send", "talk", " ", code=1).err


def test_a_guard_names_a_task_that_is_there(project: Box) -> None:
    """Else the loop would end with its first run, without a word."""
    project.wg("add", "Flag it")
    project.wg("add", "write", "--max-iterations", "3", "--guard", "flag=open")
    assert project.wg("show", "write", "--json").json["loops"][0]["guard"] == "flag-it=open"
    project.wg("edit", "write", "--guard", "fl=failed")
    assert project.wg("show", "write", "--json").json["loops"][0]["guard"] == "flag-it=failed"
    project.wg("add", "review", "--after", "write")
    for command in (["add", "x"], ["edit", "write"], ["dep", "add", "write", "review"]):
        refused = project.wg(*command, "--max-iterations", "2", "--guard", "flog", code=3).err
        assert "there is no task 'flog'" in refused
    project.wg("add", "own", "--id", "own", "--max-iterations", "2", "--guard", "own=done")


def test_the_end_of_a_loops_last_task_says_that_it_runs_again(project: Box) -> None:
    project.wg("add", "write")
    project.wg("add", "review", "--after", "write", "--max-iterations", "3", "--loop-delay", "5m")
    for run in ("2", "3"):
        assert project.wg("done", "write").out == "write is done\n"
        said = project.wg("done", "review").out
        assert said == f"review is done; run {run} of its loop begins with write in 5m 00s\n"
    project.wg("done", "write")
    assert project.wg("done", "review").out == "review is done\n"
    project.wg("add", "own", "--max-iterations", "2")
    assert project.wg("done", "own").out == "own is done; run 2 of its loop begins with own\n"


def test_a_message_from_stdin(project: Box) -> None:
    project.wg("add", "a")
    assert project.wg("msg", "send", "a", "-", stdin="two\nlines ü\n").out == "Sent to a\n"
    assert [message["body"] for message in project.wg("msg", "list", "a", "--json").json] == ["two\nlines ü"]
    assert "the message is empty" in project.wg("msg", "send", "a", "-", code=1).err


def test_loops_by_hand(project: Box) -> None:
    project.wg("add", "write")
    project.wg("add", "review", "--after", "write")
    refused = project.wg("dep", "add", "write", "review", code=1).err
    assert "wg dep add write review --max-iterations N" in refused
    made = project.wg("dep", "add", "write", "review", "--max-iterations", "2", "--loop-delay", "5m").out
    assert "loop from review back to write: run 1 of at most 2, 5m 00s apart" in made
    project.wg("add", "read", "--after", "write")
    assert "review (open, the end of a loop that it depends on)" in project.wg("show", "read").out
    assert "  - review (open" in project.wg("show", "read").out
    assert (
        project.wg("edit", "review", "--guard", "read=open", "--loop-delay", "").out
        == "review is open (blocked by 1)\n"
    )
    assert "run 1 of at most 2, while read=open" in project.wg("show", "review").out
    assert "style=dashed" in project.wg("tree", "--dot").out
    assert "-.->" in project.wg("viz", "--mermaid").out
    project.wg("done", "write")
    project.wg("done", "review", "--converged")
    assert status(project, "write") == "done"
    assert project.wg("dep", "rm", "write", "review").out == "write depends on no other task\n"
    assert "part of no loop" in project.wg("done", "read", "--converged", code=1).err
    assert "no loop ends with" in project.wg("edit", "review", "--no-loop", code=1).err
    assert "needs an end" in project.wg("edit", "review", "--guard", "read", code=2).err
    assert "--max-iterations 0" in project.wg("add", "x", "--max-iterations", "0", code=2).err


def test_a_guard_names_a_task(project: Box) -> None:
    project.wg("add", "gamma")
    for command in (("add", "L", "--max-iterations", "3"), ("dep", "add", "gamma", "gamma", "--max-iterations", "2")):
        assert "did you mean: gamma" in project.wg(*command, "--guard", "gama=done", code=3).err
    assert project.wg("list", "--json").json[0]["id"] == "gamma"
    project.wg("add", "L", "--id", "loop", "--max-iterations", "3", "--guard", "gam=done")
    assert project.wg("show", "loop", "--json").json["loops"][0]["guard"] == "gamma=done"
    project.wg("edit", "loop", "--guard", "gamm=open")
    assert project.wg("show", "loop", "--json").json["loops"][0]["guard"] == "gamma=open"
    assert "no task 'ghost'" in project.wg("edit", "loop", "--guard", "ghost", code=3).err
    project.wg("add", "self", "--id", "self", "--max-iterations", "2", "--guard", "self=done")


def test_reader_of_agents_is_one(project: Box) -> None:
    """What one agent of a task has read the next one does not read again; its prompt has it."""
    project.wg("add", "a")
    project.wg("msg", "send", "a", "hello")
    with Store.open(str(project.project / ".wg" / "db" / "graph.db")) as store:
        env = {"WG_ATTEMPT": str(claim(store, "a").fence), "WG_TASK_ID": "a"}
        assert "hello" in project.wg("msg", "read", env=env).out
        assert "no unread" in project.wg("msg", "read", env=env).out
        assert not any(message.unread for message in store.messages("a", AGENTS))


def test_what_an_agent_at_work_did_not_read_goes_to_the_next_one(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    wait = f"test $WG_ATTEMPT != 1 || while ! test -f {gate}; do sleep 0.05; done"
    service.add(agent_task("a", wait, "echo $WG_ATTEMPT >> work.txt"))
    service.start()
    service.await_running("a")
    service.box.wg("msg", "send", "a", "in blue, please")
    gate.touch()
    service.await_status("a", "done")
    first, second = service.attempts("a")
    assert first.verdict == "a message has come that its agent had not read"
    assert "in blue, please" in (service.dir / "attempts" / str(second.fence) / "prompt").read_text()
    assert (service.box.project / "work.txt").read_text() == "1\n2\n"  # it went on where the first one had been
    assert service.task("a").failures == 0
