"""`wg agents`, `wg attempts` and `wg explain` on agents at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox
from tests.graph.records import SUCCEEDED, run_to_end
from tests.harness import WG, Box, wait_for
from wg.graph.task import NewTask

OUTPUT = Path(__file__).parents[1] / "executors" / "output"


@pytest.fixture
def service(box: Box) -> ServiceBox:
    made = ServiceBox(box)
    made.agent("codex")
    made.agent("claude")
    return made


def at_work(service: ServiceBox, printed: str, model: str = "", task: str = "t") -> None:
    """An agent that has printed that file, and goes on in silence."""
    done = service.box.root / f"{task}-printed"
    service.add(NewTask(task, id=task, model=model, description=f"RUN: cat {printed}; echo x > {done}; sleep 1000"))
    service.start()
    service.await_file(done)


def before_the_end(service: ServiceBox, case: str) -> str:
    """A recorded output without its last event, as it is while the agent runs."""
    path = service.box.root / case
    path.write_text("".join((OUTPUT / f"{case}.jsonl").read_text().splitlines(keepends=True)[:-1]))
    return str(path)


def test_those_that_run_with_what_they_last_said(service: ServiceBox) -> None:
    at_work(service, before_the_end(service, "claude-ok"), "claude:opus", "one")
    at_work(service, before_the_end(service, "codex-command-failed"), task="two")
    said = service.box.wg("agents").out
    assert said.split()[:8] == ["AGENT", "TASK", "STATE", "EXECUTOR", "MODEL", "PROFILE", "TIME", "TOKENS"]
    assert said.count("    The rehearsal has done what the task asked for.\n") == 2
    first, second = service.box.wg("--json", "agents").json
    assert (first["agent"], first["task"], first["state"]) == ("agent-1", "one", "running")
    assert (first["route"]["executor"], first["route"]["model"]) == ("claude", "claude:opus")
    assert first["usage"] == {"input_tokens": 200, "cached_tokens": 40, "output_tokens": 0, "cost": None}
    assert "≥200 in" in said and not first["usage_is_final"]
    assert (second["route"]["profile"], second["usage"]) == ("codex", None)
    service.box.wg("service", "stop", "--kill-agents")


def test_what_an_agent_prints_does_not_drive_the_terminal(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t", exec="printf 'red \\033[31m\\r\\n' >&2; sleep 1000"))
    service.start()
    wait_for(lambda: "red" in service.box.wg("agents").out, "standard error is shown, where nothing else is said")
    assert "\x1b" not in service.box.wg("agents").out
    service.box.wg("service", "stop", "--kill-agents")


def test_only_the_end_of_much_output_is_read(service: ServiceBox) -> None:
    much = service.box.root / "much"
    with much.open("w") as file:
        file.write("x" * 50_000_000)
        file.write("\nthe last word\n")
    service.add(NewTask("t", id="t", exec=f"cat {much}; sleep 1000"))
    service.start()
    wait_for(lambda: "    the last word\n" in service.box.wg("agents").out, "all is printed")
    most = service.box.run("sh", "-c", f"ulimit -v 120000; exec {WG} agents")
    assert "    the last word\n" in most.out
    service.box.wg("service", "stop", "--kill-agents")


def test_those_that_have_ended(service: ServiceBox) -> None:
    assert "No agent runs" in service.box.wg("agents").out
    assert "No agent has been started yet" in service.box.wg("agents", "--all").out
    with service.store() as store:
        for name in "abc":
            store.add(NewTask(name, id=name), 1.0, "ann")
            store.settle(run_to_end(store, name), SUCCEEDED, 131.0)
    found = service.box.wg("--json", "agents", "--all").json
    assert [each["agent"] for each in found] == ["agent-3", "agent-2", "agent-1"], "the newest first"
    assert (found[0]["seconds"], found[0]["usage_is_final"], found[0]["last_line"]) == (30.0, True, "merged")
    said = service.box.wg("agents", "--all", "--limit", "2").out
    assert "agent-2" in said and "agent-1" not in said and "--limit 0 shows all" in said
    assert service.box.wg("--json", "agents").json == []


def test_the_attempts_at_a_task(service: ServiceBox) -> None:
    service.add(NewTask("t", id="t"))
    assert "No agent has been started on t" in service.box.wg("attempts", "t").out
    with service.store() as store:
        store.settle(run_to_end(store, "t"), SUCCEEDED._replace(event="requeued"), 131.0)
    heading, line = service.box.wg("attempts", "t").out.splitlines()
    assert heading.split()[-4:] == ["TIME", "TOKENS", "COST", "OUTCOME"]
    assert line.startswith("agent-1  settled  codex")
    assert line.endswith("30s   10 in 2 out  $0.2500  merged")
    shown = service.box.wg("--json", "show", "t").json["attempts"]
    assert service.box.wg("--json", "attempts", "t").json == shown


def test_explain_tells_what_a_running_task_was_started_with(service: ServiceBox) -> None:
    at_work(service, before_the_end(service, "codex-ok"))
    source = service.attempts("t")[0].route.source
    said = service.box.wg("explain", "t").out
    assert said.startswith(f"Runs now: agent-1 on codex codex:gpt-5.5, from {source}\n")
    assert "the next attempt would run on the same" in said
    with (service.box.wg_home / "config.toml.codex").open("a") as file:
        file.write("# touched\n")
    assert "the file in force is not the same any more" in service.box.wg("explain", "t").out
    service.use("claude")
    assert "the next attempt would run on another model" in service.box.wg("explain", "t").out
    explained = service.box.wg("--json", "explain", "t").json
    assert (explained["running"]["model"], explained["executor"]) == ("codex:gpt-5.5", "claude")
    service.box.wg("service", "stop", "--kill-agents")
    assert service.box.wg("--json", "explain", "t").json["running"] is None
