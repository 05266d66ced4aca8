"""The soak with the real codex and claude: their provider refuses, breaks off and is slow, and things are killed."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.clis import Clis
from tests.e2e.service_box import ServiceBox
from tests.harness import MARKER, Box
from tests.rehearsal import Rehearsal
from tests.soak.real import RealPlanner
from tests.soak.run import CONFIG, Rules, make_records, run

FULL = os.environ.get("WG_TEST_FULL") == "1"
TASKS = 20 if FULL else 10  # of both programs together
SEED = 20261125

pytestmark = pytest.mark.clis


def test_real_agents_get_everything_done(box: Box, clis: Clis, figure: Callable[[str], None]) -> None:
    own = {name: value for name, value in box.env.items() if name != MARKER}  # it is none of what must not be left
    with Rehearsal(box.root / "requests.jsonl", own) as rehearsal:
        service = ServiceBox(box)
        box.env |= rehearsal.codex_env(box.home / ".codex")
        box.env |= rehearsal.claude_env(box.home / ".claude")
        box.env["PATH"] = f"{clis.directory}:{box.env['PATH']}"
        records = make_records(service)
        # their own repeats would hide from wg what it is to see
        service.limit("codex", **CONFIG, route_pause_first="1s", route_pause_longest="2s", max_retries=0)
        planner = RealPlanner(SEED, str(records))
        done = run(service, planner, records, Rules(60.0, TASKS, SEED, kills=3.0))
        met = len(list(records.glob("*.trouble")))
    figure(f"soak with the real codex and claude: {met} refusals and cuts; {done.figures}")
    assert not done.problems, "\n".join((done.figures, *done.problems))
    assert met == sum("once" in one.new.description for one in planner.planned.values())
