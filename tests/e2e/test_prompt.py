"""What an agent gets on its standard input is what `wg prompt` printed before it was started."""

from __future__ import annotations

from tests.e2e.machine import started
from tests.harness import WG, Box
from wg.graph.store import Store
from wg.graph.task import NewTask


def project(box: Box) -> Store:
    """The store of a project without a config, a home or git."""
    return Store.create(str(box.project / ".wg" / "db" / "graph.db"))


def test_an_agent_gets_what_was_printed_and_explained(box: Box) -> None:
    machine = started(box)
    machine.wg("config", "set", "dispatcher.default_context_scope", "full")
    machine.add("design", run='"$WG_BIN" log "chose a grid"; echo x > design.md')
    machine.add("page", "--after", "design", "--paused")
    machine.add("other", gated=True)
    machine.add("release", "--after", "page")
    machine.await_status("design", "done")
    machine.await_run("other")
    printed = machine.wg("prompt", "page", "--json").json
    assert (printed["id"], printed["scope"]) == ("page", "full")
    assert machine.wg("prompt", "page").out == printed["prompt"]
    assert machine.wg("explain", "page", "--json").json["stdin"] == printed["prompt"]
    for told in ("chose a grid", "branch wg/agent-1/design", "running now: other", "wait for it: release", "--check"):
        assert told in printed["prompt"], told
    machine.wg("publish", "page", "--only")
    assert machine.done("page").prompt == printed["prompt"]
    machine.open_gate()
    for name in ("other", "release"):
        machine.await_status(name, "done")


def test_the_next_attempt_is_told_of_the_one_before(box: Box) -> None:
    machine = started(box)
    machine.wg("config", "set", "dispatcher.max_attempts", "1")
    work = "echo x > new.txt; git add new.txt; git commit -qm 'half of it'; exit 3"
    machine.add("t", run=f"test -e {machine.gate} || {{ {work}; }}; echo y > all.txt")
    machine.await_status("t", "failed")
    (first,) = machine.runs("t")
    printed = machine.wg("prompt", "t").out
    assert "An attempt was made before by agent-1 on codex:gpt-5.5: " in printed
    assert "half of it\n" in printed and "new.txt | 1 +" in printed
    assert "before" not in first.prompt
    machine.open_gate()
    machine.wg("retry", "t")
    machine.await_status("t", "done")
    (second,) = [run for run in machine.runs("t") if run.env["WG_ATTEMPT"] == "2"]
    assert second.prompt == printed


def test_no_config_is_needed_where_the_scope_is_named(box: Box) -> None:
    with project(box) as store:
        store.add(NewTask("The a", id="a"), 1.0, "ann")
        store.add(NewTask("The t", id="t", after=("a",)), 1.0, "ann")
        store.add(NewTask("The u", id="u", after=("a",), context="graph"), 1.0, "ann")
    assert "builds on" not in box.wg("prompt", "t", "--scope", "clean").out
    assert "- a (open): The a\n" in box.wg("prompt", "t", "--scope", "task").out
    assert box.wg("prompt", "u", "--json").json["scope"] == "graph"
    assert box.wg("prompt", "u", "--json", "--scope", "full").json["scope"] == "full"
    assert not box.wg_home.exists()
    assert "no config" in box.wg("prompt", "t", code=3).err
    out = box.wg("prompt", env={"WG_TASK_ID": "u", "WG_ATTEMPT": "7"}).out
    assert out.startswith("Task u: The u\n")
    assert "the project's own" in out and f"{WG} done u" in out


def test_what_has_no_prompt(box: Box) -> None:
    with project(box) as store:
        store.add(NewTask("The t", id="t", exec="make"), 1.0, "ann")
    assert "t is a shell command" in box.wg("prompt", "t", "--scope", "task", code=1).err
    assert "no task" in box.wg("prompt", "unknown", code=3).err
    assert "invalid choice: 'all'" in box.wg("prompt", "t", "--scope", "all", code=2).err


def test_the_guide_needs_nothing(box: Box) -> None:
    printed = box.wg("guide").out
    assert "wg fail --reason" in printed
    assert box.wg("guide", "--json").json == {"guide": printed}
    assert not box.wg_home.exists()
