"""The commands that show parts of the graph, as people type them."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.graph.records import claim, run_to_end
from tests.harness import WG, Box
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
        store.notes({"a": "the quota is used up\x1b[2J"}, 2.0)
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
    assert found["more"] is False
    assert found["waiting"] == [{"id": "w", "title": "Do w", "reason": "the merge is in the way"}]


def test_ready_shows_what_is_for_later(project: Box) -> None:
    with Store.open(database(project)) as store:
        store.add(NewTask("Later", id="l", not_before=4e9), 1.0, "ann")
        store.add(NewTask("Past", id="p", not_before=2.0), 1.0, "ann")
    out = project.wg("ready").out
    assert out.startswith("Ready tasks:\n  p - Past\nWaiting for their time:\n  l - Later (not before 2096-10-")
    found = project.wg("ready", "--json").json
    assert found["delayed"] == [{"id": "l", "title": "Later", "not_before": 4e9, "resting_until": None}]
    assert "it does not start before 2096-10-" in project.wg("why", "l").out


def test_ready_is_cut_off_and_says_so(project: Box) -> None:
    fill(project, c="", a="", b="")
    assert project.wg("ready", "--limit", "1").out.splitlines()[1:] == [
        "  c - Do c",
        "  … and more: --limit 0 shows all",
    ]
    cut_off = project.wg("ready", "--limit", "1", "--json").json
    assert [task["id"] for task in cut_off["ready"]] == ["c"] and cut_off["more"] is True
    assert project.wg("ready", "--limit", "3", "--json").json["more"] is False
    assert len(project.wg("ready", "--limit", "0").out.splitlines()) == 4
    for wrong in ("-1", "x", "٣", "9" * 30):
        assert "is not a whole number" in project.wg("ready", f"--limit={wrong}", code=2).err


# blocked, why, impact


def test_blocked_names_what_each_waits_for(project: Box) -> None:
    assert project.wg("blocked").out == "No tasks blocked\n"
    fill(project, a="", b="a", c="a b", d="c")
    project.wg("done", "a")
    assert project.wg("blocked", "--limit", "1").out == (
        "Blocked tasks:\n  c - Do c\n    waits for b (open)\n  … and 1 more: --limit 0 shows all\n"
    )
    found = project.wg("blocked", "--json").json
    assert found["blocked_count"] == 2
    assert found["blocked"][1] == {
        "id": "d",
        "title": "Do d",
        "blocked_by": [{"id": "c", "status": "open", "title": "Do c", "implied": False}],
    }


def test_why_goes_to_the_last_cause(project: Box) -> None:
    fill(project, a="", b="a", c="b", r="")
    with Store.open(database(project)) as store:
        store.person_fail("a", "exit 1\x1b[2J", 2.0, "ann")
    lines = project.wg("why", "c").out.splitlines()
    assert lines[0] == "c - Do c is not running, for this cause:"
    assert lines[1] == "  c -> b -> a: it failed: exit 1\\x1b[2J"
    assert "no dispatcher is running" in project.wg("why", "r").out
    assert project.wg("why", "a").out.splitlines()[0] == "a - Do a is not running, for this cause:"
    found = project.wg("why", "c", "--json").json
    assert (found["causes"][0]["chain"], found["causes"][0]["kind"]) == (["c", "b", "a"], "failed")
    assert "there is no task" in project.wg("why", "zz", code=3).err


def test_why_of_what_runs_and_what_is_done(project: Box) -> None:
    fill(project, a="", b="")
    project.wg("done", "a")
    with Store.open(database(project)) as store:
        claim(store, "b")
    assert project.wg("why", "a").out.startswith("a - Do a (done)\n  a: it is done\n")
    assert project.wg("why", "b").out.startswith("b - Do b (in-progress)\n  b: agent-1 is working on it (since ")


def test_impact_shows_all_that_depends_on_a_task(project: Box) -> None:
    fill(project, a="", b="a", c="b")
    assert project.wg("impact", "a").out == (
        "a - Do a: 2 tasks depend on it, 1 directly; not finished: 2\n"
        "Level 1 (1):\n  [!] b - Do b (blocked by 1)\nLevel 2 (1):\n  [!] c - Do c (blocked by 1)\n"
    )
    assert project.wg("impact", "a", "--json").json["levels"][1] == [{"id": "c", "title": "Do c", "status": "open"}]
    assert project.wg("impact", "zz", code=3).out == ""


# tree


def test_tree_draws_what_is_not_finished_and_what_that_hangs_on(project: Box) -> None:
    assert project.wg("tree").out == "No tasks to draw\n"
    fill(project, old="", a="old", b="a", c="a")
    project.wg("done", "old")
    project.wg("done", "a")
    assert project.wg("tree").out == (
        "[x] a - Do a\n├── [ ] b - Do b\n└── [ ] c - Do c\n(1 task is left out: --all draws all)\n"
    )
    assert project.wg("tree", "--all").out.splitlines()[:2] == ["[x] old - Do old", "└── [x] a - Do a"]
    assert project.wg("tree", "--status", "open").out.splitlines()[:2] == ["[ ] b - Do b", "[ ] c - Do c"]
    assert project.wg("tree", "b").out == "[ ] b - Do b\n"
    assert project.wg("tree", "old", "--status", "failed").out.splitlines()[0] == "No tasks to draw"
    assert project.wg("tree", "--limit", "1").out.splitlines()[1].startswith("… and more: --limit 0")
    assert project.wg("tree", "--json").json["edges"][0] == {"task": "b", "dependency": "a"}
    assert project.wg("--json", "viz", "b").json == project.wg("tree", "b", "--json").json
    assert "did you mean: wg viz" in project.wg("vizz", code=2).err
    assert "  tree, viz  " in project.wg("--help").out
    assert "not allowed with" in project.wg("tree", "--dot", "--mermaid", code=2).err


def test_tree_for_other_programs(project: Box) -> None:
    project.wg("add", HOSTILE, "--id", "h")
    project.wg("add", "Next", "--id", "n", "--after", "h")
    dot = project.wg("tree", "--dot", "--limit", "1").out
    assert '  "h" [label="[ ] h: a \\"b\\" <i>&\\\\ \'`[x]` #1 ünï"];' in dot.splitlines()
    assert '  "h" -> "n";' in dot.splitlines()
    mermaid = project.wg("tree", "--mermaid").out.splitlines()
    assert mermaid[0] == "flowchart LR" and mermaid[-1] == "  n0 --> n1"


# watch


@pytest.fixture
def watcher(project: Box) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `wg watch` with its output in a pipe; ends what is left of it."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> subprocess.Popen[str]:
        argv = [WG, "watch", *options]
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(argv, cwd=project.project, env=project.env, stdout=pipe, stderr=pipe, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def lines(process: subprocess.Popen[str], count: int) -> list[dict[str, object]]:
    assert process.stdout
    return [json.loads(process.stdout.readline()) for _ in range(count)]


def test_watch_once_prints_the_history_and_goes_on_from_a_number(project: Box) -> None:
    fill(project, a="", b="")
    project.wg("log", "a", "hello \x1b[2J")
    project.wg("done", "b")
    events = [json.loads(line) for line in project.wg("watch", "--once").out.splitlines()]
    assert [(event["seq"], event["type"], event["task"]) for event in events] == [
        (1, "added", "a"),
        (2, "added", "b"),
        (3, "log", "a"),
        (4, "status", "b"),
    ]
    assert list(events[3]) == ["seq", "at", "type", "task", "attempt", "actor", "message", "data"]
    assert events[3]["data"]["to"] == "done" and events[2]["data"] is None
    assert events[2]["message"] == "hello \x1b[2J"
    assert "\x1b" not in project.wg("watch", "--once").out
    since = project.wg("watch", "--once", "--since", "2", "--task", "a").out
    assert [json.loads(line)["seq"] for line in since.splitlines()] == [3]
    for wrong in ("-1", "x", "9" * 30):
        assert "is not the number of an event" in project.wg("watch", f"--since={wrong}", code=2).err
    assert "there is no task" in project.wg("watch", "--once", "--task", "zz", code=3).err


def test_watch_loses_nothing_between_what_is_there_and_what_comes(
    project: Box, watcher: Callable[..., subprocess.Popen[str]]
) -> None:
    fill(project, a="")
    process = watcher("--since", "0")
    assert [event["seq"] for event in lines(process, 1)] == [1]
    with Store.open(database(project)) as store:
        for number in range(1200):  # more than are read at a time
            store.log("a", str(number), 2.0, "ann")
    assert [event["message"] for event in lines(process, 1200)] == [str(number) for number in range(1200)]


def test_watch_ends_quietly_when_interrupted(project: Box, watcher: Callable[..., subprocess.Popen[str]]) -> None:
    fill(project, a="")
    process = watcher("--since", "0")
    lines(process, 1)
    process.send_signal(signal.SIGINT)
    assert process.wait(150) == 130
    assert process.stderr and process.stderr.read() == ""


def test_watch_ends_when_nobody_reads_it(project: Box, watcher: Callable[..., subprocess.Popen[str]]) -> None:
    fill(project, a="")
    process = watcher("--since", "0")
    lines(process, 1)
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.wait(150) == 0
    assert process.stderr.read() == ""
    process.stdout = None
