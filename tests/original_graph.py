"""A `graph.jsonl` as the original leaves it after some months (its fields are described in docs of the original)."""

from __future__ import annotations

import json
from typing import Any

TIME = "2026-03-0{}T10:00:00.123456789+00:00"


def task(task_id: str, day: int = 1, **fields: Any) -> dict[str, Any]:
    """A task as it is written: what is not set is not there."""
    made = {"kind": "task", "id": task_id, "title": f"Title of {task_id}", "status": "open", "priority": 10}
    return {**made, "created_at": TIME.format(day), **fields}


def wait(*conditions: dict[str, Any], mode: str = "all") -> dict[str, Any]:
    """A waiting task's fields."""
    return {"status": "waiting", "wait_condition": {"mode": mode, "conditions": list(conditions)}}


STATUSES = [
    task("s-open"),
    task("s-progress", status="in-progress", assigned="agent-7", started_at=TIME.format(2)),
    task("s-person", status="in-progress", assigned="erik", started_at=TIME.format(2)),
    task("s-waiting", **wait({"type": "human-input"})),
    task("s-done", status="done", started_at=TIME.format(2), completed_at=TIME.format(3)),
    task("s-blocked", status="blocked", after=["s-open"]),
    task("s-failed", status="failed", failure_reason="exit 1", failure_class="agent-exit-nonzero", retry_count=2),
    task("s-abandoned", status="abandoned", superseded_by=["s-open", "s-done"]),
    task("s-validation", status="pending-validation", completed_at=TIME.format(3)),
    task("s-eval", status="pending-eval"),
    task("s-failed-eval", status="failed-pending-eval"),
    task("s-incomplete", status="incomplete", ready_after=TIME.format(4)),
    task("s-review", status="pending-review"),
]
SYSTEM = [
    task(".assign-s-open", status="done", before=["s-open"]),
    task(".evaluate-s-open", after=["s-open"], exec="wg evaluate run s-open", tags=["evaluation"]),
    task(".flip-s-open", after=["s-open"]),
    task(".chat-0", status="in-progress", tags=["chat-loop"]),
]
WORK = [
    task("n-parent", after=[".assign-s-open", "s-done"], before=["n-child"], tags=["ui", "urgent"], skills=["rust"]),
    task(
        "n-child", blocked_by=["n-parent"], priority="critical", deliverables=["a.md"], artifacts=["src/a.rs", "b\nc"]
    ),
    task("n-fields", model="claude:opus", tier="fast", exec_mode="light", context_scope="graph", timeout="30m"),
    task("n-bare", model="opus", provider="anthropic", verify="make test", max_retries=3, visibility="public"),
    task("n-shell", exec="make", exec_mode="shell", not_before=TIME.format(5), ready_after=TIME.format(6)),
    task("n-external", validation="external", estimate={"hours": 1.5}, token_usage={"input_tokens": 3}),
    task("n-requires", requires=["gpu", "nothing"], identity={"role_id": "r", "motivation_id": "m"}),
    task("n-cron", cron_schedule="0 * * * *", cron_enabled=True, status="open"),
    task("n-remote", after=["peer:other-task", "s-done"]),
    task("n-dangling", after=["long-gone"]),
    task("n-inconsistent", before=["s-open"]),
    task(
        "n-log",
        log=[
            {"timestamp": TIME.format(2), "actor": "agent-7", "user": "erik", "message": "first"},
            {"timestamp": TIME.format(3), "user": "erik", "message": "second"},
            {"timestamp": TIME.format(4), "message": "third"},
        ],
    ),
    task("Fix_TUI Überall", after=["s-done"]),
    task("fix-tui-uberall", title="two\nlines"),
    task("n-renamed", after=["Fix_TUI Überall"]),
    task("n-huge", priority=4_000_000_000, timeout="soon"),
    task("n-paused", paused=True, unplaced=True),
]
WAITING = [
    task("w-task", **wait({"type": "task-status", "task_id": "Fix_TUI Überall", "status": "done"})),
    task(
        "w-timer", **wait({"type": "timer", "resume_after": "2026-03-09T10:00:00.5Z"}, {"type": "message"}, mode="any")
    ),
    task("w-file", **wait({"type": "file-changed", "path": "src/a.rs", "mtime_at_wait": 17})),
    task("w-system", **wait({"type": "task-status", "task_id": ".flip-s-open", "status": "done"})),
    task("w-status", **wait({"type": "task-status", "task_id": "s-open", "status": "incomplete"})),
    task("w-nothing", status="waiting"),
]
CYCLES = [
    # wg add c-b --after c-a --max-iterations 3
    task("c-a", 1, after=["c-b"], tags=["converged"]),
    task(
        "c-b",
        2,
        after=["c-a"],
        cycle_config={"max_iterations": 3, "delay": "5m", "guard": "Always", "restart_on_failure": False},
        loop_iteration=1,
    ),
    # three, and the one in the middle depends on a task outside
    task("d-plan", 1, after=["d-test"]),
    task("d-code", 2, after=["d-plan", "s-done"]),
    task(
        "d-test",
        3,
        after=["d-code"],
        cycle_config={
            "max_iterations": 0,
            "no_converge": True,
            "guard": {"TaskStatus": {"task": "Fix_TUI Überall", "status": "open"}},
        },
        tags=["converged"],
    ),
    task("d-after", 4, after=["d-code"]),
    # the first one has the config
    task("e-first", 1, after=["e-last"], cycle_config={"max_iterations": 9, "guard": {"IterationLessThan": 4}}),
    task("e-last", 2, after=["e-first"]),
    # nobody meant these
    task("f-one", 1, after=["f-two"]),
    task("f-two", 2, after=["f-one"]),
    task("f-self", 1, after=["f-self"]),
    task("g-alone", 1, cycle_config={"max_iterations": 2}),
]
OTHER_LINES = [
    {"kind": "resource", "id": "gpu", "type": "compute", "available": 2.0, "unit": "cards"},
    {"kind": "actor", "id": "erik", "name": "Erik"},
]


def graph() -> bytes:
    """All of it, with a comment, an empty line and a task that stands there twice."""
    tasks = [*STATUSES, *SYSTEM, *WORK, *WAITING, *CYCLES]
    lines = [
        json.dumps(each, ensure_ascii=False)
        for each in [*tasks, *OTHER_LINES, task("n-paused", title="newer", paused=True, unplaced=True)]
    ]
    return "\n".join(["# kept by hand", "", *lines, ""]).encode()
