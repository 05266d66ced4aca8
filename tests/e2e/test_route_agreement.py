"""Whatever the config and the task say: what is shown, what is stored, what the agent is told and what is executed
are one and the same route (SPEC-profiles.md, section 7)."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.e2e.machine import Machine, Run, digest, started, write_recorder
from tests.harness import Box, wait_for

TIERS = ("fast", "standard", "premium")
NAMES = st.sampled_from(("opus", "gpt-5.5", "a/b:c@1", "ü$x'\"\\;", "haiku", "--help"))
SPECS = st.builds("{}:{}".format, st.sampled_from(("claude", "codex")), NAMES)
EXTRA = st.lists(st.sampled_from(("--flag", "key = 'a b'", "$HOME", "")), max_size=2)
MAYBE_SPEC = st.none() | SPECS


class Asked(NamedTuple):
    """What one task asks for."""

    model: str = ""
    tier: str = ""
    exec: bool = False
    executor: str = ""


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A valid config as dotted keys; absent ones are not in it."""
    keys: dict[str, Any] = {"agent.model": draw(SPECS)}
    for role in ("dispatcher", "models.default", "models.task_agent", "models.evaluator", "models.triage"):
        keys[f"{role}.model"] = draw(MAYBE_SPEC)
    for tier in TIERS:
        keys[f"tiers.{tier}"] = draw(MAYBE_SPEC)
    tiers = [tier for tier in TIERS if keys[f"tiers.{tier}"]]
    if tiers:
        keys["models.task_agent.tier"] = draw(st.none() | st.sampled_from(tiers))
        keys["models.evaluator.tier"] = draw(st.none() | st.sampled_from(tiers))
    for name in ("claude", "codex"):
        keys[f"executors.{name}.program"] = draw(st.sampled_from((None, name, f"{{bin}}/my {name}")))
        keys[f"executors.{name}.extra_args"] = draw(EXTRA)
    keys["executors.codex.sandbox"] = draw(st.sampled_from((None, "read-only", "workspace-write")))
    keys["executors.codex.network_access"] = draw(st.none() | st.booleans())
    keys["executors.claude.permission_mode"] = draw(st.sampled_from((None, "plan", "acceptEdits")))
    keys["executors.claude.assume_sandbox"] = draw(st.none() | st.booleans())
    keys["executors.claude.max_retries"] = draw(st.none() | st.integers(0, 9))
    return {key: value for key, value in keys.items() if value is not None}


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[Asked]]:
    """A config, and tasks of every kind that it can run, in some order."""
    config = draw(configs())
    tiers = [tier for tier in TIERS if f"tiers.{tier}" in config]
    asked = [Asked(), Asked(model=draw(SPECS)), Asked(exec=True)]
    if tiers:
        asked += [Asked(tier=draw(st.sampled_from(tiers)))]
        asked += [Asked(model=draw(SPECS), tier=draw(st.sampled_from(tiers)))]
    for executor in ("claude", "codex"):
        one = Asked(tier=draw(st.sampled_from(["", *tiers])), executor=executor)
        asked += [one] if expected(config, one) else []
    return config, draw(st.permutations(asked))[:3]


def test_what_is_shown_stored_told_and_executed_agree(box: Box) -> None:
    machine = started(box)
    for name in ("claude", "codex"):
        write_recorder(machine.bin / f"my {name}", name)
    number = 0

    @settings(
        max_examples=8,
        database=None,
        phases=(Phase.generate,),  # a second look at a failure would take minutes, and show the same
    )
    @given(cases())
    def agree(case: tuple[dict[str, Any], list[Asked]]) -> None:
        nonlocal number
        number += 1
        config, asked = case
        check_agreement(machine, number, config, asked)

    agree()


def check_agreement(machine: Machine, number: int, config: dict[str, Any], asked: list[Asked]) -> None:
    """Put `config` in force, run a task for each of `asked`, and compare all that can be seen of their routes."""
    write_config(machine, config)
    gate = machine.records / f"gate-{number}"
    tasks = {add(machine, f"t{number}-{index}", one, gate): one for index, one in enumerate(asked)}
    try:
        check_running(machine, config, tasks)
    finally:
        gate.touch()
    for task in tasks:
        machine.await_status(task, "done")


def check_running(machine: Machine, config: dict[str, Any], tasks: dict[str, Asked]) -> None:
    """Compare what is shown before with what is shown, stored and executed while the agents run."""
    explained = {task: machine.wg("--json", "explain", task).json for task in tasks}

    def running() -> dict[str, Any] | None:
        status: dict[str, Any] = machine.wg("--json", "status").json
        found = {one["task"]: one for one in status["running"] if one["state"] == "running"}
        return status if found.keys() == tasks.keys() and all(map(machine.runs, tasks)) else None

    status = wait_for(running, "all tasks run")
    check_roles(machine, config, status)
    for one in status["running"]:
        task = one["task"]
        check_shown(explained[task], expected(config, tasks[task]), digest(machine.config))
        check_stored(explained[task], one["route"])
        (attempt,) = machine.attempts(task)
        assert attempt["route"] == one["route"]
        check_logged(machine.dispatcher_log(), attempt)
        check_executed(explained[task], attempt, machine.runs(task))


def expected(config: dict[str, Any], asked: Asked) -> str:
    """The model that section 7 gives, by its own words and not by the resolver; "" for a command, and for none."""
    if asked.exec:
        return ""
    chain = (
        asked.model,
        config.get(f"tiers.{asked.tier}"),
        config.get("models.task_agent.model"),
        config.get(f"tiers.{config.get('models.task_agent.tier')}"),
        config.get("models.default.model"),
        config["agent.model"],
    )
    return next((str(model) for model in chain if model and str(model).startswith(asked.executor)), "")


def check_shown(shown: Any, spec: str, config_digest: str) -> None:
    """What `wg explain` shows is what the specification gives, on the file that is there."""
    executor = spec.partition(":")[0] or "shell"
    assert (shown["executor"], shown["model"], shown["digest"]) == (executor, spec, config_digest)
    assert shown["obstacle"] is None


def check_stored(shown: Any, stored: Any) -> None:
    names = ("executor", "model", "source", "config_path", "config_digest", "profile")
    assert [stored[name] for name in names] == [
        shown[name] for name in ("executor", "model", "source", "config", "digest", "profile")
    ]


def check_roles(machine: Machine, config: dict[str, Any], status: Any) -> None:
    """What `wg status` shows of this shell is what the dispatcher has loaded, and what the other commands print."""
    shown = {role["role"]: role for role in status["roles"]}
    assert shown["task_agent"]["model"] == expected(config, Asked())
    route = {name: shown["task_agent"][name] for name in ("executor", "model", "source")}
    loaded = status["dispatcher"]
    assert loaded["routes"]["task_agent"] == route
    assert loaded["config_digest"] == status["digest"] == digest(machine.config)
    assert machine.wg("--json", "service", "start").json["routes"]["task_agent"] == route
    role = machine.wg("--json", "explain", "--role", "evaluator").json
    assert {name: role[name] for name in shown["evaluator"]} == shown["evaluator"]


def check_logged(log: str, attempt: Any) -> None:
    """The dispatcher has logged the same route at the start."""
    route = attempt["route"]
    (line,) = [line for line in log.splitlines() if f" attempt {attempt['fence']} of {attempt['task_id']}: " in line]
    assert f"from {route['source']} sha256:{route['config_digest']} profile {route['profile']} " in line


def check_executed(shown: Any, attempt: Any, runs: list[Run]) -> None:
    """What was executed is what `wg explain` printed, once the attempt and its worktree have a name."""
    (run,) = runs
    directory = attempt["workplace"]["directory"]

    def named(text: str) -> str:
        return text.replace("<attempt>", str(attempt["fence"])).replace("<worktree>", directory)

    program, *arguments = [named(argument) for argument in shown["argv"]]
    assert run.argv == arguments
    assert run.program == shutil.which(program, path=run.env["PATH"])
    assert run.cwd == named(shown["cwd"])
    assert run.prompt == named(shown["stdin"])
    told = {name: named(value) for name, value in shown["env"].items()}
    assert {name: run.env.get(name) for name in told} == told
    assert (told["WG_EXECUTOR"], told["WG_MODEL"]) == (attempt["route"]["executor"], attempt["route"]["model"])
    assert told["WG_CONFIG_SHA256"] == attempt["route"]["config_digest"]
    assert told["WG_ACTIVE_PROFILE"] == attempt["route"]["profile"]
    if spec := attempt["route"]["model"]:
        executor, _, model = spec.partition(":")
        assert run.argv[run.argv.index("-m" if executor == "codex" else "--model") + 1] == model


def write_config(machine: Machine, config: dict[str, Any]) -> None:
    """Write the snapshot in force, in one step."""
    lines = []
    for key, value in config.items():
        if isinstance(value, str):
            value = value.format(bin=machine.bin)
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n")
    snapshot = machine.config.resolve()
    new = Path(f"{snapshot}.new")
    new.write_text("".join(lines))
    os.rename(new, snapshot)


def add(machine: Machine, task: str, asked: Asked, gate: Path) -> str:
    """Add a task that waits for `gate`; a command records itself as the recording programs do."""
    wait = f"while ! test -e '{gate}'; do sleep 0.02; done"
    if asked.exec:
        record = f"{machine.records}/{task}.$WG_ATTEMPT.$$"
        command = (
            f"record={record}; : > $record.prompt; env -0 > $record.env; pwd > $record.cwd; "
            f"cat /proc/$$/cmdline > $record.part; mv $record.part $record.argv; {wait}"
        )
        machine.wg("add", f"The command {task}", "--id", task, "--exec", command)
        return task
    wanted = (asked.model, asked.tier, asked.executor)
    options = [f"--{name}={value}" for name, value in zip(("model", "tier", "executor"), wanted, strict=True) if value]
    description = f"RUN: {wait}\nRUN: echo x > $WG_TASK_ID"
    machine.wg("add", f"The task {task}", "--id", task, "-d", description, *options)
    return task
