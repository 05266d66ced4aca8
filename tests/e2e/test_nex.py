"""nex as an agent: tasks with dependencies in worktrees, real files, evidence, merges; killed, resumed, refused."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.e2e.nex_box import KEY, NexBox, rehearsing
from tests.harness import Box, wait_for


@pytest.fixture
def nex(box: Box) -> Iterator[NexBox]:
    with rehearsing(box) as made:
        yield made
        box.wg("service", "stop", code=None)


def test_three_tasks_with_dependencies_are_worked_on_and_merged(nex: NexBox) -> None:
    nex.add("numbers", "write numbers.txt 1 2 3", "final Written.")
    nex.add(
        "double", 'call edit_file {"path": "numbers.txt", "old": "2", "new": "4"}', "final Doubled.", after=("numbers",)
    )
    nex.add("sum", "run tr ' ' '+' <numbers.txt | bc >sum.txt || echo 8 >sum.txt", "final Summed.", after=("double",))
    nex.service.start()
    nex.service.await_status("sum", "done")
    project = nex.box.project
    assert (project / "numbers.txt").read_text() == "1 4 3\n"
    assert (project / "sum.txt").read_text() == "8\n"
    (attempt,) = nex.service.attempts("double")
    assert attempt.outcome is not None
    assert (attempt.route.executor, attempt.route.model) == ("nex", "nex:qwen3-coder-30b")
    assert attempt.outcome.message == "Doubled."
    assert (attempt.outcome.usage.input_tokens, attempt.outcome.usage.output_tokens) == (200, 20)
    assert attempt.outcome.session_id
    subjects = nex.box.git("log", "--first-parent", "--format=%s").splitlines()
    assert subjects[:3] == ["sum", "double", "numbers"]
    assert {request["protocol"] for request in nex.rehearsal.requests()} == {"chat"}
    assert all(request["api_key"] for request in nex.rehearsal.requests())


def test_it_works_in_its_worktree_with_what_every_agent_gets(nex: NexBox) -> None:
    nex.add(
        "t", 'run pwd >where; env >env; "$WG_BIN" log "$WG_TASK_ID" "from the shell"', 'call wg_log {"message": "-x"}'
    )
    nex.service.start()
    nex.service.await_status("t", "done")
    env = dict(line.split("=", 1) for line in (nex.box.project / "env").read_text().splitlines() if "=" in line)
    assert (nex.box.project / "where").read_text().strip() == str(nex.service.dir / "worktrees" / "agent-1")
    assert (env["WG_TASK_ID"], env["WG_ATTEMPT"], env["WG_EXECUTOR"]) == ("t", "1", "nex")
    assert KEY not in env.values()
    log = nex.box.wg("log", "t").out
    assert "from the shell" in log
    assert "-x" in log


def test_nothing_done_is_no_evidence_and_claims_count(nex: NexBox) -> None:
    nex.add("idle", "final I am done, believe me.")
    nex.add("hopeless", 'call wg_fail {"reason": "it cannot be done"}', "final I gave up.")
    nex.add("more", 'call wg_add {"title": "Another", "description": "REHEARSE: final x"}', "write f x", "final Done.")
    nex.service.start()
    assert "left no work" in nex.service.await_status("idle", "failed").reason
    assert "it cannot be done" in nex.service.await_status("hopeless", "failed").reason
    nex.service.await_status("more", "done")
    assert "left no work" in nex.service.await_status("another", "failed").reason, "it has been run, too"


def test_killed_in_mid_turn_it_is_resumed_without_repeating_what_was_finished(nex: NexBox) -> None:
    gate = nex.box.root / "gate"
    nex.set("retry_delay", "1s")
    nex.add(
        "t",
        "run echo once >>first.txt",
        f"run echo begun >>second.txt; while ! test -e {gate}; do sleep 0.05; done",
        "run echo third >third.txt",
        "final All three.",
    )
    nex.service.start()
    worktree = nex.service.dir / "worktrees" / "agent-1"
    nex.service.await_file(worktree / "second.txt")
    supervisor = nex.service.await_running("t").supervisor
    assert supervisor is not None
    (agent,) = [one for one in psutil.Process(supervisor.pid).children() if "nex" in one.cmdline()]
    os.kill(supervisor.pid, signal.SIGSTOP)  # it is to tell of nothing
    os.kill(agent.pid, signal.SIGKILL)
    os.kill(supervisor.pid, signal.SIGKILL)
    gate.touch()
    nex.service.await_status("t", "done")
    assert (nex.box.project / "first.txt").read_text() == "once\n"
    assert (nex.box.project / "second.txt").read_text() == "begun\n", "of unknown outcome, and not repeated by itself"
    assert (nex.box.project / "third.txt").read_text() == "third\n"
    first, second = nex.service.attempts("t")
    assert second.outcome is not None
    assert f"--resume {nex.journal(first.fence)}" in " ".join(
        json.loads((nex.service.dir / "attempts" / str(second.fence) / "plan.json").read_text())["argv"]
    )
    said = nex.journal(second.fence).read_text()
    assert "whether it took effect is not known" in said
    assert second.outcome.session_id


def test_a_waiting_attempt_goes_on_with_its_conversation(nex: NexBox) -> None:
    nex.add(
        "t",
        "write before.txt x",
        'run "$WG_BIN" wait t --until human',
        "final I wait.",
        "write after.txt y",
        "final Done.",
    )
    nex.service.start()
    nex.service.await_status("t", "waiting")
    nex.box.wg("approve", "t")
    nex.service.await_status("t", "done")
    assert (nex.box.project / "after.txt").exists()
    assert len(nex.rehearsal.requests()) == 5


@pytest.mark.parametrize(
    ("directives", "failure"),
    [
        (("status 401",), "auth"),
        (("status 429", "reset 3600"), "rate-limit"),
        (("status 404",), "model-not-found"),
        (("status 400", "saying this model does not support tools"), "model-not-found"),
        (("status 500",), "overload"),
        (("cut",), "network"),
    ],
)
def test_trouble_of_the_endpoint_pauses_the_route(nex: NexBox, directives: tuple[str, ...], failure: str) -> None:
    nex.add("t", *directives)
    nex.service.start()

    def paused() -> str:
        with nex.service.store() as store:
            return next((one.kind for one in store.route_pauses()), "")

    assert wait_for(paused, "the route is paused") == failure
    nex.service.await_status("t", "open")
    (attempt,) = nex.service.attempts("t")
    assert attempt.outcome is not None
    if failure == "rate-limit":
        assert attempt.outcome.resets_at is not None
    assert nex.where_the_key_is() == []


def test_a_key_that_is_missing_and_an_endpoint_that_is_none(nex: NexBox) -> None:
    nex.set("api_key_env", "NOT_SET_ANYWHERE")
    nex.add("t", "final x")
    nex.service.start()

    wait_for(lambda: "NOT_SET_ANYWHERE, which is not set" in nex.box.wg("why", "t").out, "it is said")
    nex.box.wg("service", "stop")
    nex.set("provider", "ollama")
    assert "no endpoint serves nex:qwen3-coder-30b: name one with: wg endpoints add" in nex.box.wg("explain", "t").out


def test_limits_and_circles_end_an_attempt(nex: NexBox) -> None:
    nex.set("max_turns", 3)
    nex.add("turns", *[f"run echo {number}" for number in range(9)])
    nex.service.start()
    assert "the limit of 3 turns" in nex.service.await_status("turns", "failed").reason
    nex.set("max_turns", 100)
    nex.add("circle", *["run echo same"] * 20)
    assert "same call 6 times" in nex.service.await_status("circle", "failed").reason


def test_a_read_only_task_gets_no_tool_that_writes(nex: NexBox) -> None:
    nex.add(
        "t",
        'call write_file {"path": "x", "content": "y"}',
        'call bash {"command": "touch z"}',
        "final Looked.",
        workplace="read-only",
    )
    nex.service.start()
    nex.service.await_status("t", "done")
    assert "write_file is not allowed here" in nex.stdout(1)
    assert "bash is not allowed here" in nex.stdout(1)


def test_kill_ends_a_command_and_all_of_it(nex: NexBox) -> None:
    nex.add("t", "run touch begun; setsid sleep 1001 & sleep 1002")
    nex.service.start()
    wait_for((nex.service.dir / "worktrees" / "agent-1" / "begun").exists, "the command runs")
    nex.box.wg("kill", "t")
    assert not [line for line in nex.box.command_lines() if "sleep" in line]
    assert nex.service.task("t").status == "failed"


def test_what_it_does_is_readable_and_counted_while_it_runs(nex: NexBox) -> None:
    gate = nex.box.root / "gate"
    nex.add(
        "t",
        "run echo hello",
        f"run touch begun; while ! test -e {gate}; do sleep 0.05; done",
        "write f x",
        "final Bye.",
    )
    nex.service.start()
    wait_for((nex.service.dir / "worktrees" / "agent-1" / "begun").exists, "the command runs")
    (agent,) = nex.box.wg("--json", "agents").json
    assert (agent["route"]["executor"], agent["usage"]["input_tokens"]) == ("nex", 200)
    gate.touch()
    nex.service.await_status("t", "done")
    shown = nex.box.wg("attach", "t").out
    assert "▸ bash" in shown
    assert "  hello" in shown
    assert '{"type"' not in shown


def test_a_task_that_its_tools_cannot_do_is_said_before(nex: NexBox) -> None:
    """By the config's check, by explain, and to the model, whose prompt names commands."""
    nex.set("exec_mode", "light")
    nex.add("change")
    nex.add("look", workplace="read-only")
    nex.add("think", needs_work=False)
    doubt = "executors.nex.exec_mode leaves nex no tool that changes files"
    assert doubt in nex.box.wg("config", "lint").out
    assert f"Can hardly succeed: {doubt}" in nex.box.wg("explain", "change").out
    for task in ("look", "think"):
        assert nex.box.wg("explain", task, "--json").json["doubt"] is None
    said = []
    for mode in ("full", "bare"):
        journal = nex.box.root / f"journal-{mode}"
        nex.box.wg("nex", "--exec-mode", mode, "--journal", str(journal), "-p", "REHEARSE: final Done.")
        said.append("You cannot run commands." in journal.read_text())
    assert said == [False, True]
