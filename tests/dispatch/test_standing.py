"""How attempts stand."""

from __future__ import annotations

import pytest

from tests.graph.records import OUTCOME, PLACE, ROUTE
from wg import processes
from wg.dispatch.standing import standing
from wg.graph.attempt import Attempt, Kill

WISH = Kill("fail", "ann", "")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Attempt:
    monkeypatch.delenv("WG_ATTEMPT", raising=False)
    own = processes.own_identity()
    return Attempt(7, "t", "running", ROUTE, PLACE, own, 60.0, 100.0, 160.0, "", "", None, "")


def test_a_wish_to_end_it_is_told_until_it_has_ended(running: Attempt) -> None:
    assert standing(running) == "running"
    assert standing(running._replace(kill=WISH)) == "running, being killed by ann"
    assert standing(running._replace(state="claimed", supervisor=None, kill=WISH)) == "claimed, being killed by ann"
    assert standing(running._replace(state="settled", outcome=OUTCOME, kill=WISH)) == "settled"


def test_F04_a_supervisor_that_is_gone_is_told(running: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.supervisor is not None
    gone = running._replace(supervisor=running.supervisor._replace(started="1"), kill=WISH)
    assert "its supervisor is gone" in standing(gone)
    monkeypatch.setenv("WG_ATTEMPT", "7")
    assert standing(gone) == "running, being killed by ann"
