"""`--executor`: a task that only one kind of agent may run."""

from __future__ import annotations

from tests.e2e.machine import started
from tests.harness import Box, wait_for

MIXED = 'agent.model = "claude:opus"\nmodels.task_agent.model = "codex:gpt-5.5"\n'


def test_it_waits_until_a_config_names_a_model_for_it(box: Box) -> None:
    machine = started(box)
    machine.add("t", "--executor", "claude")
    says = "config.toml.codex names no model for the executor claude, which the task asks for: it comes to codex:"
    wait_for(lambda: says in machine.show("t")["note"], "the reason is noted")
    assert says in machine.wg("why", "t").out
    refused = machine.wg("explain", "t", code=5)
    assert says in refused.err
    assert "hint: give the task a --model, or use a profile that names one" in refused.err
    machine.add("other")
    machine.done("other")  # it holds up nothing else
    machine.wg("profile", "use", "claude")
    assert machine.done("t").env["WG_EXECUTOR"] == "claude"


def test_the_steps_that_another_agent_runs_are_passed_over(box: Box) -> None:
    machine = started(box)
    machine.config.resolve().write_text(MIXED)
    machine.add("t", "--executor", "claude")
    run = machine.done("t")
    assert (run.env["WG_EXECUTOR"], run.env["WG_MODEL"]) == ("claude", "claude:opus")
    (attempt,) = machine.attempts("t")
    assert attempt["route"]["source"].endswith(":1 [agent].model")
    lines = machine.wg("explain", "t").out.splitlines()
    assert "Task t: claude claude:opus" in lines
    (passed,) = [line for line in lines if "passed over" in line]
    assert "models.task_agent.model" in passed
    assert passed.endswith("codex:gpt-5.5  passed over: runs on codex, and --executor asks for claude")
    shown = machine.wg("explain", "t", "--json").json["chain"]
    assert [step["key"] for step in shown if step["passed_over"]] == ["models.task_agent.model"]
    assert [step["key"] for step in shown if step["decides"]] == ["agent.model"]
