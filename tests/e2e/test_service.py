"""The dispatcher on real processes: order, failure, time limits, starting and stopping."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.service_box import ServiceBox, is_gone
from tests.harness import WG, Box, wait_for
from wg.executors.failures import PROGRAM_MISSING
from wg.graph.store import Store
from wg.graph.task import NewTask


@pytest.fixture
def service(box: Box) -> ServiceBox:
    return ServiceBox(box)


def test_a_graph_runs_in_order_and_a_failure_blocks_what_needs_it(service: ServiceBox) -> None:
    out = service.box.root / "order"
    service.add(NewTask("a", id="a", exec=f"sleep 0.2; echo a >> {out}"))
    service.add(NewTask("b", id="b", exec=f"echo b >> {out}", after=("a",)))
    service.add(NewTask("c", id="c", exec=f"echo c >> {out}", after=("b",)))
    service.add(NewTask("bad", id="bad", exec="echo broken >&2; exit 3"))
    service.add(NewTask("never", id="never", exec=f"echo never >> {out}", after=("bad",)))
    service.start()
    service.await_status("c", "done")
    assert service.await_status("bad", "failed").reason == "exit code 3: broken"
    assert out.read_text() == "a\nb\nc\n"
    assert service.task("never").status == "open"
    assert service.attempts("never") == []


def test_work_is_committed_merged_and_cleared_away(service: ServiceBox) -> None:
    service.agent("codex")
    run = 'RUN: echo new > made.txt; "$WG_BIN" log "halfway there"; "$WG_BIN" done'
    service.add(NewTask("Make it", id="t", description=run))
    service.start()
    service.await_status("t", "done")
    assert (service.box.project / "made.txt").read_text() == "new\n"
    assert service.box.git("log", "-1", "--format=%s%n%(trailers:key=Wg-Attempt)") == "Make it\nWg-Attempt: 1"
    wait_for(lambda: not list((service.dir / "worktrees").iterdir()), "the worktree is removed")
    assert "halfway there" in service.box.wg("log", "t").out
    attempt = service.attempts("t")[0]
    assert (attempt.claim, attempt.route.model) == ("done", "codex:gpt-5.5")
    assert attempt.verdict.startswith("merged into main as ")


def test_what_an_agent_is_told(service: ServiceBox) -> None:
    service.agent("codex")
    service.box.env["WG_EXTRA"] = "must not get through"
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.start()
    service.await_status("t", "done")
    given = service.environment("codex-1")
    route = service.attempts("t")[0].route
    assert {name: value for name, value in given.items() if name.startswith("WG_")} == {
        "WG_HOME": str(service.box.wg_home),
        "WG_DIR": str(service.dir),
        "WG_BIN": WG,
        "WG_TASK_ID": "t",
        "WG_ATTEMPT": "1",
        "WG_EXECUTOR": "codex",
        "WG_MODEL": "codex:gpt-5.5",
        "WG_ACTIVE_PROFILE": "codex",
        "WG_CONFIG_SHA256": route.config_digest,
    }
    argv = service.argv("codex-1")
    assert argv[argv.index("-m") + 1] == "gpt-5.5"
    assert argv[argv.index("-C") + 1] == str(service.dir / "worktrees" / "agent-1")
    files = service.dir / "attempts" / "1"
    assert {oct(path.stat().st_mode & 0o077) for path in [files, *files.iterdir()]} == {"0o0"}


def test_what_an_agent_leaves_running_ends_with_it(service: ServiceBox) -> None:
    pid = service.box.root / "pid"
    service.add(NewTask("t", id="t", exec=f"setsid sleep 1000 & echo $! > {pid}; sleep 0.1"))
    service.start()
    service.await_status("t", "done")
    assert is_gone(int(pid.read_text()))


def test_a_check_decides(service: ServiceBox) -> None:
    service.add(NewTask("good", id="good", exec="echo x > f", check="test -s f"))
    service.add(NewTask("bad", id="bad", exec="true", check="echo it is not there; exit 4"))
    pid = service.box.root / "pid"
    slow = f"setsid sleep 1000 & echo $! > {pid}; sleep 1000"
    service.add(NewTask("slow", id="slow", exec="true", check=slow, timeout=15.0))
    service.start()
    service.await_status("good", "done")
    assert "exit code 4" in (reason := service.await_status("bad", "failed").reason)
    assert reason.endswith("it is not there")
    assert "did not end within 15s" in service.await_status("slow", "failed").reason
    assert is_gone(int(pid.read_text()))


def test_checks_that_take_long_hold_up_no_other_task(service: ServiceBox) -> None:
    service.agent("codex")
    gate = service.box.root / "gate"
    for number in range(5):
        check = f"while ! test -f {gate}; do sleep 0.1; done"
        service.add(NewTask("t", id=f"t{number}", exec="true", check=check))
    service.start()

    def are_judged() -> bool:
        return all([one.state for one in service.attempts(f"t{n}")] == ["ended"] for n in range(5))

    wait_for(are_judged, "every check has begun, or waits for its turn")
    service.add(NewTask("other", id="other", description="RUN: echo x > x"))
    service.await_status("other", "done")
    gate.touch()
    for number in range(5):
        service.await_status(f"t{number}", "done")


def test_slots_are_limited(service: ServiceBox) -> None:
    service.set("max_agents = 8", "max_agents = 2")
    here = service.box.root / "here"
    here.mkdir()
    command = f"touch {here}/$WG_TASK_ID; ls {here} | wc -l >> {here}.counts; sleep 2; rm {here}/$WG_TASK_ID"
    for name in "abcde":
        service.add(NewTask(name, id=name, exec=command))
    service.start()
    for name in "abcde":
        service.await_status(name, "done")
    counts = [int(line) for line in Path(f"{here}.counts").read_text().split()]
    assert max(counts) == 2


def test_a_new_task_is_noticed_without_waiting_for_the_interval(service: ServiceBox) -> None:
    service.set("poll_interval = 5", "poll_interval = 3600")
    service.start()
    for name in "abc":
        service.add(NewTask(name, id=name, exec="true"))
        service.await_status(name, "done")


def test_a_second_start_says_that_one_runs(service: ServiceBox) -> None:
    pid = service.start()
    again = service.box.wg("service", "start")
    assert f"already running (pid {pid})" in again.out
    direct = service.box.wg("dispatcher", code=4)
    assert str(pid) in direct.err


def test_two_starts_at_once_leave_one_dispatcher(service: ServiceBox) -> None:
    command = [WG, "--json", "service", "start"]
    both = [
        subprocess.Popen(command, cwd=service.box.project, env=service.box.env, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=150)[0] != b"" and process.returncode for process in both] == [0, 0]

    def dispatchers() -> list[int]:
        return service.pids_of("dispatcher")

    wait_for(lambda: len(dispatchers()) == 1, "one dispatcher is left")
    assert service.box.wg("--json", "service", "status").json["dispatcher"]["identity"]["pid"] in dispatchers()


@pytest.mark.parametrize(("argv", "env"), [(("--profile", "codex"), {}), ((), {"WG_PROFILE": "codex"})])
def test_start_refuses_a_profile_of_its_own(service: ServiceBox, argv: tuple[str, ...], env: dict[str, str]) -> None:
    refused = service.box.wg(*argv, "service", "start", code=1, env=env)
    assert "wg profile use codex --project" in refused.err
    assert not service.box.wg("--json", "service", "status").json["running"]


def test_start_refuses_an_invalid_config(service: ServiceBox) -> None:
    config = service.box.wg_home / "config.toml.codex"
    config.write_text(config.read_text().replace("max_agents = 8", 'max_agents = "8"'))
    line = next(n for n, text in enumerate(config.read_text().splitlines(), 1) if text.startswith("max_agents"))
    refused = service.box.wg("service", "start", code=5)
    assert f"{config}:{line}: " in refused.err
    assert not (service.dir / "service").exists()


def test_start_needs_a_config(service: ServiceBox) -> None:
    (service.box.wg_home / "config.toml").unlink()
    refused = service.box.wg("service", "start", code=None)
    assert refused.code in (3, 5)
    assert "wg profile use" in refused.err


def test_stop_leaves_agents_running_and_the_next_dispatcher_takes_them_over(service: ServiceBox) -> None:
    gate = service.box.root / "gate"
    service.add(NewTask("t", id="t", exec=f"while ! test -f {gate}; do sleep 0.05; done"))
    service.start()
    running = service.await_running("t")
    stopped = service.box.wg("service", "stop")
    assert "Agents that go on: 1" in stopped.out
    assert not service.box.wg("--json", "service", "status").json["running"]
    service.start()
    gate.touch()
    service.await_status("t", "done")
    assert [one.fence for one in service.attempts("t")] == [running.fence]


def test_stop_can_end_the_agents(service: ServiceBox) -> None:
    pid = service.box.root / "pid"
    service.add(NewTask("t", id="t", exec=f"setsid sleep 1000 & echo $! > {pid}; sleep 1000"))
    service.start()
    child = int(service.await_file(pid))
    assert "Agents ended: 1" in service.box.wg("service", "stop", "--kill-agents").out
    assert is_gone(child)
    (attempt,) = service.attempts("t")
    assert attempt.outcome is not None and attempt.outcome.failure_class == "killed"
    assert (attempt.state, service.task("t").status) == ("settled", "open"), "it is ready again, without a dispatcher"
    assert "no dispatcher is running" in service.box.wg("why", "t").out
    assert service.task("t").failures == 0


def test_an_agent_cannot_start_a_dispatcher(service: ServiceBox) -> None:
    refused = service.box.wg("service", "start", code=1, env={"WG_ATTEMPT": "1"})
    assert "an agent cannot start a dispatcher" in refused.err


def test_a_missing_program_uses_up_no_attempt(service: ServiceBox) -> None:
    service.box.env["PATH"] = f"{service.bin}:/usr/bin:/bin"
    service.set("max_agents = 8", "max_agents = 1")
    service.add(NewTask("t", id="t", description="RUN: echo x > x"))
    service.add(NewTask("u", id="u", description="RUN: echo y > y"))
    service.add(NewTask("other", id="other", exec="true"))
    service.start()
    service.await_status("other", "done")
    wait_for(lambda: "codex is not on PATH" in service.task("t").note, "the reason is noted")
    assert service.attempts("t") == []
    assert "codex is not on PATH" in service.box.wg("service", "status").out
    service.agent("codex")
    for name in ("t", "u"):
        service.await_status(name, "done")
        assert len(service.attempts(name)) == 1


def test_nex_waits_with_its_reason(service: ServiceBox) -> None:
    """Nothing but an endpoint is needed for it."""
    service.add(NewTask("t", id="t", model="nex:some-model"))
    service.start()
    wait_for(lambda: "no endpoint serves nex:some-model" in service.task("t").note, "the reason is noted")
    assert service.attempts("t") == []


def test_the_dispatcher_ends_with_its_project(service: ServiceBox) -> None:
    pid = service.start()
    service.dir.rename(service.box.root / "moved")
    wait_for(lambda: is_gone(pid), "it ends")
    (service.box.root / "moved").rename(service.dir)


def test_the_dispatcher_ends_with_its_database(service: ServiceBox) -> None:
    """A new database in its place gets a dispatcher of its own."""
    pid = service.start()
    (service.dir / "db").rename(service.dir / "old")
    Store.create(str(service.dir / "db" / "graph.db")).close()
    wait_for(lambda: is_gone(pid), "it ends")
    service.add(NewTask("t", id="t", exec="true"))
    service.start()
    service.await_status("t", "done")


def test_start_mends_the_home_as_other_commands_do(service: ServiceBox) -> None:
    config, snapshot = service.box.wg_home / "config.toml", service.box.wg_home / "config.toml.codex"
    text = snapshot.read_text()
    config.unlink()
    config.write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    (service.box.wg_home / "active-profile").write_text(f"codex\nsha256:{digest}\n")
    assert service.start()
    assert config.is_symlink()


def test_status_names_the_home_that_the_dispatcher_follows(service: ServiceBox) -> None:
    service.start()
    other = service.box.root / "other"
    other.mkdir()
    (other / "config.toml").write_text((service.box.wg_home / "config.toml.claude").read_text())
    said = service.box.wg("status", env={"WG_HOME": str(other)}).out
    assert f"it follows {service.box.wg_home}/config.toml, this shell {other}/config.toml" in said


def test_a_signal_is_a_stop(service: ServiceBox) -> None:
    pid = service.start()
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: is_gone(pid), "it ends")
    assert "The dispatcher is not running" in service.box.wg("service", "status").out


def test_a_program_that_cannot_be_run_is_named(service: ServiceBox) -> None:
    service.agent("codex")
    service.set('program = "codex"', f'program = "{service.bin}/codex"')
    (service.bin / "codex").write_text("#!/nowhere/interpreter\n")
    service.add(NewTask("t", id="t"))
    service.start()
    wait_for(lambda: f"the route codex is paused ({PROGRAM_MISSING})" in service.task("t").note, "its route is paused")
    assert f"{service.bin}/codex: No such file" in service.box.wg("status").out
    service.agent("codex")
    service.box.wg("service", "unpause", "codex")
    wait_for(lambda: len(service.attempts("t")) == 2, "it is tried again")
    service.await_status("t", "failed")  # its agent leaves no work, and nothing runs on
