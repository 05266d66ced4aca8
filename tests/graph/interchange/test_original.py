"""The original's graph: what each status, field, id, edge and cycle becomes, and that the report says it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.graph.interchange.stores import NOW, assert_sound, exported, file_of, new_store, refusal, take, tasks_of
from tests.original_graph import CYCLES, OTHER_LINES, STATUSES, SYSTEM, WAITING, WORK, graph, task
from wg.graph.interchange.importing import Wanted
from wg.graph.interchange.report import KINDS, Report
from wg.views.imported import lines

WITH_SYSTEM = Wanted(with_system=True, root="/p")
EXPRESSED = {"kind", "id", "title", "status", "created_at", "priority", "after", "before", "blocked_by"}


class Imported(NamedTuple):
    report: Report
    tasks: dict[str, dict[str, Any]]
    text: str

    def notes(self, kind: str) -> dict[str, str]:
        return {note.task: note.text for note in self.report.of_kind(kind)}


@pytest.fixture(scope="module")
def imported() -> Iterator[Imported]:
    with new_store() as store:
        report = take(store, graph(), Wanted(root="/p"))
        assert_sound(store)
        data = exported(store)
        with new_store() as copy:
            take(copy, data)
            assert exported(copy) == data
        yield Imported(report, tasks_of(store), "\n".join(lines(report, "F", dry_run=False)))


MAPPED = {
    "s-open": ("open", False),
    "s-progress": ("open", False),
    "s-person": ("in-progress", False),
    "s-waiting": ("waiting", False),
    "s-done": ("done", False),
    "s-blocked": ("open", False),
    "s-failed": ("failed", False),
    "s-abandoned": ("abandoned", False),
    "s-validation": ("open", True),
    "s-eval": ("open", True),
    "s-failed-eval": ("open", False),
    "s-incomplete": ("open", False),
    "s-review": ("done", False),
}


def test_every_status_is_mapped_and_reported(imported: Imported) -> None:
    assert MAPPED.keys() == {each["id"] for each in STATUSES}
    for each in STATUSES:
        status, paused = MAPPED[each["id"]]
        found = imported.tasks[each["id"]]
        assert (found["status"], found.get("paused", False)) == (status, paused), each["id"]
        assert (
            found.get("extra", {}).get("status", each["status"] if each["status"] == status else "") == each["status"]
        )
        assert f"{each['status']} -> {status}{' (paused)' if paused else ''}" in imported.text
    assert {each.before for each in imported.report.statuses()} == {each["status"] for each in STATUSES}
    assert sum(each.tasks for each in imported.report.statuses()) == imported.report.tasks == len(imported.tasks)


def test_what_goes_with_a_status(imported: Imported) -> None:
    tasks = imported.tasks
    assert tasks["s-person"]["claimed_by"] == "erik"
    assert tasks["s-progress"]["extra"]["assigned"] == "agent-7"
    assert "started_at" not in tasks["s-progress"]
    assert tasks["s-done"]["completed_at"] == "2026-03-03T10:00:00.1234567Z"
    assert (tasks["s-failed"]["reason"], tasks["s-failed"]["extra"]["retry_count"]) == ("exit 1", 2)
    assert tasks["s-abandoned"]["superseded_by"] == "s-open"
    assert tasks["s-abandoned"]["extra"]["superseded_by"] == ["s-open", "s-done"]
    assert "s-open, the first of 2" in imported.notes("kept in extra")["s-abandoned"]
    assert "not_before" in tasks["s-incomplete"]
    assert "wg done accepts it" in imported.notes("paused")["s-validation"]


def test_fields(imported: Imported) -> None:
    tasks = imported.tasks
    assert (tasks["n-parent"]["tags"], tasks["n-parent"]["skills"]) == (["ui", "urgent"], ["rust"])
    assert tasks["n-child"]["priority"] == 100
    assert tasks["n-child"]["after"] == ["n-parent"]
    assert tasks["n-child"]["deliverables"] == ["a.md"]
    assert tasks["n-child"]["extra"] == {"artifacts": ["src/a.rs", "b\nc"]}
    fields = tasks["n-fields"]
    assert (fields["model"], fields["tier"], fields["context"]) == ("claude:opus", "fast", "graph")
    assert (fields["workplace"], fields["needs_work"], fields["timeout"]) == ("read-only", False, 1800)
    assert fields["extra"] == {"exec_mode": "light"}
    bare = tasks["n-bare"]
    assert (bare["check"], bare["max_attempts"], bare["visibility"]) == ("make test", 3, "public")
    assert bare["extra"] == {"model": "opus", "provider": "anthropic"} and "model" not in bare
    assert "model: 'opus' is not of the form" in imported.notes("kept in extra")["n-bare"]
    assert (tasks["n-shell"]["exec"], "extra" in tasks["n-shell"]) == ("make", False)
    assert tasks["n-shell"]["not_before"] == "2026-03-06T10:00:00.1234567Z"
    assert tasks["n-external"]["approval"] is True
    assert tasks["n-external"]["extra"] == {"estimate": {"hours": 1.5}, "token_usage": {"input_tokens": 3}}
    assert tasks["n-requires"]["extra"]["resources"] == {"gpu": OTHER_LINES[0]}
    assert tasks["n-requires"]["extra"]["requires"] == ["gpu", "nothing"]
    assert tasks["n-huge"]["extra"] == {"priority": 4_000_000_000, "timeout": "soon"}
    assert (tasks["fix-tui-uberall"]["title"], tasks["fix-tui-uberall"]["extra"]) == (
        "two lines",
        {"title": "two\nlines"},
    )
    used = {each.field: (each.mapped, each.kept) for each in imported.report.fields()}
    assert used["model"] == (1, 1) and used["verify"] == (1, 0) and used["estimate"] == (0, 1)


def test_nothing_is_lost(imported: Imported) -> None:
    """Each field is one of ours, or stands in `extra` as it was."""
    for each in (*STATUSES, *WORK, *WAITING):
        names = [
            name for name, task_here in imported.tasks.items() if task_here.get("extra", {}).get("id") == each["id"]
        ]
        found = imported.tasks[names[0] if names else each["id"]]
        extra = found.get("extra", {})
        for name, value in each.items():
            if name in EXPRESSED or each["id"] == "n-paused":
                continue
            used = next(use for use in imported.report.fields() if use.field == name)
            assert extra.get(name) == value or used.mapped, (each["id"], name)


def test_the_log(imported: Imported) -> None:
    assert [(each["actor"], each["message"]) for each in imported.tasks["n-log"]["log"]] == [
        ("agent-7", "first"),
        ("erik", "second"),
        ("", "third"),
    ]
    assert imported.tasks["n-log"]["log"][0]["at"] == "2026-03-02T10:00:00.1234567Z"
    assert imported.tasks["n-log"]["extra"] == {"log_users": {"0": "erik"}}


def test_ids(imported: Imported) -> None:
    assert imported.notes("renamed") == {"Fix_TUI Überall": "is fix-tui-uberall-2 here"}
    assert imported.tasks["fix-tui-uberall-2"]["extra"]["id"] == "Fix_TUI Überall"
    assert imported.tasks["n-renamed"]["after"] == ["fix-tui-uberall-2"]


def test_edges_that_cannot_be(imported: Imported) -> None:
    tasks, dropped, paused = imported.tasks, imported.notes("dependency left out"), imported.notes("paused")
    assert tasks["n-parent"]["after"] == ["s-done"] and "paused" not in tasks["n-parent"]
    assert dropped["n-parent"] == "depended on .assign-s-open, a task of the system"
    assert dropped["n-remote"] == "depended on peer:other-task, a task of another project"
    assert dropped["n-dangling"] == "depended on long-gone, which is not in the file"
    for name, missing in (("n-remote", "peer:other-task"), ("n-dangling", "long-gone")):
        assert tasks[name]["paused"] is True
        assert tasks[name]["extra"]["after_elsewhere"] == [missing]
        assert missing in paused[name]
    assert tasks["n-inconsistent"]["extra"]["before"] == ["s-open"]
    assert tasks["n-cron"]["paused"] is True and tasks["n-cron"]["extra"]["cron_schedule"] == "0 * * * *"


def test_what_tasks_wait_for(imported: Imported) -> None:
    tasks, paused = imported.tasks, imported.notes("paused")
    assert tasks["s-waiting"]["wait"] == {"mode": "all", "conditions": [{"kind": "human"}]}
    assert tasks["w-task"]["wait"]["conditions"] == [{"kind": "task", "subject": "fix-tui-uberall-2", "value": "done"}]
    assert tasks["w-timer"]["wait"] == {
        "mode": "any",
        "conditions": [{"kind": "timer", "at": "2026-03-09T10:00:00.500000Z"}, {"kind": "message", "value": "0"}],
    }
    assert tasks["w-file"]["wait"]["conditions"] == [{"kind": "file", "subject": "src/a.rs"}]
    for name in ("w-system", "w-status", "w-nothing"):
        assert (tasks[name]["status"], tasks[name]["paused"]) == ("open", True)
        assert "cannot be said here" in paused[name]
    assert tasks["w-status"]["extra"]["wait_condition"]["conditions"][0]["status"] == "incomplete"


def test_a_file_that_is_waited_for_has_the_state_that_it_has_now(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.rs").write_text("four")
    with new_store() as store:
        take(store, graph(), Wanted(root=str(tmp_path)))
        [condition] = tasks_of(store)["w-file"]["wait"]["conditions"]
    changed = (tmp_path / "src" / "a.rs").stat().st_mtime_ns
    assert condition == {"kind": "file", "subject": "src/a.rs", "value": f"{changed}-4"}


def test_cycles_with_a_config_are_loops(imported: Imported) -> None:
    tasks = imported.tasks
    assert tasks["c-b"]["loop"] == {"to": "c-a", "max_iterations": 3, "delay": 300, "iteration": 2, "converged": True}
    assert (tasks["c-b"]["after"], "after" in tasks["c-a"]) == (["c-a"], False)
    assert tasks["c-b"]["extra"] == {"cycle_config": {"restart_on_failure": False}}
    assert tasks["d-test"]["loop"] == {"to": "d-plan", "guard": "fix-tui-uberall-2=open"}
    assert tasks["d-test"]["extra"] == {"cycle_config": {"no_converge": True}}
    assert tasks["e-last"]["loop"] == {"to": "e-first", "max_iterations": 4}
    assert tasks["e-first"]["extra"] == {"cycle_config": {"guard": {"IterationLessThan": 4}}}
    assert imported.notes("loop").keys() == {"c-b", "d-test", "e-last"}


@pytest.mark.parametrize(
    "guard",
    [
        {"TaskStatus": {"task": "ghost", "status": "done"}},
        {"TaskStatus": {"task": ["a"], "status": "done"}},
        {"TaskStatus": {"task": "a", "status": "incomplete"}},
        {"Moon": "full"},
        "Never",
    ],
)
def test_a_loop_with_a_guard_that_cannot_be_said_does_not_run_again(guard: object) -> None:
    """It was dropped without a word, and the loop ran without it."""
    config = {"max_iterations": 5, "delay": "5m", "guard": guard}
    with new_store() as store:
        report = take(store, file_of(task("a", 1, after=["b"]), task("b", 2, after=["a"], cycle_config=config)))
        found = tasks_of(store)["b"]
        for name in ("a", "b"):
            store.person_done(name, NOW, "ann")
        assert {task.status for task in store.tasks()} == {"done"}
    assert found["loop"] == {"to": "a", "max_iterations": 1, "delay": 300}
    assert found["extra"] == {"cycle_config": {"max_iterations": 5, "guard": guard}}
    [note] = report.of_kind("changed")
    assert note.task == "b" and "does not run again" in note.text


def test_cycles_without_a_config_are_opened(imported: Imported) -> None:
    tasks = imported.tasks
    assert imported.notes("cycle opened").keys() == {"f-one", "f-self"}
    assert ("after" in tasks["f-one"], tasks["f-two"]["after"]) == (False, ["f-one"])
    assert tasks["f-one"]["extra"] == {"after_in_cycle": ["f-two"]}
    assert tasks["f-self"]["extra"] == {"after_in_cycle": ["f-self"]}
    assert tasks["g-alone"]["extra"] == {"cycle_config": {"max_iterations": 2}}
    assert "cycle_config" in imported.notes("kept in extra")["g-alone"]


def test_system_tasks_and_other_lines_are_reported(imported: Imported) -> None:
    assert imported.notes("system task left out").keys() == {each["id"] for each in SYSTEM}
    assert imported.notes("line that is no task").keys() == {"gpu", "erik"}
    [twice] = imported.report.of_kind("id stands there twice")
    assert twice.task == "n-paused"
    newer = imported.tasks["n-paused"]
    assert (newer["title"], newer["paused"], newer["extra"]) == ("newer", True, {"unplaced": True})
    assert len(imported.tasks) == len([*STATUSES, *WORK, *WAITING, *CYCLES])


def test_the_text_shows_every_kind_and_cuts_long_lists(imported: Imported) -> None:
    for kind in KINDS:
        assert f"\n{kind}: {len(imported.report.of_kind(kind))}\n" in imported.text, kind
    with new_store() as store:
        report = take(store, file_of(*(task(f"A {number}") for number in range(50))))
        text = "\n".join(lines(report, "F", dry_run=True))
    assert text.count(" here") == 20 and "… and 30 more: --json lists all" in text
    notes: Any = report.as_object()["notes"]
    assert len(notes) == 50


def test_system_tasks_can_be_taken_along_and_do_not_run() -> None:
    with new_store() as store:
        take(store, graph(), WITH_SYSTEM)
        tasks = tasks_of(store)
    evaluation = tasks["evaluate-s-open"]
    assert (evaluation["status"], evaluation["paused"], evaluation["after"]) == ("open", True, ["s-open"])
    assert evaluation["extra"]["id"] == ".evaluate-s-open"
    assert tasks["n-parent"]["after"] == ["assign-s-open", "s-done"]
    assert tasks["chat-0"]["paused"] is True


def test_a_second_import_finds_the_tasks_of_the_first() -> None:
    with new_store() as store:
        first = take(store, graph())
        again = take(store, graph(), Wanted(skip_existing=True))
        assert (again.tasks, len(again.skipped)) == (0, first.tasks)
        assert "fix-tui-uberall-2" in again.skipped
        assert "FILE:3: there is a task s-open already" in refusal(store, graph())


REFUSED = {
    "unknown status": (task("a", status="sleeping"), "status: 'sleeping' is none of the original's"),
    "no id": ({"kind": "task", "title": "A"}, "the task has no id"),
    "unknown kind": ({"kind": "tsk", "id": "a"}, "kind 'tsk' is neither"),
    "after is a text": (task("a", after="b"), "after: must be a list"),
    "title is a number": (task("a", title=1), "title: must be a string"),
    "half a character": (task("a", x="\ud800"), "not valid UTF-8"),
    "endless by mistake": (
        task("a", after=["a"], cycle_config={"max_iterations": "3"}),
        "cycle_config: the number of iterations must be",
    ),
}


@pytest.mark.parametrize(("line", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_the_original_cannot_have_written_is_refused(line: object, reason: str) -> None:
    with new_store() as store:
        said = refusal(store, file_of(task("first"), line))
        assert "FILE:2: " in said and reason in said, said


def test_a_line_that_is_cut_off_is_refused() -> None:
    data = graph()
    with new_store() as store:
        assert "the file ends here: it is cut off" in refusal(store, data[:-30])


def test_no_text_of_the_original_is_too_strange() -> None:
    strange = [
        task("x" * 300, title="", description="a\0b", tags=["", "x" * 900]),
        task("\0", title="\n", tags=["x", "x"], after=["日本", "日本"]),
        task("-", title="\x1b[31m", log=[{"timestamp": "never", "message": "m"}]),
        task("CON/../x", title="y" * 2000, created_at="never", timeout=5),
        task("日本", title="日本"),
        task("日本語", title="日本語"),
    ]
    with new_store() as store:
        take(store, file_of(*strange))
        assert_sound(store)
        tasks = tasks_of(store)
        assert store.task("con-x").created_at == NOW
        with new_store() as copy:
            take(copy, exported(store))
            assert exported(copy) == exported(store)
    assert sorted(tasks) == ["con-x", "task", "task-2", "task-3", "task-4", "x" * 40]
    kept = {name: found["extra"] for name, found in tasks.items()}
    assert kept["x" * 40] == {"id": "x" * 300, "title": "", "description": "a\0b", "tags": ["", "x" * 900]}
    assert kept["con-x"] == {"id": "CON/../x", "title": "y" * 2000, "created_at": "never", "timeout": 5}
    assert json.loads(json.dumps(kept)) == kept
