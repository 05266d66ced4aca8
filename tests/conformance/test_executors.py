"""What every executor must do: one suite that claude, codex, nex and shell all pass, as real supervised processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.clis import Clis
from tests.conformance.kinds import KINDS, Bench, Kind
from tests.harness import Box, wait_for
from tests.rehearsal import Rehearsal
from wg.executors import failures
from wg.executors.registry import EXECUTORS

pytestmark = pytest.mark.clis


@pytest.fixture(params=KINDS, ids=[kind.name for kind in KINDS])
def bench(request: pytest.FixtureRequest, box: Box, clis: Clis) -> Iterator[Bench]:
    kind: Kind = request.param
    with Rehearsal(box.root / "requests.jsonl", box.env) as rehearsal:
        made = Bench(box, clis, rehearsal, kind)
        yield made
        box.wg("service", "stop", "--kill-agents", code=None)


def test_every_executor_is_in_this_suite() -> None:
    assert {kind.name for kind in KINDS} == set(EXECUTORS)


def test_it_starts_where_it_should_with_what_it_should(bench: Bench) -> None:
    """Start, environment, directory, evidence, usage, session."""
    bench.box.env["WG_PROFILE"] = ""
    bench.add("t", "pwd > where.txt", "env > env.txt")
    bench.service.start()
    bench.service.await_status("t", "done")
    attempt = bench.attempt("t")
    outcome = attempt.outcome
    assert outcome is not None
    env = dict(line.split("=", 1) for line in (bench.box.project / "env.txt").read_text().splitlines() if "=" in line)
    assert (bench.box.project / "where.txt").read_text().strip() == str(bench.place)
    assert {name: env.get(name) for name in ("WG_TASK_ID", "WG_ATTEMPT", "WG_DIR", "WG_EXECUTOR", "WG_MODEL")} == {
        "WG_TASK_ID": "t",
        "WG_ATTEMPT": "1",
        "WG_DIR": str(bench.service.dir),
        "WG_EXECUTOR": bench.kind.name,
        "WG_MODEL": bench.kind.model,
    }
    assert env["WG_BIN"].endswith("/wg")
    assert "WG_PROFILE" not in env
    assert (attempt.route.executor, attempt.route.model) == (bench.kind.name, bench.kind.model)
    assert bool(outcome.session_id) == bench.kind.has_session
    assert (outcome.usage.input_tokens > 0, outcome.usage.output_tokens > 0) == (bench.kind.has_tokens,) * 2
    assert (outcome.succeeded, outcome.failure_class) == (True, "")


def test_it_reports_through_wg(bench: Bench) -> None:
    bench.add("t", '"$WG_BIN" log "$WG_TASK_ID" "I am at work"', "echo x > work.txt", '"$WG_BIN" done "$WG_TASK_ID"')
    bench.service.start()
    bench.service.await_status("t", "done")
    assert "I am at work" in bench.box.wg("log", "t").out


def test_a_claim_of_failure_fails_the_task(bench: Bench) -> None:
    bench.add("t", '"$WG_BIN" fail "$WG_TASK_ID" --reason "it cannot be done"')
    bench.service.start()
    assert "it cannot be done" in bench.service.await_status("t", "failed").reason


def test_the_time_limit_ends_all_of_it(bench: Bench) -> None:
    bench.add("t", "touch begun; setsid sleep 1008 & sleep 1008", timeout=4.0)
    bench.service.start()
    bench.service.await_status("t", "failed")
    outcome = bench.attempt("t").outcome
    assert outcome is not None
    assert outcome.failure_class == failures.TIMEOUT
    assert not sleepers(bench)


def test_kill_ends_all_of_it(bench: Bench) -> None:
    bench.add("t", "touch begun; setsid sleep 1008 & sleep 1008")
    bench.service.start()
    wait_for((bench.place / "begun").exists, "the command runs")
    bench.box.wg("kill", "t")
    outcome = bench.attempt("t").outcome
    assert outcome is not None
    assert outcome.failure_class == failures.KILLED
    assert bench.service.task("t").status == "failed"
    assert not sleepers(bench)


def sleepers(bench: Bench) -> list[str]:
    return [line for line in bench.box.command_lines() if line.startswith("sleep ")]


FULL = os.environ.get("WG_TEST_FULL") == "1"
TROUBLES = [
    ("status 401", failures.AUTH),
    ("status 429", failures.RATE_LIMIT),
    ("status 404", failures.MODEL_NOT_FOUND),
    ("status 500", failures.OVERLOAD),
][: None if FULL else 2]  # tests/faults has the real programs refused in each way


@pytest.mark.parametrize(("trouble", "failure"), TROUBLES, ids=[failure for _, failure in TROUBLES])
def test_a_refusal_of_the_provider_pauses_the_route_and_costs_no_attempt(
    bench: Bench, trouble: str, failure: str
) -> None:
    if bench.kind.name == "shell":
        bench.add("t", "exit 3")  # it has no provider: its own failure is all there is
        bench.service.start()
        bench.service.await_status("t", "failed")
        expected = failures.EXIT
    else:
        bench.add("t", trouble=trouble)
        bench.service.start()
        wait_for(lambda: paused(bench), "the route is paused")
        bench.service.await_status("t", "open")
        assert paused(bench) == failure
        expected = failure
    outcome = bench.attempt("t").outcome
    assert outcome is not None
    assert (outcome.succeeded, outcome.failure_class) == (False, expected)


def paused(bench: Bench) -> str:
    with bench.service.store() as store:
        return next((one.kind for one in store.route_pauses()), "")


def test_what_it_does_can_be_read(bench: Bench) -> None:
    bench.add("t", "echo a-word-to-find; echo x > work.txt")
    bench.service.start()
    bench.service.await_status("t", "done")
    shown = bench.box.wg("attach", "t").out
    assert "a-word-to-find" in shown
    assert '{"type"' not in shown
