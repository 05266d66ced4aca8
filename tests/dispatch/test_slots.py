"""Slots in all, and of each kind of agent."""

from __future__ import annotations

from tests.dispatch.records import DONE, ROUTE, attempt
from wg.config.load import Config
from wg.dispatch.slots import Slots, own_limits

CONFIG = Config("/c", b'[agent]\nmodel = "codex:m"\n[dispatcher]\nmax_agents = 3\n[executors.codex]\nmax_agents = 2\n')


def test_a_kind_has_its_own_limit_and_all_have_theirs() -> None:
    running = attempt(DONE)._replace(route=ROUTE)
    slots = Slots(CONFIG, [running])
    assert slots.has("codex")
    slots.take("codex")
    assert (slots.has("codex"), slots.has("claude"), slots.free) == (False, True, 1)
    slots.take("claude")
    assert (slots.has("claude"), slots.free) == (False, 0)


def test_without_a_limit_of_its_own_a_kind_is_not_listed() -> None:
    assert own_limits(CONFIG) == {"codex": 2}
